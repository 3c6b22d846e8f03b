{% include "_layout/greeting.words" %}

{% if declared %}{% trans %}We’re sorry to write this again: your order will be later than we told you.{% endtrans %} {% include "_layout/reason.words" %}

{% include "delayed/dates.words" %}
{% else %}{% include "delayed/unrecorded.words" %}
{% endif %}

{% include "_layout/choice.words" %}
