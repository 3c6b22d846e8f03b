{% include "_layout/greeting.words" %}

{% trans %}We could not take the payment for your order. You have not been charged, and your order is still with us.{% endtrans %}
{% if reason %}{% include "_layout/reason.words" %}{% endif %}

{% if pay_by %}{% trans date=pay_by|day|strong %}Please pay by {{ date }}.{% endtrans %}{% endif %}
{% if order.url %}{% trans %}Try it again on the page of your order, or reply to this mail, and a person helps you.{% endtrans %}{% else %}{% trans %}To try it again or in another way, reply to this mail, and a person helps you.{% endtrans %}{% endif %}
