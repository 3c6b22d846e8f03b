{% include "_layout/greeting.words" %}

{% if says_cancelled %}{% trans %}Your order has been cancelled.{% endtrans %}{% endif %}
{% trans amount=amount|money|strong %}We have refunded {{ amount }} to you.{% endtrans %}
{% if whole %}{% trans %}With that, you have all your money back.{% endtrans %}{% else %}{% trans %}It is a part of what you paid.{% endtrans %}{% endif %}
{% if reason %}{% include "_layout/reason.words" %}{% endif %}

{% trans %}Your bank may take a few days to show it. If it still isn’t there then, reply to this mail and a person will look into it.{% endtrans %}
