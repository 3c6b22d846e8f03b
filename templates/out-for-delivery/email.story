{% include "_layout/greeting.words" %}

{% trans %}Your parcel is out for delivery. The carrier expects to hand it over today. It helps if somebody is at home.{% endtrans %}
