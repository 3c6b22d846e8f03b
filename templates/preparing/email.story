{% include "_layout/greeting.words" %}

{% trans %}We have begun to make your order ready, and it takes a while.{% endtrans %}
{% if dates.ship_by %}{% trans date=dates.ship_by|day|strong %}It should ship by {{ date }}.{% endtrans %}{% endif %}

{% trans %}There’s nothing for you to do. We’ll write when it ships.{% endtrans %}
