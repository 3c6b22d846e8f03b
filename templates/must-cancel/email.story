{% include "_layout/greeting.words" %}

{% include "must-cancel/why.words" %}

{% include "must-cancel/money.words" %}

{% if why != "asked" %}{% trans %}If you would like to have it all the same, reply to this mail, and a person will talk with you about a new order.{% endtrans %}{% endif %}
