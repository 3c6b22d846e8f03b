{% include "_layout/greeting.words" %}

{% if order.total %}{% trans amount=order.total|money|strong %}Your payment of {{ amount }} has not reached us yet, so your order is still waiting.{% endtrans %}{% else %}{% trans %}Your payment has not reached us yet, so your order is still waiting.{% endtrans %}{% endif %}
{% trans %}If you have paid already, all is well: some payments take a few days to arrive.{% endtrans %}

{% if order.url %}{% trans %}If not, you can pay on the page of your order, or reply to this mail and a person will help you.{% endtrans %}{% else %}{% trans %}If not, reply to this mail and a person will tell you how to pay.{% endtrans %}{% endif %}
{% trans %}If you no longer want it, reply to this mail; you pay nothing.{% endtrans %}
