{% include "_layout/greeting.words" %}

{% trans reason=note|clause %}Your order isn’t ready to ship yet, and you should know why: {{ reason }}.{% endtrans %}

{% if expected_by %}{% trans date=expected_by|day|strong %}We expect to know more by {{ date }}.{% endtrans %}{% else %}{% trans %}We don’t know yet how long it will take.{% endtrans %}{% endif %}
{% include "_layout/doubt.words" %}

{% include "_layout/charged.words" %}
{% if offers_choice %}{% include "_layout/choice.words" %}{% endif %}
