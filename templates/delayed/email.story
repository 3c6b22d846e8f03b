{% include "_layout/greeting.words" %}

{% if declared %}{% trans %}We’re sorry: your order will be late.{% endtrans %} {% include "_layout/reason.words" %}

{% include "delayed/dates.words" %}{% if not new_ship_by and not new_deliver_by %} {% include "holding/awaited.words" %}{% endif %}
{% else %}{% include "delayed/unrecorded.words" %}
{% endif %}

{% include "_layout/charged.words" %}
{% if offers_choice %}{% include "_layout/choice.words" %}{% endif %}
{% if offers_choice and option %}{% include "_layout/option.words" %}{% endif %}
