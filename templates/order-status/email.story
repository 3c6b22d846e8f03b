{% include "_layout/greeting.words" %}

{% trans %}You asked where your order is.{% endtrans %}

{% include "order-status/state.words" %}
{% if not order.is_ended %}{% include "holding/awaited.words" %}{% endif %}
