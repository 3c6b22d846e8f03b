{% include "_layout/greeting.words" %}

{% if parcel and parcel.scanned_at %}{% trans moment=parcel.scanned_at|moment %}The carrier tried to bring your parcel on {{ moment }}, and could not hand it over.{% endtrans %}{% else %}{% trans %}The carrier tried to bring your parcel, and could not hand it over.{% endtrans %}{% endif %}
{% if detail %}{% trans detail=detail|clause %}The carrier says: {{ detail }}.{% endtrans %}{% endif %}

{% if again_by %}{% trans date=again_by|day|strong %}It should now be with you by {{ date }}.{% endtrans %}{% else %}{% trans %}The carrier has not told us when it comes again. It may have left a card at your door that says where the parcel is.{% endtrans %}{% endif %}

{% trans %}If the address is wrong, or nobody can be at home, reply to this mail and a person will help you.{% endtrans %}
