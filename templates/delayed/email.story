{% include "_layout/greeting.words" %}

{% if declared %}{% trans %}We’re sorry: your order will be late.{% endtrans %} {% include "_layout/reason.words" %}

{% include "delayed/dates.words" %}
{% else %}{% include "delayed/unrecorded.words" %}
{% endif %}

{% include "_layout/choice.words" %}
