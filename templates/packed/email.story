{% include "_layout/greeting.words" %}

{% trans %}Your order is packed and waits for the carrier, who does not have it yet. So there is nothing to follow so far.{% endtrans %}

{% trans %}We’ll write when it’s on its way.{% endtrans %}
