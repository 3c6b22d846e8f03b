{% include "_layout/greeting.words" %}

{% if answer_by %}{% trans date=answer_by|day|strong %}Your question has reached us, and a person will answer you by {{ date }}.{% endtrans %}{% else %}{% trans %}Your question has reached us, and a person will answer you.{% endtrans %}{% endif %}
{% trans %}Until then, this is what we can tell you:{% endtrans %}

{% include "order-status/state.words" %}
{% if not order.is_ended %}{% include "holding/awaited.words" %}{% endif %}

{% include "_layout/charged.words" %}
