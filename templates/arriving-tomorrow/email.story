{% include "_layout/greeting.words" %}

{% if dates.deliver_by %}{% trans date=dates.deliver_by|day|strong %}Your parcel should be with you tomorrow, {{ date }}.{% endtrans %}{% else %}{% trans %}Your parcel should be with you tomorrow.{% endtrans %}{% endif %} {% trans %}It helps if somebody is at home.{% endtrans %}
