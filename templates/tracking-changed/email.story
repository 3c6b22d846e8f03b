{% include "_layout/greeting.words" %}

{% if former_code %}{% trans code=parcel.code|strong, old=former_code %}Your parcel has a new tracking number: {{ code }}. Please don’t use the old one any more, which was {{ old }}.{% endtrans %}{% else %}{% trans code=parcel.code|strong %}Your parcel has a tracking number now: {{ code }}.{% endtrans %}{% endif %}
{% trans %}It’s the same parcel, and nothing else about it has changed.{% endtrans %}

{% if dates.deliver_by %}{% trans date=dates.deliver_by|day|strong %}It should be with you by {{ date }}.{% endtrans %}{% endif %}
