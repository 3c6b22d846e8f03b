{% include "_layout/greeting.words" %}

{% trans %}Thank you. Your order has reached us, and this is the receipt for it.{% endtrans %}

{% trans %}We write when it ships. And if something keeps it back, we write too, with the reason as far as we know it: you will not have to ask.{% endtrans %}
