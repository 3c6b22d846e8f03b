{% include "_layout/greeting.words" %}

{% if lost %}{% trans %}The carrier reports that your parcel is lost. We’re sorry. You don’t have to wait for it any longer.{% endtrans %}
{% else %}{% trans %}As far as we know, your order has not reached you, and we don’t want you to wait any longer. We’re sorry.{% endtrans %}
{% endif %}

{% trans %}From here on, people look after your order, not automatic mails.{% endtrans %}
{% if offer == "refund" %}{% trans %}We offer you your money back. Reply to this mail and we’ll see to it.{% endtrans %}
{% elif offer == "replacement" %}{% trans %}We offer to send it to you again. Reply to this mail and we’ll see to it.{% endtrans %}
{% else %}{% trans %}Reply to this mail and tell us what you would like, and a person will settle it with you.{% endtrans %}
{% endif %}

{% trans %}Whatever you choose, the law is on your side: you may cancel an order that does not arrive, and get back what you paid for it.{% endtrans %}
