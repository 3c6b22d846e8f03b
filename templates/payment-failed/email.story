{% include "_layout/greeting.words" %}

{% trans %}We could not take the payment for your order. You have not been charged, and your order is still with us.{% endtrans %}
{% if reason %}{% include "_layout/reason.words" %}{% endif %}

{% if pay_by %}{% trans date=pay_by|day|strong %}Please pay by {{ date }}.{% endtrans %}{% endif %}
{% if order.url %}{% trans %}Please try again on the page of your order, or reply to this mail and a person will help you.{% endtrans %}{% else %}{% trans %}To try again, or to pay in another way, reply to this mail and a person will help you.{% endtrans %}{% endif %}
