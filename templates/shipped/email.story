{% include "_layout/greeting.words" %}

{% if which == "part" %}{% trans %}A part of your order is on its way to you. The rest follows, and we’ll write again when it ships.{% endtrans %}
{% elif which == "rest" %}{% trans %}The rest of your order is on its way to you. With that, everything has shipped.{% endtrans %}
{% else %}{% trans %}Good news: your order is on its way to you.{% endtrans %}
{% endif %}

{% if dates.deliver_by %}{% trans date=dates.deliver_by|day|strong %}It should be with you by {{ date }}.{% endtrans %}{% endif %}
