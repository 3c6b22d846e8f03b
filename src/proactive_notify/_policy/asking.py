"""
How people ask where their order is, as data for ``words.py``. Folded as in ``sayings.py``, and written as there.

A whole sentence has to be of this form: "Where is my order? I moved." needs a person. ``<g>`` stands for what is
ordered, with a number or without, ``<e>`` for what may follow.
"""

from collections.abc import Mapping

#: Name → what it stands for.
NAMES: Mapping[str, str] = {
    "<g>": r"""
        (?:(?:my|the|our|this) )?(?:orders?|packages?|parcels?|delivery|shipment|stuff|items?|purchase|pkg
        |things)(?: (?:number |no |nr )?(?:[a-z]{1,4} )?[a-z]{0,4}\d{1,20}[a-z]{0,4}\b)?
    """,
    "<e>": r"(?: (?:today|yet|already|right|then|at|so far|exactly|[a-z]{0,4}\d{1,20}[a-z]{0,4}\b)){0,6}$",
}

#: The whole sentence.
STATUS_ALONE = frozenset(
    each.strip()
    for each in """
    status | order status | my order status | delivery status | track | tracking | track order | track my order |
    where is it | wheres it | wismo | estado | estado del pedido | estado de mi pedido | rastreo | seguimiento |
    donde esta | estado do pedido | status do pedido | rastreio | rastrear | statut | suivi | statut de ma commande |
    suivi de commande | lieferstatus | bestellstatus | sendungsstatus | sendungsverfolgung | stato | stato ordine |
    stato dellordine | tracciamento | bestelstatus | orderstatus | ordrestatus | tila | stav | stav objednavky |
    durum | статус | статус заказа | где заказ | де замовлення | 配送状況 | 状态 | 订单状态 | 배송조회 | حالة الطلب
    """.split("|")
)

#: The same with more words.
STATUS = r"""
^(?:(?:is there|got|have you|do you have|whats|what is|give me|can i get|could i get|can you give me|i need
    |i want) )?(?:any |an |the |some )?(?:updates?|news|status|tracking)(?: (?:on|about|of|for|regarding) <g>)?<e>
^(?:so |and )?(?:wh?ere?|wheres|where the hell|where on earth)(?: is| are| s| r)? <g><e>
^(?:do you know |can you tell me |tell me )?where <g> is<e>
^(?:so |and )?when (?:will|does|do|is|are|can|should)(?: i| we| you)?(?: <g>| it| they| this)?(?: going to| gonna
    | get| be)* (?:arrive|arriving|ship|shipped|shipping|come|coming|delivered|delivering|deliver|here|expect
    |receive)(?: <g>| it)?<e>
^(?:has|is|did|have|was)(?: <g>| it| you| they)? (?:been |already |even |finally )*(?:ship|shipped|sent|left
    |dispatched|on its way|on the way|coming|arrived|delivered)(?: out)?(?: <g>| it)?<e>
^(?:how long|how much longer) (?:will|until|till|does)(?: it| <g>)?(?: take| arrives?| comes?)*<e>
^(?:y )?donde (?:esta|anda|viene|se encuentra|quedo)(?: mi| el)? (?:pedido|paquete|orden|envio|compra)<e>
^(?:y )?cuando (?:llega|llegara|me llega|va a llegar|envian|sale|recibo)(?: mi| el)?(?: pedido| paquete| orden| envio
    | compra)?<e>
^(?:e )?(?:cade|onde (?:esta|anda|ta|fica)|kd)(?: o| a)?(?: meu| minha)? (?:pedido|encomenda|pacote|compra|entrega)<e>
^(?:e )?quando (?:chega|vai chegar|chegara|envia|sai|recebo)(?: o| a)?(?: meu| minha)?(?: pedido| encomenda| pacote
    | compra)?<e>
^ou (?:est|en est|se trouve|sont)(?: ma| mon| mes)? (?:commandes?|colis|livraison|paquet)<e>
^quand (?:arrive|arrivera|est ce qu(?:e|i) arrive|vais je recevoir|sera livree?)(?: ma| mon)?(?: commande| colis
    | livraison| paquet)?<e>
^wo (?:ist|bleibt|steckt|liegt)(?: denn)?(?: mein| meine| das| die)? (?:paket|bestellung|sendung|lieferung|ware
    |packchen)<e>
^wann (?:kommt|kommen|wird|erhalte ich|bekomme ich|trifft)(?: denn)?(?: mein| meine| das| die| es)?(?: paket
    | bestellung| sendung| lieferung| ware)?(?: an| geliefert| verschickt| ein)?<e>
^dov ?e(?: finito| sta)?(?: il)?(?: mio)? (?:ordine|pacco|spedizione)<e>
^quando (?:arriva|arrivera|parte|ricevo|verra consegnato)(?: il)?(?: mio)?(?: ordine| pacco)?<e>
^waar (?:is|blijft)(?: mijn| de| het)? (?:bestelling|pakket|pakketje|order|zending)<e>
^wanneer (?:komt|wordt|arriveert|krijg ik)(?: mijn| de| het)?(?: bestelling| pakket| pakketje| order)?(?: aan
    | bezorgd| geleverd)?<e>
^(?:var|hvor) (?:ar|er|blir|bliver)(?: min| mitt| mit)? (?:order|bestallning|paket|pakke|ordre|bestilling|pakken
    |ordren)(?: min)?<e>
^(?:nar|hvornar) (?:kommer|ankommer)(?: min| mitt| mit)? (?:order|bestallning|paket|pakke|ordre|bestilling|pakken)<e>
^missa (?:minun )?(?:tilaukse|pakett|lahetykse)\w* on<e>
^gdzie (?:jest|sa)(?: moje| moja| moj)? (?:zamowienie|paczka|przesylka)<e>|^kde (?:je
    |mam) (?:moje |moj )?(?:objednavka|zasilka|balik)<e>
^kiedy (?:dojdzie|przyjdzie|bedzie|dotrze)(?: moje| moja)? (?:zamowienie|paczka|przesylka)<e>
^(?:siparisim|kargom|paketim) nerede<e>|^(?:siparisim|kargom|paketim) ne zaman (?:gelecek|gelir)<e>
^(?:где|де) (?:мой |моя |моє )?(?:заказ|посылка|посилка|замовлення)<e>
    |^когда (?:придет |будет |привезут )(?:мой |моя )?(?:заказ|посылка|посылку)<e>
^που (?:ειναι|βρισκεται) η (?:παραγγελια|αποστολη) μου<e>
^(?:注文|荷物)(?:した商品)?(?:は|が)?(?:今)?どこ(?:ですか)?$|^我的(?:订单
    |包裹)(?:在|到)哪(?:里|儿)?了?$
^(?:주문|택배)\S* 어디\S*$|^(?:أين|وين) (?:طلبي|طلبيتي|شحنتي)$
"""
