{% include "_layout/greeting.words" %}

{% trans %}Thank you. Your order has reached us safely.{% endtrans %}

{% if order.is_cancelled %}{% trans %}It has been cancelled since.{% endtrans %}
{% elif not order.is_ended and not order.is_wholly_shipped %}{% trans %}We’ll write when it ships. If anything holds it up, we’ll write about that too, and tell you why as far as we know it. You won’t have to ask.{% endtrans %}{% endif %}
