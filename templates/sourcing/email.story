{% include "_layout/greeting.words" %}

{% trans %}Your order needs a little more of our attention, and you should know why.{% endtrans %} {% trans reason=note|clause %}The reason: {{ reason }}.{% endtrans %}

{% if expected_by %}{% trans date=expected_by|day|strong %}We expect to know more by {{ date }}.{% endtrans %}{% else %}{% trans %}We do not know yet how long it takes.{% endtrans %}{% endif %}

{% include "_layout/choice.words" %}
