{% include "_layout/greeting.words" %}

{% trans goods=missing|goods|strong %}We are sorry: something you ordered is out of stock. It is this: {{ goods }}.{% endtrans %}
{% include "_layout/reason.words" %}

{% if expected_by %}{% trans date=expected_by|day|strong %}We expect to have it again by {{ date }}.{% endtrans %}{% else %}{% trans %}We do not know yet when we will have it again.{% endtrans %}{% endif %}

{% include "_layout/choice.words" %}
