{% include "_layout/greeting.words" %}

{% if expected %}{% trans %}You want to send something back, and we expect it.{% endtrans %}{% elif lines %}{% trans %}What you sent back has reached us.{% endtrans %}{% else %}{% trans %}Your order has come back to us.{% endtrans %}{% endif %}
{% if lines %}{% trans goods=lines|goods|strong %}It’s this: {{ goods }}.{% endtrans %}{% endif %}

{% if expected %}{% trans %}We’ll write when it has reached us. If you don’t know how to send it, reply to this mail and a person will tell you.{% endtrans %}
{% else %}{% if order.is_refunded %}{% trans %}What you paid has already been refunded.{% endtrans %}
{% elif order.is_charged and money_by %}{% trans date=money_by|day|strong %}You get back what you paid for it by {{ date }}, and we’ll write when it’s on its way.{% endtrans %}
{% elif order.is_charged %}{% trans %}You get back what you paid for it, and we’ll write when it’s on its way.{% endtrans %}
{% endif %}
{% endif %}
