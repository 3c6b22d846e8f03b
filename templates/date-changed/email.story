{% include "_layout/greeting.words" %}

{% if earlier %}{% trans %}A little good news: your order should arrive earlier.{% endtrans %}{% else %}{% trans %}We’re sorry: your order should arrive later than we said.{% endtrans %}{% endif %}

{% trans new=new|day|strong, old=old|day %}It should now be with you by {{ new }}, and not by {{ old }} as we told you.{% endtrans %}
