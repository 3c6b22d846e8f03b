{% include "_layout/greeting.words" %}

{% trans %}Your parcel is packed, but the carrier has not told us that it has picked it up.{% endtrans %}
{% if packed_at %}{% trans date=packed_at|day|strong %}The last we know: it was packed on {{ date }}.{% endtrans %}{% endif %}

{% include "holding/awaited.words" %}
{% trans %}We can’t give you a reason yet.{% endtrans %} {% trans %}We don’t know the new date yet.{% endtrans %}
{% include "_layout/doubt.words" %}

{% include "_layout/charged.words" %}
{% if offers_choice %}{% include "_layout/choice.words" %}{% endif %}
