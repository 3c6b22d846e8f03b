{% include "_layout/greeting.words" %}

{% trans %}Good news: your parcel is on its way again.{% endtrans %}
{% if parcel and parcel.scanned_at and parcel.location %}{% trans moment=parcel.scanned_at|moment|strong, place=parcel.location %}The carrier scanned it on {{ moment }}, here: {{ place }}.{% endtrans %}{% elif parcel and parcel.scanned_at %}{% trans moment=parcel.scanned_at|moment|strong %}The carrier scanned it on {{ moment }}.{% endtrans %}{% endif %}

{% if dates.deliver_by %}{% trans date=dates.deliver_by|day|strong %}It should be with you by {{ date }}.{% endtrans %}{% else %}{% trans %}We don’t know the new date yet.{% endtrans %}{% endif %}
