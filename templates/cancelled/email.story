{% include "_layout/greeting.words" %}

{% if whole and under_way %}{% trans %}Your order has been cancelled.{% endtrans %}
{% elif whole %}{% trans %}Your order has been cancelled and will not come.{% endtrans %}
{% else %}{% trans goods=lines|goods|strong %}A part of your order has been cancelled and will not come. It’s this: {{ goods }}.{% endtrans %}
{% endif %}
{% if by == "shop" %}{% trans %}We’re sorry.{% endtrans %}{% endif %}
{% if reason and reason|lower == "unavailable" %}{% trans %}The reason: it’s no longer available.{% endtrans %}
{% elif reason %}{% include "_layout/reason.words" %}
{% endif %}

{% include "cancelled/money.words" %}

{% if under_way %}{% trans %}A parcel of it is already on its way to you. Reply to this mail and a person will tell you what to do with it.{% endtrans %}{% endif %}
