{% include "_layout/greeting.words" %}

{% trans %}You asked where your order is.{% endtrans %}

{% include "order-status/state.words" %}
