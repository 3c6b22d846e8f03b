{% include "_layout/greeting.words" %}

{% if order.paid %}{% trans amount=order.paid|money %}Thank you. Your payment of {{ amount }} has reached us.{% endtrans %}{% else %}{% trans %}Thank you. Your payment has reached us.{% endtrans %}{% endif %}

{% if order.state == "part_shipped" %}{% trans %}There’s nothing more for you to do. We’ll write when the rest ships.{% endtrans %}
{% elif not order.is_wholly_shipped %}{% trans %}There’s nothing more for you to do. We’ll write when your order ships.{% endtrans %}{% endif %}
