{% include "_layout/greeting.words" %}

{% if implied %}{% trans %}Your order has taken longer than thirty days, and we have not recorded that it arrived. We are sorry.{% endtrans %}
{% else %}{% trans date=missed|day|strong %}We told you that your order would be with you by {{ date }}. We have not recorded that it arrived, and we are sorry.{% endtrans %}
{% endif %} {% trans %}If it is there, all is well.{% endtrans %}

{% trans %}We have no reason to give you yet.{% endtrans %} {% trans %}We do not know the new date yet.{% endtrans %}
{% include "holding/fact.words" %}

{% include "_layout/choice.words" %}
