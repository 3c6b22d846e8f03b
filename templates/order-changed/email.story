{% include "_layout/greeting.words" %}

{% trans %}Something about your order has changed. Please see whether it’s as you want it.{% endtrans %}

{% if "items" in changed and items_before %}{% trans goods=items_before|goods %}Before: {{ goods }}.{% endtrans %}{% endif %}
{% if "items" in changed %}{% trans goods=items_now|goods|strong %}Now: {{ goods }}.{% endtrans %}{% endif %}

{% if total_before and order.total %}{% trans before=total_before|money, now=order.total|money|strong %}The total was {{ before }} and is {{ now }} now.{% endtrans %}{% endif %}
{% if difference and difference.is_less %}{% trans amount=difference|money %}That is {{ amount }} less.{% endtrans %}{% elif difference %}{% trans amount=difference|money %}That is {{ amount }} more.{% endtrans %}{% endif %}

{% if "destination" in changed and order.destination %}{% trans place=order.destination.short|strong %}It goes to {{ place }} now.{% endtrans %}{% endif %}
{% if new_ship_by %}{% trans date=new_ship_by|day|strong %}We now expect to ship it by {{ date }}.{% endtrans %}{% endif %}
{% if new_deliver_by %}{% trans old=deliver_by_told|day, new=new_deliver_by|day|strong %}We told you that it would be with you by {{ old }}. It should now be with you by {{ new }}.{% endtrans %}{% endif %}

{% trans %}If this isn’t what you wanted, reply to this mail and a person will put it right.{% endtrans %}
