"""The phrases of site chrome in the languages of the news: tables, as regular expressions."""

import re

# "Read more" as sites write it, in some forty languages; case is folded.
_READ_MORE = """
read more|read on|read the full story|read the full article|full story|continue reading|learn more|more details|see more
читати далі|читати більше|читайте далі|читайте також|детальніше|докладніше|читать далее|читать дальше|подробнее|далее
чытаць далей|падрабязней|прочети повече|виж още|прочитај више|опширније|weiterlesen|mehr lesen|mehr erfahren|lire la suite
en savoir plus|leer más|seguir leyendo|ver más|leggi tutto|continua a leggere|leggi di più|ler mais|leia mais|saiba mais
lees meer|lees verder|läs mer|læs mere|les mer|lue lisää|czytaj dalej|czytaj więcej|więcej|číst dále|celý článek|čítať ďalej
tovább olvasom|tovább|citește mai mult|mai mult|διαβάστε περισσότερα|περισσότερα|devamını oku|devamı|daha fazla
skaityti daugiau|lasīt vairāk|loe edasi|baca selengkapnya|selengkapnya|baca juga|llegir més|اقرأ المزيد|المزيد|ادامه مطلب
קרא עוד|המשך קריאה|और पढ़ें|আরও পড়ুন|อ่านต่อ|อ่านเพิ่มเติม|阅读更多|阅读全文|閱讀更多|查看更多|続きを読む|もっと見る|더 보기|더보기|đọc thêm|xem thêm
"""

READ_MORE: frozenset[str] = frozenset(_READ_MORE.strip().replace("\n", "|").casefold().split("|"))

# Stems of "cookie" as notices in other scripts and languages spell it.
COOKIE = (
    "cookie",
    "кукі",
    "куки",
    "печиво",
    "печива",
    "クッキー",
    "쿠키",
    "עוגיות",
    "ملفات تعريف الارتباط",
    "คุกกี้",
    "çerez",
)

CONSENT = re.compile(
    r"accept|agree|consent|privacy|polic|use[sd]?\b|прийма|погодж|згод|викорис|соглас|использ|принима|zustimm|akzept|"
    r"verwend|nutz|accept|utilis|acept|utiliz|accett|utilizz|aceita|gebruik|använder|akceptuj|używa|souhlas|použív|"
    r"elfogad|kabul|kullan|同意|使用|동의",
    re.I,
)
