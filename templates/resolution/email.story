{% include "_layout/greeting.words" %}

{% if lost %}{% trans %}The carrier reports that your parcel is lost. We are sorry. You need not wait for it any longer.{% endtrans %}
{% else %}{% trans %}Your order has not reached you, as far as we know, and we do not want you to wait any longer. We are sorry.{% endtrans %}
{% endif %}

{% trans %}From here on it is people, not automatic mails, who look after your order.{% endtrans %}
{% if offer == "refund" %}{% trans %}We offer you your money back. Reply to this mail, and we see to it.{% endtrans %}
{% elif offer == "replacement" %}{% trans %}We offer to send it to you again. Reply to this mail, and we see to it.{% endtrans %}
{% else %}{% trans %}Reply to this mail and tell us what you would like, and a person settles it with you.{% endtrans %}
{% endif %}

{% trans %}Whatever you choose, the law is on your side: you may cancel an order that does not arrive, and get back what you paid for it.{% endtrans %}
