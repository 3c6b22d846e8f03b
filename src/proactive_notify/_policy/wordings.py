"""
Words that mean something where they stand alone, polite words and slips, as data for ``words.py``.

Every text is folded first: small letters without accents and apostrophes, ``ß`` as ``ss``, one blank between words; so
these are.

Sources: Twilio's own words (https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out); "any reasonable means"
and the words that always count (47 CFR 64.1200(a)(10)); the rest is how people write.
"""

from collections.abc import Mapping

#: Polite words and greetings, which change nothing; first those of several words.
POLITE_SAYINGS = (
    "thank you very much",
    "thank you",
    "por favor",
    "sil vous plait",
    "sil te plait",
    "per favore",
    "per piacere",
    "good morning",
    "good afternoon",
    "good evening",
    "buenos dias",
    "buenas tardes",
    "guten tag",
    "guten morgen",
    "bom dia",
    "boa tarde",
    "right now",
    "at once",
)
POLITE = frozenset(
    """
    please pls plz pleas thanks thx ty tks cheers now just already immediately ok okay hi hello hey yo dear guys sir
    team kindly omg sorry asap bitte danke jetzt sofort endlich hallo moin gracias ahora ya hola obrigado obrigada
    agora ja oi ola merci svp maintenant bonjour salut grazie ora subito ciao salve dank aub alstublieft alsjeblieft
    nu tack tak takk hej hei kiitos prosze dziekuje prosim dekuji lutfen tesekkurler пожалуйста спасибо здравствуите
    привет будь ласка дякую
    """.split()
)
#: Slips and short forms → the word that is meant. No slip that is a word of its own: shop, step, top, atop, stoop.
SLIPS: Mapping[str, str] = {
    **dict.fromkeys("stp sotp stpo tsop sttop sstop stiop syop st0p stopp stoppp stob stopt dtop".split(), "stop"),
    **dict.fromkeys(
        """
        unsubcribe unsuscribe unsubscibe unsubscrbe unsbscribe unsubscrive unsubscirbe ubsubscribe usubscribe
        unsubscripe unsubsribe insubscribe unsucribe unsubscrib unsuscribirme unsubscribing unsub unsubscribeme
        """.split(),
        "unsubscribe",
    ),
    **dict.fromkeys("txt txr tex texxt".split(), "text"),
    **dict.fromkeys("txts texs".split(), "texts"),
    **dict.fromkeys("txting texing texitng".split(), "texting"),
    **dict.fromkeys("mesages messges messeges mssgs messags".split(), "messages"),
    **dict.fromkeys("mesage messge messege".split(), "message"),
    **dict.fromkeys("u ya yall".split(), "you"),
    "ur": "your",
    "remov": "remove",
    "remve": "remove",
    "dnt": "dont",
    "mgs": "msgs",
    **dict.fromkeys("rwmove rmove remvoe reomve remobe remoce removr".split(), "remove"),
    "ppl": "people",
    "naum": "nao",
    "qro": "quero",
}

#: Alone, once or several times, they mean stop and nothing else.
STOP_ALONE = frozenset(
    """
    stop stopall unsubscribe optout revoke end quit enough stopit removeme optmeout stoptexting stoptextingme
    unsubscribeme alto baja basta parar pare paren parem para detener detente salir sair chega remover descadastrar
    arret arreter arretez arrete desabonner desabonnement desinscription desinscrire abmelden abmeldung austragen
    aufhoren schluss genug disiscrivi disiscrivimi disiscrizione ferma fermati smettila smettetela afmelden
    uitschrijven stoppen ophouden genoeg sluta slut slutt avsluta avregistrera avanmal avmeld afmeld frameld lopeta
    lopettakaa koniec dosc wypisz zatrzymaj odhlasit odhlaste dur durdur yeter ngung berhenti hentikan
    стоп хватит отписаться отписка
    отпишите відписатися στοπ σταματήστε διακοπή הסר הסירו توقف إيقاف قف 停止 解除 ストップ やめて td 退订 退訂 拒收 停
    够了 그만 중지 수신거부 거부
    """.split()
)
#: The same of several words.
STOP_SAYINGS_ALONE = frozenset(
    each.strip()
    for each in """
    stop it | stop this | stop that | stop all | stop all this | stop all of it | stop everything | stop stop it |
    make it stop | opt out | no more | nothing more | thats enough | enough is enough | knock it off | cut it out |
    quit it | go away | get lost | shut up | shut it | not interested | do not disturb | go to hell | screw you |
    fuck you | fuck off | f off | piss off | can you stop | will you stop | could you stop | would you stop |
    you stop | you can stop | i said stop | sai fora | sai fora daqui | dung lai | बंद करो | 别再发 | 不要再发 |
    i want to stop | please stop | wrong number | wrong person | unsubscribe all | block me | no mas |
    basta ya | ya basta | dejame en paz | dejenme en paz | darme de baja | dar de baja | nao quero mais |
    chega disso | nao perturbe | para com isso | pare com isso | ca suffit | assez | cest bon arretez |
    plus jamais | kein interesse | nicht mehr | nichts mehr | keinen kontakt | kein kontakt | es reicht |
    nicht mehr schreiben | schluss damit | lass das | non voglio piu | non piu | basta cosi | hou op | niet meer |
    inte mer | ikke mer | ei enaa | dosc tego | uz ne | hayir yeter | больше не надо | не надо | 配信停止 |
    登録解除 | 受信拒否 | 取消订阅 | 取消訂閱 | 수신 거부 | الغاء الاشتراك | 🛑
    """.split("|")
)
#: Alone they mean stop to Twilio or to a lawyer, and perhaps "cancel my order" to the customer: both are done. Only the
#: bare word: with a "please" it is a word to the shop.
CANCEL_ALONE = frozenset(
    """
    cancel cancelar annuler annulla cancella annuleren abbestellen anuluj rezygnuje zrusit peruuta iptal отмена
    الغاء
    """.split()
)
START_ALONE = frozenset(
    """
    start yes unstop resume subscribe resubscribe optin startall alta iniciar reanudar comenzar suscribirme comecar
    voltar reprendre reprenez demarrer anmelden inizia riprendi iscrivimi aanmelden starta aloita wznow zacit basla
    старт начать 開始
    """.split()
)
HELP_ALONE = frozenset(
    """
    help info aide ayuda hilfe aiuto ajuda hulp hjalp hjaelp apua pomoc yardim помощь допомога βοηθεια עזרה مساعدة
    帮助 幫助 ヘルプ 도움말
    """.split()
)

#: Alone in a part of a text ("Got it, thanks. STOP") they mean stop. The others of STOP_ALONE are words of every day.
STOP_PART = frozenset(
    """
    stop stopall unsubscribe optout abmelden desabonner afmelden uitschrijven disiscrivi odhlasit basta arretez
    arrete pare parem paren chega smettetela стоп отписаться
    """.split()
)
