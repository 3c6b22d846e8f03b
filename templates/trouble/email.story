{% include "_layout/greeting.words" %}

{% if what == "damaged" %}{% trans %}The carrier reports that your parcel was damaged on its way. We’re sorry.{% endtrans %}
{% elif what == "lost" %}{% trans %}The carrier reports that a parcel of your order is lost. We’re sorry.{% endtrans %}
{% elif what == "return_to_sender" %}{% trans %}The carrier reports that your parcel is on its way back to us, and not to you. We’re sorry.{% endtrans %}
{% elif what == "delayed" %}{% trans %}The carrier reports that your parcel will be late. We’re sorry.{% endtrans %}
{% else %}{% trans %}The carrier reports a problem with your parcel. We’re sorry.{% endtrans %}
{% endif %}
{% if detail %}{% trans detail=detail|clause %}The carrier says: {{ detail }}.{% endtrans %}{% else %}{% trans %}The carrier has given us no reason.{% endtrans %}{% endif %}

{% trans %}We don’t know the new date yet.{% endtrans %}
{% if not offers_choice %}{% include "_layout/doubt.words" %}{% endif %}

{% if offers_choice %}{% if offer == "refund" %}{% trans %}We offer you your money back. Reply to this mail and we’ll see to it.{% endtrans %}
{% elif offer == "replacement" %}{% trans %}We offer to send it to you again. Reply to this mail and we’ll see to it.{% endtrans %}
{% else %}{% trans %}Reply to this mail and tell us what you would like, and a person will settle it with you.{% endtrans %}
{% endif %}
{% else %}{% if next_word %}{% trans %}We’re keeping an eye on it, and you hear from us either way.{% endtrans %}{% endif %}
{% endif %}
