{% include "_layout/greeting.words" %}

{% if parcel and parcel.shipped_at %}{% trans date=parcel.shipped_at|day|strong %}Your parcel was handed to the carrier on {{ date }}, as far as we know. The carrier has reported nothing of it.{% endtrans %}{% else %}{% trans %}The carrier has reported nothing of your parcel so far.{% endtrans %}{% endif %}

{% trans %}The number that we gave you may be wrong, or the parcel may not have been scanned. We can’t tell yet which it is.{% endtrans %}
{% include "holding/awaited.words" %} {% trans %}We don’t know the new date yet.{% endtrans %}
{% include "_layout/doubt.words" %}
{% if next_word %}{% trans %}We’re keeping an eye on it, and you hear from us either way.{% endtrans %}{% endif %}
