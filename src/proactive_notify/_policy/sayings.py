"""
How people say in a sentence that they want no more, and how they say something that only sounds like it.

Each line of a block is a pattern, and one that is set in goes on with the one before. All are folded as texts are
(``words.py``), so they may be written with their accents. What stands in ``<…>`` is another block: ``<m>`` any word
for a message, ``<d>`` and ``<s>`` small words before one, ``<x>`` what may follow "write to me", ``<es>`` and the like
verbs of writing in a language.
"""

from collections.abc import Mapping

#: Name → what it stands for; a name may stand for others that come after it.
NAMES: Mapping[str, str] = {
    # Nothing, a word for how long or where, or a message: "don't text me the address" is about the address.
    "<x>": r"""
        (?=$| ,| (?:again|anymore|any (?:more|longer)|ever|about|with|here|from|and|or|because|cause|i|im
        |until further|on this|at this|to this|mas|nunca|jamas|nada|otra vez|de nuevo|a este|aqui|porque|y
        |mais|outra vez|de novo|por aqui|plus|jamais|rien|encore|ici|je|car|et|sur ce|mehr|wieder|hier
        |auf diese|ich|oder|und|piu|mai|niente|nulla|di nuovo|qui|e|ma|meer|nog|op dit|wiecej|juz
        |nigdy)(?: |$)|(?: (?:<d>|<s>)){0,4} <m>\b)
    """,
    # In every language below; also for what a sender of messages is taken to send.
    "<m>": r"""
        (?:texts?|textos?|texting|messages?|messaging|msgs?|msging|sms\w*|notifications?|alerts?|updates?
        |reminders?|spam\w*|communications?|marketing|promotions?|promos?|ads|junk|crap|mensajes?
        |mensajitos|notificacion(?:es)?|comunicacion(?:es)?|publicidad|promociones|ofertas|mensage(?:m|ns)
        |torpedos?|notificac(?:ao|oes)|comunicac(?:ao|oes)|avisos|propagandas?|pubs?|publicites?|offres
        |textos|nachrichten?|mitteilung(?:en)?|benachrichtigung(?:en)?|werbung|zusendung(?:en)?
        |kontaktaufnahmen?|messagg(?:i|io)|notific(?:a|he)|avvisi|pubblicita|offerte|comunicazioni
        |bericht(?:en|jes|je)?|reclame|meldingen|meddelanden?|meddelelser|beskeder|besked|meldinger|melding
        |notiser|viest\w*|tekstiviest\w*|wiadomosc\w*|powiadomie\w*|zprav\w*|mesaj\w*|сообщени\w*|смс\w*
        |уведомлени\w*|рассыл\w*|повідомлен\w*)\b
    """,
    # Between "stop" and what is to stop.
    "<d>": r"""
        (?:all|any|every|the|these|those|this|your|my|with|sending|send|getting|get|receiving|receive|me|us|of
        |from|to|for|be|more|anymore|further|future|other|such|so|many|you|it|out|up|stupid|annoying|damn
        |fucking|automated|automatic|constant|text|sms|phone|order|shipping|delivery|tracking)
    """,
    # The same in other languages.
    "<s>": r"""
        (?:sus?|est[oa]s?|es[oa]s|los|las|tus|mas|de|del|tant[oa]s|ningun|nada|el|la|envio|tipo|ess[ae]s?
        |est[ae]s?|as|os|seus|suas?|mais|nenhuma?|o|recebimento|qualquer|com|d|des|vos|les|ces|tous|toutes
        |aucun|autres?|tes|plus|denvoyer|aux|au|a|keine?n?|weiteren?|solchen?|eure|ihre|diesen?|die|der|mir
        |mehr|i|questi|sti|vostri|altri|dei|delle|piu|tutti|tutte|le|ulteriori|nessun|con|coi|geen|jullie
        |deze|meer|me)
    """,
    "<asked>": r"""
        (?:text|txt|message|msg|sms|contact|bother|ping|spam|write|harass|bug|annoy|pester|disturb|dm|reach out
        |follow up)
    """,
    "<doing>": r"""
        (?:texting|messaging|msging|contacting|bothering|pinging|spamming|writing|calling|harassing|bugging
        |annoying|pestering|notifying|disturbing|reaching out|following up|asking|text|message|msg|sms
        |contact)
    """,
    "<es>": r"(?:envi|mand|escrib|molest|contact|text|llam|notific|fastidi|hostig|spam)\w*",
    "<es-not>": r"""
        (?:(?:envi|mand|molest|contact|text|notific|fastidi)(?:e|es|en|eis|ar\w*|ando\w*)|escrib(?:a|as|an|ais
        |ir\w*|iendo\w*))
    """,
    "<pt>": r"(?:mand|envi|escrev|incomod|perturb|ench|conta(?:c)?t|lig|cham|spam)\w*",
    "<pt-not>": r"""
        (?:mand[ae]m?|envi[ae]m?|escrev[ae]m?|perturb[ae]m?|incomod[ae]m?|conta(?:c)?t[ae]m?|cham[ae]m?)
    """,
    "<fr>": r"(?:envo|ecri|contact|harcel|derang|spam|sollicit|embet|appel|text|relanc|importun)\w*",
    "<de>": r"(?:schreib|schick|send|kontaktier|anschreib|belastig|benachrichtig|nerv|stor)\w*",
    "<it>": r"(?:scriv|mand|invi|disturb|contatt|chiam|stress|spam)\w*",
}

