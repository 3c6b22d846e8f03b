{% include "_layout/greeting.words" %}

{% trans %}Your parcel cannot go on before something is done that only you can do.{% endtrans %}
{% if detail %}{% trans detail=detail|clause|strong %}The carrier says: {{ detail }}.{% endtrans %}{% else %}{% trans %}The carrier has not told us what it is.{% endtrans %}{% endif %}
{% if place %}{% trans place=place|clause %}The parcel is here: {{ place }}.{% endtrans %}{% endif %}

{% if parcel and parcel.url %}{% trans %}The carrier’s page about the parcel should say how; the link is below.{% endtrans %}{% endif %}
{% trans %}We don’t know how long the carrier keeps it, so please don’t wait long.{% endtrans %}

{% trans %}If you are not sure what to do, or have done it already, reply to this mail and a person will help you.{% endtrans %}
