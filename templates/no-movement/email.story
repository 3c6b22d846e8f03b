{% include "_layout/greeting.words" %}

{% if parcel and parcel.scanned_at and parcel.location %}{% trans moment=parcel.scanned_at|moment|strong, place=parcel.location %}The carrier last scanned your parcel on {{ moment }}, here: {{ place }}. We have heard nothing of it since.{% endtrans %}
{% elif parcel and parcel.scanned_at %}{% trans moment=parcel.scanned_at|moment|strong %}The carrier last scanned your parcel on {{ moment }}. We have heard nothing of it since.{% endtrans %}
{% else %}{% trans %}We have heard nothing of your parcel for some days.{% endtrans %}
{% endif %}

{% trans %}It may be moving without being scanned. We can’t tell yet, so we won’t promise it.{% endtrans %}
{% include "holding/awaited.words" %}
{% include "_layout/doubt.words" %}
{% if next_word %}{% trans %}We’re keeping an eye on it, and you hear from us either way.{% endtrans %}{% endif %}
