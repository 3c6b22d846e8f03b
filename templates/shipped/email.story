{% include "_layout/greeting.words" %}

{% if which == "part" %}{% trans %}A part of your order has left us. The rest follows, and we write again when it does.{% endtrans %}
{% elif which == "rest" %}{% trans %}The rest of your order has left us. With that, all of it is on its way or with you already.{% endtrans %}
{% else %}{% trans %}Good news: your order has left us.{% endtrans %}
{% endif %}

{% if dates.deliver_by %}{% trans date=dates.deliver_by|day|strong %}It should be with you by {{ date }}.{% endtrans %}{% endif %}
