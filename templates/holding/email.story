{% include "_layout/greeting.words" %}

{% if about == "answer_by" %}{% trans %}You asked us something, and we’ve taken longer to answer than we wanted. We’re sorry.{% endtrans %}
{% elif about == "refund_by" %}{% trans %}Your refund should have been made by now, and we have not recorded it. We’re sorry.{% endtrans %}
{% elif about == "collect_by" %}{% if parcel and parcel.waits_at %}{% trans place=parcel.waits_at %}Your parcel was waiting for you here: {{ place }}.{% endtrans %}{% else %}{% trans %}Your parcel was waiting for you to collect it.{% endtrans %}{% endif %} {% trans %}We have not recorded that you have it. If you do, all is well. If not, reply to this mail and a person will help you.{% endtrans %}
{% elif about != "decide_by" %}{% trans %}There’s nothing new to tell you yet, and we didn’t want to leave you wondering.{% endtrans %}
{% endif %}

{% include "holding/awaited.words" %}
{% include "holding/fact.words" %}

{% if about in ("news_by", "decide_by") %}{% include "_layout/charged.words" %}{% endif %}
{% if offers_choice %}{% include "_layout/choice.words" %}{% endif %}
{% if option %}{% include "_layout/option.words" %}{% endif %}
