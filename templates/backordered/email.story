{% include "_layout/greeting.words" %}

{% trans goods=missing|goods|strong %}We’re sorry: this is out of stock for now: {{ goods }}.{% endtrans %}
{% include "_layout/reason.words" %}

{% if expected_by %}{% trans date=expected_by|day|strong %}We expect to have it again by {{ date }}.{% endtrans %}{% else %}{% trans %}We don’t know yet when we’ll have it again.{% endtrans %}{% endif %}
{% include "_layout/doubt.words" %}

{% include "_layout/charged.words" %}
{% if offers_choice %}{% include "_layout/choice.words" %}{% endif %}
