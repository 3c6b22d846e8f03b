{% include "_layout/greeting.words" %}

{% if parcel and parcel.scanned_at and parcel.location %}{% trans moment=parcel.scanned_at|moment|strong, place=parcel.location %}The carrier last scanned your parcel on {{ moment }}, here: {{ place }}. We have heard nothing of it since.{% endtrans %}
{% elif parcel and parcel.scanned_at %}{% trans moment=parcel.scanned_at|moment|strong %}The carrier last scanned your parcel on {{ moment }}. We have heard nothing of it since.{% endtrans %}
{% else %}{% trans %}We have heard nothing of your parcel for some days.{% endtrans %}
{% endif %}

{% trans %}We wrote to you about it before. It may be lost; we can’t tell yet. We’re sorry.{% endtrans %}
{% include "holding/awaited.words" %}
{% trans %}We don’t know the new date yet.{% endtrans %}
{% include "_layout/doubt.words" %}

{% if offer == "refund" %}{% trans %}We offer you your money back. Reply to this mail and we’ll see to it.{% endtrans %}
{% elif offer == "replacement" %}{% trans %}We offer to send it to you again. Reply to this mail and we’ll see to it.{% endtrans %}
{% else %}{% trans %}Reply to this mail and tell us what you would like, and a person will settle it with you.{% endtrans %}
{% endif %}
