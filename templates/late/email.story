{% include "_layout/greeting.words" %}

{% if implied %}{% trans %}Your order has taken longer than thirty days, and we have not recorded that it arrived. We’re sorry.{% endtrans %}
{% else %}{% trans date=missed|day|strong %}We told you that your order would be with you by {{ date }}. We have not recorded that it arrived, and we’re sorry.{% endtrans %}
{% endif %} {% trans %}If it’s with you already, all is well.{% endtrans %}

{% trans %}We can’t give you a reason yet.{% endtrans %} {% trans %}We don’t know the new date yet.{% endtrans %}
{% include "holding/fact.words" %} {% include "holding/awaited.words" %}

{% include "_layout/charged.words" %}
{% if offers_choice %}{% include "_layout/choice.words" %}{% endif %}