#: Anywhere in a sentence they mean stop, unless something of :data:`NOT_STOP` is there, too.
# English
_EN = r"""
\bstop (?:<d> ){0,4}?<m>(?!\w)
\b(?:stop|quit|cease) <doing>(?: (?:to|with|up))?(?: (?:me|us|(?:this|my) (?:number|phone)))?<x>
\bstop (?:all |any )?contact$|\b(?:stop|quit) sending(?: me| us)?(?: any| all)?(?: of)?(?: these| those| this| that
    | stuff| crap| things| anything| more)?(?: to (?:this|my) (?:number|phone))?$
\bquit it with (?:<d> ){0,3}?<m>|\bstop (?:this|that|the) (?:nonsense|madness|bs|bullshit|shit|harassment)\b
    |\bnot interested stop$
\b(?:do not|dont|never|not to)(?: ever| you)? <asked>(?: (?:to|with))?(?: (?:me|us|(?:this|my) (?:number|phone
    |cell)))?(?! (?:at|before|after|until|till|when|while|on)\b)<x>
\b(?:do not|dont|never)(?: ever)? call (?:me|us|this number)(?: again| anymore| any more| ever)+
\b(?:do not|dont|never|quit)(?: ever)? send(?:ing)?(?: me| us)?(?: (?:any|anymore|more|these|those|all|further|future
    |other|your|stupid|text|sms|of)){0,4} <m>|^(?:do not|dont) send$
\b(?:do not|dont|never)(?: ever)? send(?: me| us) (?:anything|any more|anymore)(?: else| again)?$
\b(?:do not|dont|no longer|not) (?:want|wish|need|care|consent|agree|like)(?: <d>){0,6}? <m>(?! to (?:stop|end))
\b(?:do not|dont|no longer) (?:want|wish|like) to (?:hear from|receive(?: this| these| them| anything)?(?: anymore)?$)
\bnot (?:want |wish )?(?:to )?(?:be|get) (?:text|messag|contact|notif|bother|disturb)\w*
\brather not (?:get|receive|have) (?:<d> ){0,4}?<m>|\bmake (?:<d> ){0,3}?<m> stop\b
\b(?:want|need|like) (?:<d> ){0,4}?<m> to (?:stop|end)\b|\b(?:text|message|contact|call) me again (?:and|or) (?:i
    |ill)[ ]
\b(?:to|can i|do i) stop (?:receiving|getting)(?: (?:this|these|them|<d>)){0,3}(?: <m>)?$
\bnever (?:signed up|subscribed|opted in|consented)\b
^(?:and |so |(?:(?:i|we) )?(?:already )?(?:said|told you|asked for) )?no more (?:<d> ){0,3}?<m>(?: from you| to (?:this
    |my) (?:number|phone))?$
^(?:thats )?enough (?:<d> ){0,3}?<m>$|(?:^|, )(?:and )?no (?:sms|texts?|texting)$
\b(?:told|asked) you (?:\w+ )?(?:to stop(?=$| ,)|not to <asked>)|\b(?:i|we)(?: already)? said stop$
\b(?:remove|delete|drop|erase|unlist|block) me\b(?! (?:as|from (?:the|that|my)[ ]
    (?!(?:(?:mail|text|call|contact|sms)\w* )?(?:list|system|database|texts?|group|sms)\b)))
\btake (?:me |my (?:name|number) )?(?:off|out of) (?:(?:the|your|any|all|this) )+(?:\w+ )?(?:lists?|texts?|system
    |database)\b
    |\btake me off\b(?! (?:the|my) order)
\b(?:remove|delete|erase|drop|lose|forget) (?:my|this) (?:(?:phone|cell|mobile|telephone) )?(?:number|cell
    |phone)\b(?! (?:from|in|on) (?:the|my) (?:order|parcel|package|label))
\btake (?:my|this) (?:\w+ )?(?:number|phone|cell) (?:off|out)\b
\bopt(?:ing)?(?: me| us)? out\b(?! of\b)
\bopt(?:ing)?(?: me| us)? out of (?:<d> ){0,5}?(?:<m>|this|these|it|everything|lists?|all|contact\w*)\b
\bunsubscribe\b
\b(?:revoke|withdraw|rescind)(?:ing)? (?:\w+ ){0,3}?(?:consent|permission|authori[sz]ation)\b
\b(?:cancel|end|cease|discontinue|disable|deactivate|mute|halt|terminate|suspend|block|silence) (?:(?:all|any|the
    |these|those|this|your|my|of|further|future|text|sms|annoying) ){0,4}?<m>(?! me\b)
\b(?:cease|end|discontinue)(?: and desist)? (?:all )?(?:communicat|contact)\w*
\b(?:turn|switch|shut) off (?:<d> ){0,4}?<m>|\b(?:turn|switch|shut) (?:<d> ){0,4}?<m> off\b
\bleave (?:me|us)(?: the \w+)? alone\b|\b(?:fuck|piss|bugger) off\b|\bcease and desist\b|^not interested(?= ,)
\b(?:sick|tired|fed up|done|annoyed) (?:of|with|by) (?:<d> ){0,4}?<m>|^(?:ill|i will) block (?:you|this number)$
\b(?:sue|report|block)\w*\b.*\bif you (?:ever )?(?:text|message|contact|call|write)\w* (?:me|us) again
(?:\byou(?:ve| have)(?: got)?|\byou(?: got| are texting| reached)|^you|\bthis is|\bits) (?:the |a )?wrong (?:number
    |person|guy|lady)(?= ,|$)|^wrong (?:number|person)(?= ,|$)
^(?:\w+ )?e ?mail(?: me)? only(?= ,|$)|\be ?mail(?: me)? instead of (?:texting|by )?(?:<m>)?
"""
# Spanish
_ES = r"""
\b(?:par(?:a|e|en|ad|ar)|dej(?:a|e|en|ad|ar)|ces(?:a|e|en|ar))(?:me|nos)?(?: ya)? de (?:me )?<es><x>
\b(?:no|nunca)(?: (?:me|nos|vuelvan a|vuelvas a|vuelva a|sigan|sigas|siga|quiero que me
    |quiero que nos)){1,2} <es-not><x>
\bno (?:quiero|deseo|quisiera|autorizo)(?: mas| seguir)?(?: recibir| recibiendo)?(?: <s>){0,4} <m>
\b(?:quiero|deseo|quisiera) dejar de recibir(?: <s>){0,3}(?: <m>)?$
\bno (?:quiero|deseo)(?: mas)? (?:seguir recibiendo|recibir)(?: mas)?(?: nada| est[oa]| eso)?$
\b(?:deten\w*|alto|suspend\w*|desactiv\w*|cancel\w*|anul\w*|basta(?: ya)?|no mas|par(?:ar|en|e)|baja)(?: <s>){0,4} <m>
\b(?:quit[ae]n?|quitar|borr[ae]n?|borrar|elimin[ae]n?|eliminar|saca|sacar|saquen?|retir[ae]n?|remuevan?
    |baj[ae]n?)me\b(?! (?:el|la|los|las|un|una|este|ese)\b)
\b(?:quit|borr|elimin|sac|saqu|remuev|remov|retir|baj|tach)\w*(?: (?:mi|este) numero)? de (?:(?:la|su|sus|esta|tu
    |tus) )?(?:lista|base|sistema)\b
\b(?:quit|borr|elimin|sac|saqu|remuev)\w* (?:mi|este) (?:numero|celular|telefono|cel|contacto)\b
\b(?:dar|da|de|den|darme|denme|deme|dame|causar|doy) de baja(?=$| ,| (?:de|del|en|por|mi numero|mi celular|mis? <m>
    |este numero)\b)
\b(?:quiero|pido|solicito)(?: la| mi)? baja\b(?! (?:de|del) (?:pedido|la))|\bbaja del servicio\b
\bdej(?:a|en|e|ad)me (?:en paz|tranquil\w)|\bdesus\w*cri\w*
"""
# Portuguese
_PT = r"""
\bpar(?:a|e|em|ar)(?: ja)? (?:de|com)(?: me| nos)? <pt><x>|\bpar(?:a|e|em|ar) (?:de|com)(?: <s>){0,3} (?:<m>|coisas)
\b(?:quero|gostaria de) parar de receber(?: <s>){0,3}(?: <m>)?$
\bpar(?:a|e|em|ar) de (?:me )?(?:mandar|enviar)(?: (?:essas|tantas|suas))? coisas\b
\bnao(?: me| nos)? <pt-not><x>
\bnao (?:quero|desejo|gostaria de|autorizo|aceito)(?: mais)?(?: receber| que me mandem)?(?: <s>){0,4} <m>
\bnao (?:quero|desejo)(?: mais)? (?:receber(?: mais)? (?:nada|isso|nada disso)|ser (?:contatad|incomodad)\w)
\bchega de(?: <s>){0,2} <m>|\bsair d(?:a|essa|esta) lista\b|\bdeix\w+(?: me)? em paz\b
\bme (?:remova|remove|exclua|descadastr\w*)\b|\bme (?:remov|exclu|tir|retir)\w* (?:da|dessa|desta|de|do|desse|fora)\b
\b(?:remov(?:a|am|er)|exclu\w*|descadastr\w*|tir\w*|retir\w*) me\b|\bdescadastr\w*|\bdesinscr\w*
\b(?:remov|tir|retir|exclu|delet|apag)\w* (?:o )?(?:meu|este|esse) (?:numero|celular|telefone|contato)\b
\bcancel\w* (?:\w+ ){0,2}?(?:recebimento|<m>)
"""
# French
_FR = r"""
\bd?(?:arret(?:ez|e|er|es)|cess(?:ez|e|er)|stopp(?:ez|er)) (?:\w+ )?(?:de |d)?(?:me |m|nous )?<fr><x>
\bd?(?:arret(?:ez|e|er|es)|cess(?:ez|e|er)|stop|stopp(?:ez|er))(?: <s>){0,5} <m>|^stop (?:au )?\d{5}$
\b(?:ne |n)(?:me |m|nous )?<fr>(?: plus| pas| jamais| rien)+<x>|\bne (?:plus|pas|jamais) (?:me |m|nous |etre )?<fr><x>
\bplus jamais (?:me |m|nous )<fr>|\barreter de recevoir\b
\bnessa\w+ (?:plus|pas) de (?:me |m)?<fr>
\b(?:veux|veut|souhaite|souhaitons|desire|voudrais) (?:plus|pas)(?: (?:recevoir|davantage|<s>)){0,5} <m>
\b(?:plus|pas) etre <fr>|\bplus (?:rien )?recevoir$
^(?:plus|assez|marre|jen ai marre)(?: <s>){0,3} <m>$
\bdesabonn\w*|\bdesinscri\w*|\b(?:me |m)(?:retirer|enlever|effacer|supprimer) de (?:la|votre|vos|ta|cette)[ ]
\b(?:retir|supprim|enlev|effac|ray)(?:ez|e|er) moi\b(?! (?:le|la|les|un|une)\b)
\b(?:retir|supprim|enlev|effac)(?:ez|e|er) (?:mon|ce) (?:numero|tel|telephone|portable)\b
\blaiss\w*(?: moi| nous) (?:tranquille|en paz|en paix)|\bmoi la paix\b
"""
# German
_DE = r"""
(?:^|, )kein(?:e|en)?(?: <s>){0,2} (?:\w+ )?(?:<m>|kontakt)(?: mehr)?(?: schicken| senden)?(?= ,|$)
\b(?:will|mochten?|mocht|wunsche|wollen|wunschen|brauche)(?: \w+){0,3}? kein(?:e|en
    |erlei)?(?: \w+){0,2}? <m>(?! verpass)
\b<de>(?: sie| ihr| du)?(?: mir| mich| uns)?(?: bitte)? (?:nicht mehr|nie wieder|nie mehr|nichts mehr
    |nicht weiter)\b(?!.*\b(?:adresse|paket|bestellung|lieferung|ware))
\b<de>(?: sie| ihr| du)?(?: mir| uns)? kein(?:e|en)(?: \w+){0,2}? <m>
\bhor(?:t|en|)(?: sie| ihr| doch)* auf\b[\w ,]{0,40}?(?:schreib|schick|send|nerv|belastig|kontakt|spam|anzuruf|<m>)
\bhor(?:t|en|)(?: sie| ihr| doch)*(?: damit)? auf(?: damit)?$
\b(?:nicht mehr|nie wieder|nicht weiter|nicht langer) (?:\w+ )?(?:kontaktier|anschreib|schreib|belastig|benachrichtig
    |anges|stor)\w*
\b(?:losch|entfern|streich)\w*(?: sie)? (?:meine|diese) (?:\w+ )?\w*nummer\b|\b(?:losch|entfern
    |streich)\w*(?: sie)? mich\b
\b(?:trag|nehm|nimm|meld)\w*(?: sie)? mich (?:\w+ ){0,3}?(?:ab|aus|raus|heraus|von)\b
\bmich (?:\w+ )?(?:abmelden|abzumelden|austragen|auszutragen)\b|\bvo[nm] (?:der|dem|ihrer|eurer) (?:liste
    |verteiler) (?:nehmen|streichen|loschen|entfernen)
\blass(?:t|en)?(?: sie)? (?:mich|uns) in (?:ruhe|frieden)|\bwiderruf\w* (?:\w+ ){0,3}?(?:einwilligung|zustimmung)
\b<m>(?: \w+){0,2}? (?:abbestell|abmeld|abschalt|deaktivier|stoppen|beend|einstell|ausschalt|abstell)\w*
\b(?:stoppt|stoppen|beende\w*|unterlass\w*)(?: sie)?(?: \w+){0,3}? <m>
"""
# Italian
_IT = r"""
\b(?:smett\w*|piantat\w*|finit\w*)(?: di| con)?(?: mi)? <it><x>|\b(?:smett\w*|basta)(?: <s>){0,4} <m>|\bbasta <it>mi\b
\bnon (?:mi |ci )?(?!\w*[ao]no\b)<it><x>
\bnon (?:voglio|desidero|vorrei)(?: piu)?(?: ricevere| avere)?(?: <s>){0,4} <m>
\bnon (?:voglio|desidero|vorrei) (?:piu )?(?:essere (?:contattat|disturbat)\w|sentir(?:ti|vi)|ricevere nulla)
    |\bdisiscri\w*
\b(?:cancella|rimuovi|togli|elimina|cancellate|rimuovete|togliete|eliminate|levate)mi\b(?! (?:l\w+|il|un|una) )
\b(?:cancell|rimuov|togli|elimin)\w* (?:il )?(?:mio|questo) (?:numero|telefono|cellulare|contatto)\b
\b(?:cancell|annull|disdi|disattiv|ferm)\w* (?:\w+ ){0,2}?(?:l?iscrizione|<m>)|\blasci\w+mi (?:in pace|stare)
"""
# Dutch
_NL = r"""
\bstop(?:pen)?(?: \w+){0,2}? met (?:\w+ ){0,2}?(?:<m>|stur\w*|app\w*|lastig)
\b(?:wil|wens|hoef)(?: \w+){0,3}? geen(?: \w+){0,2}? <m>|^geen (?:\w+ )?<m>(?: meer)?$
\bmeld (?:mij|me) (?:\w+ )?af\b|\bschrijf (?:mij|me) (?:\w+ )?uit\b|\bverwijder (?:mij|me)\b|\bhaal (?:mij|me) van\b
\bverwijder mijn (?:\w+ )?\w*nummer\b|\blaat (?:mij|me) met rust\b|\bhoud? (?:er(?:mee)? )?(?:\w+ )?op(?: met| mij|$)
\bstuur (?:mij|me|ons) (?:niets|geen|niet)\b(?:.*<m>|.*meer$)|\bniet meer (?:sturen|berichten|appen|smsen|bellen)$
\b(?:contacteer|benader|app|sms) (?:mij|me|ons) (?:niet|nooit)\b
"""
# Swedish, Danish, Norwegian, Finnish
_NORTH = r"""
\b(?:sluta|slutt|slut|stop|stopp|hold op)(?: med)?(?: att| at| a)?(?: \w+)? (?:skick\w*|sms\w*|sende\w?|skriv\w*
    |messa\w*|<m>)\b(?! (?:pakk|paket|order))
\b(?:inga|ingen|ikke|inte)(?: \w+)? (?:fler|flere|fleire) <m>|\bvill? (?:inte|ikke) (?:\w+ ){0,3}?<m>
\b(?:ikke|inte) (?:send|skriv|kontakt|skick)\w*(?: meg| mig)?(?: flere| mere| mer| noe){0,2}(?: <m>|$| ,)
\b(?:skicka|skriv|send|kontakta) (?:mig )?(?:inte|inga|ikke)(?: \w+){0,2}?(?: <m>|$)
\b(?:ta bort|fjern|slet|slett|radera)(?: \w+)? (?:mig|meg|mitt nummer|nummeret mitt|mit nummer)\b
\b(?:lad|la) (?:mig|meg) (?:vaere|i fred)\b|\blamna mig i ?fred\b
\blopet\w*(?: \w+){0,2}? (?:viest|tekstiviest|lahett)\w*|\bei (?:enaa|enempaa) (?:\w+ )?(?:viest|tekstiviest)\w*
\bpoista\w* (?:\w+ )?numero\w*|\ben halua (?:\w+ ){0,3}?(?:viest|tekstiviest)\w*
"""
# Polish, Czech, Turkish, Russian, Ukrainian, Greek
_EAST = r"""
\bnie (?:pisz|wysyla|przysyla|kontaktuj|dzwon)\w*(?: (?:sie|do mnie|ze mna|mi|juz|wiecej|nigdy|tych|tu))*(?:$| ,| <m>)
\bnie (?:chce|zycze sobie)(?: \w+){0,3}? <m>|\bnie chce byc kontaktowan\w|\bzostaw\w* mnie w spokoju\b
\bprzesta\w*(?: \w+){0,3}? (?:pis|wysyl|przysyl|nek|kontakt)\w*|\brezygnuj\w* z (?:\w+ )?<m>|\bdajcie mi spokoj\b
\b(?:usun|wykresl|wypis)\w* (?:mnie|moj numer)\b
\bodhlas\w* (?:me|ma)\b|\bprestan\w*(?: \w+){0,2}? (?:psat|posil|otrav|pisat)\w*|\bnechci (?:\w+ ){0,3}?<m>
\bneposilejte (?:\w+ ){0,2}?(?:<m>|nic)|\bnepiste (?:mi|nam)\b
\bmesaj\w* (?:\w+ )?(?:(?:atma|gonderme|yollama)(?:yin\w*)?\b|istemiyor\w*)|\b(?:listeden|beni) (?:\w+ )?(?:cikar
    |sil)\w*
\baboneli\w* (?:\w+ )?iptal|\b(?:bana|bir daha) yazma(?:yin\w*)?\b
\bне (?:пишите|пиши|присылайте|присылай|шлите|отправляйте|беспокойте|пишіть|надсилайте|турбуйте)(?: (?:мне|нам|мені
    |больше|більше|сюда|<m>)|$| ,)|\bбольше не (?:пишите|присылайте|шлите)
\b(?:прекратите|хватит|перестаньте|перестань|прекрати|припиніть|годі)(?: мне| меня)* (?:писать|слать|присылать
    |отправлять|беспокоить|спамить|надсилати|писати|<m>)
\bотпи[сш]\w+ (?:меня|от)\b|\bвідпи[сш]\w*|\b(?:удалите|уберите|видаліть) (?:меня|мене|мо[йі] номер|мій номер)
\bне хо(?:чу|тим|тел бы) (?:больше )?(?:получать|отримувати)|\bотключите (?:\w+ )?<m>|\bотказываюсь от (?:\w+ )?<m>
\bμην? (?:μου )?(?:στελν|γραφ|ξαναστ)\w*|\bσταματ\w+ να μου (?:στελν|γραφ)\w*|\bδιαγρα\w+ (?:με|τον αριθμο)\b
"""
# Hebrew, Arabic, Japanese, Chinese, Korean, Hindi, Vietnamese
_FAR = r"""
(?:הסירו|תסירו|להסיר|תסיר|מחקו|תמחק) (?:אותי|את המספר)|אל תשלח\w*|תפסיק\w* לשלוח
(?:أوقفوا|أوقف|وقفوا|وقف|توقفوا|إيقاف|بطلوا|كفى|كفاية|حبسو?)(?: \w+){0,2}? (?:ال)?(?:رسائل|رسايل|رسالة|ميساجات|اشتراك
    |إرسال)
توقفوا? عن (?:إرسال|مراسل|إزعاج)\w*|عدم (?:مراسلتي|الإزعاج|ازعاجي)|(?:إلغاء|ألغوا) (?:ال)?اشتراك\w*|احذف\w* (?:رقمي
    |من القائمة)
لا (?:عاد )?(?:ترسل|تراسل|تزعج|تتواصل|تبعت)\w*(?! (?:ال)?(?:شحنة|عينة|طلب|فاتورة|لي ال))
(?:لا أريد|ما (?:ابي|ابغى|بدي)|مش (?:عايز|عاوز))(?: أي| اي)? (?:رسائل|رسايل|رسالة)
配信(?:を)?停止|(?:登録|配信)(?:を)?解除|受信拒否|配信不要
(?:もう|二度と|メッセージ|メール|sms|連絡)[^。]{0,10}(?:送らないで|送信しないで|しないで|いらない|やめて)
退订|退訂|取消(?:订阅|訂閱)|停止(?:发送|發送|推送)|(?:请勿|勿|不要|别|別)(?:再)?(?:来)?(?:打扰|打擾|骚扰|騷擾|烦|联系|聯繫|推送)
(?:不要|别|別)(?:再)?(?:给我|給我)?(?:发|發|傳|传)(?:了|短信|信息|消息|簡訊|讯息|訊息|广告|$)(?!货)|不想(?:再)?收到
수신 ?거부|(?:문자|메시지|메세지|연락)\S{0,2} ?(?:그만|보내지|중지|하지 ?마)
(?:मैसेज|संदेश|एसएमएस|संपर्क)[^.]{0,12}(?:बंद|मत|रोक)
\b(?:dung|ngung|thoi) (?:nhan tin|gui tin|lien lac)|\bkhong lien lac nua|\bxoa so (?:cua )?toi
"""
STOP = (_EN, _ES, _PT, _FR, _DE, _IT, _NL, _NORTH, _EAST, _FAR)

