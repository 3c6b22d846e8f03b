{% include "_layout/greeting.words" %}

{% if earlier %}{% trans new=new|day|strong, old=old|day %}A little good news: your order should now be with you by {{ new }}, and not by {{ old }} as we told you.{% endtrans %}{% else %}{% trans new=new|day|strong, old=old|day %}We’re sorry: your order should now be with you by {{ new }}, and not by {{ old }} as we told you.{% endtrans %}{% endif %}
