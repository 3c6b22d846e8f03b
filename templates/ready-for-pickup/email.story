{% include "_layout/greeting.words" %}

{% if order.still_to_come %}{% trans %}A part of your order is ready for you to collect.{% endtrans %}{% else %}{% trans %}Your order is ready for you to collect.{% endtrans %}{% endif %}
{% if place %}{% trans place=place|clause|strong %}It waits for you here: {{ place }}.{% endtrans %}{% endif %}

{% if parcel and parcel.collect_until %}{% trans date=parcel.collect_until|day|strong %}Please collect it by {{ date }}.{% endtrans %}{% else %}{% trans %}We don’t know how long it is kept, so please don’t wait long.{% endtrans %}{% endif %}
{% if pickup_code %}{% trans code=pickup_code|strong %}Show this code there: {{ code }}.{% endtrans %}{% endif %}
{% if parcel and parcel.code %}{% trans code=parcel.code|strong %}The number of the parcel: {{ code }}.{% endtrans %}{% endif %}
{% trans %}Bring this mail, and something that shows who you are.{% endtrans %}

{% trans %}If you can’t come, reply to this mail and a person will help you.{% endtrans %}