#: Where one of these is in the sentence, it does not say stop …
NOT_STOP = r"""
\b(?:again|anymore|mas|mais|plus|piu|mehr) (?:on|by|via|por|per|par|su|auf) (?:instagram|facebook|messenger
    |e?mail|correo)\b
\b(?:not|(?:dont|do not|never|wont|will not|cant|cannot|couldnt|shouldnt|didnt|doesnt|non|without)(?: \w+)?) (?:stop
    |unsubscribe|opt(?:ing)? out|cancel|remove|revoke|quit|end|turn off|delete)\b
\b(?:why|how come)\b.*\b(?:stop|unsubscribe|opt)
\b(?:did|was|were|am|have|has|had|if|unless|will|would|does|should) i (?:\w+ )?(?:stop|unsubscribe|opt)\b
\b(?:if|did|do|have|has|had) (?:you|we|they|it|somebody|someone) (?:\w+ )?stop\b
\b(?:newsletter|by mistake|accident\w*|mistakenly)\b|\b(?:reply|type|answer) stop\b|\bif\b.*\bunsubscribe$
\b(?:he|she|they|it|driver|courier|carrier|friend|husband|wife|sister|brother|mom|dad|neighbou?r
    |boss)(?: \w+)? (?:said|says|told|tells|dont|do not|doesnt|didnt|wont|will not)\b|\bnever said\b
发货|發貨|发错|這批|这批|货先
\bno (?:quiero |quiero que |voy a )?(?:me )?(?:deje[nr]? de|dejar de|darme de baja|dar de baja)|\bpor que\b
    |\bporque dej
\bnao (?:quero )?(?:pare|parem|parar|descadastr\w*)\b|\b(?:ne |n)(?:me |m)?(?:arret|desabonn|desinscri)\w*
    |\bpourquoi\b
\b(?:dont|do not|never) (?:want|need|like)\b.*\bto (?:stop|end)\b
\bnicht (?:\w+ )?(?:abmelden|aufhoren|abbestell\w*)|\b(?:warum|wieso|weshalb|waarom|varfor|hvorfor|perche|почему
    |neden)\b
\bnon (?:\w+ )?(?:smett|disiscriv|cancell)\w*|\bniet (?:afmeld|uitschrijv|stoppen)\w*|\bне (?:отпис|прекращ)\w*
"""
#: … but with one of these it does all the same.
STOP_ALL_THE_SAME = r"""
\bif (?:you|this|these|<m>)(?: \w+){0,2}? (?:dont|do not|doesnt|wont) stop\b
"""
#: A word that stands alone in a part of a text is no STOP if the rest is about the parcel …
PARCEL = r"""
\b(?:address|wrong (?!number|person)|ship\w*|deliver\w*|dispatch\w*|cancel\w*|courier|driver|order|parcel|package
    |size|mistake|quantity|changed my mind|colou?r|adress\w*|direccion|endereco|indirizzo|falsch\w*|liefer\w*
    |bestell\w*|paket\w*|pedido|envio|commande|colis|livraison|ordine|spedizione|pacco|bestelling|levering
    |zamowien\w*|адрес|заказ\w*|посылк\w*)\b
"""
#: … or, where it does not come first, says not to do something.
HOLD = r"""
\b(?:dont|do not|wait|cancel|wrong (?!number|person)|nicht|falsch\w*|no envi\w*|nao envi\w*)\b
"""
#: As a whole text they mean: tell me here again.
START = r"""
^(?:\w+ ){0,3}?(?:start|resume|restart|enable|reactivate) (?:<d> ){0,4}?<m>(?: me| us)?(?: again)?$
^(?:you can |can you |\w+ )?(?:text|message|sms) me again$|^(?:i want to |id like to )?opt (?:me )?(?:back )?in\b
^(?:i want to |can you )?(?:re)?subscribe(?: me)?(?: again)?$|^sign me (?:back )?up(?: again)?$
^(?:turn|switch) (?:on (?:<d> ){0,3}?<m>|(?:<d> ){0,3}?<m> (?:back )?on)(?: again)?$
^(?:quiero )?(?:darme de alta|recibir (?:\w+ )?<m>(?: de nuevo| otra vez)?)$|^(?:wieder )?anmelden$
^quero (?:voltar a )?receber (?:\w+ )?<m>(?: de novo)?$|^reprenez les <m>$
"""
