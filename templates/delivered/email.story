{% include "_layout/greeting.words" %}

{% if collected %}{% trans %}You have collected your order. We hope you love it.{% endtrans %}
{% elif whole %}{% trans %}Your order has arrived. We hope you love it.{% endtrans %}
{% else %}{% trans %}A part of your order has arrived. The rest is still to come.{% endtrans %}
{% if parcel and parcel.items %}{% trans goods=parcel.items|goods|strong %}This has arrived: {{ goods }}.{% endtrans %}{% endif %}
{% endif %}

{% if parcel and parcel.delivered_at and not collected %}{% trans moment=parcel.delivered_at|moment %}Delivered on {{ moment }}.{% endtrans %}{% endif %}
{% if place %}{% trans place=place %}Left at: {{ place }}.{% endtrans %}{% endif %}
{% if received_by %}{% trans name=received_by %}Received by: {{ name }}.{% endtrans %}{% endif %}

{% trans %}If it isn’t there, or something is wrong with it, reply to this mail and a person will look into it.{% endtrans %}
