{% include "_layout/greeting.words" %}

{% trans %}Your order is packed and waiting for the carrier to pick it up, so there is nothing to follow yet.{% endtrans %}

{% trans %}We’ll write when it’s on its way.{% endtrans %}
