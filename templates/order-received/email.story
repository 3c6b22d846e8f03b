{% include "_layout/greeting.words" %}

{% trans %}Thank you. Your order has reached us safely.{% endtrans %}

{% trans %}We’ll write when it ships. If anything holds it up, we’ll write about that too, and tell you why as far as we know it. You won’t have to ask.{% endtrans %}
