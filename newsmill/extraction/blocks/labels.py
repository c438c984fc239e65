"""What sites write above and between the parts that are not the article, in the languages of the news: tables.

Each is a whole line: lower case, without digits and punctuation at its ends ("Comments (12):" is "comments").
"""

import re
from enum import Enum
from functools import lru_cache

from newsmill.extraction.blocks.phrases import READ_MORE


class Label(Enum):
    """What a line announces."""

    AD = "ad"
    SHARE = "share"
    COMMENTS = "comments"
    RELATED = "related"
    NEWSLETTER = "newsletter"
    WRITER = "writer"
    MAILED = "mailed"


_AD = """
advertisement|advertising|sponsored|sponsored content|article continues below advertisement
story continues below advertisement|advertisement - continue reading below|реклама|рэклама|реклами|оглас|anzeige
werbung|publicité|annonce|publicidad|anuncio|pubblicità|publicidade|publicitat|advertentie|annons|mainos|reklama
oglas|reklám|hirdetés|publicitate|διαφήμιση|reklam|reklaam|reklāma|iklan|إعلان|اعلان|إعلانات|تبلیغات|آگهی|פרסומת
विज्ञापन|বিজ্ঞাপন|โฆษณา|广告|廣告|広告|광고|quảng cáo
"""
_SHARE = """
share|share this|share this story|share this article|share this post|share this page|share on|share via
share article|share with friends|поділитися|поділитись|поділитися з друзями|поділіться|поширити|поделиться
поделиться с друзьями|поделитесь|падзяліцца|сподели|споделете|подели|podijeli|podeli|teilen|teilen und merken
artikel teilen|beitrag teilen|diesen artikel teilen|auf facebook teilen|partager|partager cet article|partagez
compartir|compartir en redes|comparte|compartir en|compártelo|comparteix|condividi|condividi su
condividi questo articolo|compartilhar|compartilhe|partilhar|partilhe|delen|deel dit artikel|deel dit|dela
dela artikeln|del|del artiklen|del artikkelen|jaa|jaa artikkeli|udostępnij|udostępnij artykuł|podziel się|sdílet
sdílejte|zdieľať|zdieľať článok|megosztás|megosztom|distribuie|κοινοποίηση|μοιραστείτε|paylaş|paylaşın|dalintis
dalinkis|dalies|dalīties|jaga|bagikan|kongsi|شارك|مشاركة|اشتراک‌گذاری|שתפו|שיתוף|शेयर करें|साझा करें|শেয়ার করুন
แชร์|แชร์ข่าวนี้|分享|分享到|分享至|シェア|シェアする|この記事をシェア|この記事をシェアする|공유|공유하기|chia sẻ
"""
# Plural: "Comment" and its like in other languages are also the name of the opinion section.
_COMMENTS = """
comments|leave a comment|leave a reply|post a comment|add a comment|write a comment|join the conversation
join the discussion|view comments|show comments|reader comments|коментарі|залишити коментар|додати коментар
обговорення|комментарии|оставить комментарий|добавить комментарий|обсуждение|каментары|каментарыі
коментари|напиши коментар|komentari|komentarji|kommentare|kommentar schreiben
schreiben sie einen kommentar|leserkommentare|commentaires|laisser un commentaire|vos commentaires
réagir|comentarios|deja un comentario|deja tu comentario|escribe un comentario|comentaris|commenti
lascia un commento|comentários|deixe um comentário|deixe seu comentário|reacties|reageer
plaats een reactie|geef een reactie|kommentarer|kommentera|skriv en kommentar|legg igjen en kommentar|kommentit
kommentoi|komentarze|dodaj komentarz|napisz komentarz|komentáře|přidat komentář|diskuze|diskuse
komentáre|diskusia|hozzászólások|kommentek|comentarii|lasă un comentariu
adaugă un comentariu|σχόλια|αφήστε ένα σχόλιο|yorumlar|yorum yaz|yorum yapın|komentarai
rašyti komentarą|komentāri|pievienot komentāru|kommentaarid|tinggalkan komentar|tulis komentar|التعليقات
تعليقات|أضف تعليق|اترك تعليقا|نظرات|دیدگاه|دیدگاه‌ها|ارسال نظر|تגובות|टिप्पणियाँ|टिप्पणी|תגובות|মন্তব্য|ความคิดเห็น
แสดงความคิดเห็น|发表评论|網友評論|留言|コメント|コメント欄|コメントを残す|댓글|댓글쓰기|bình luận

"""
_RELATED = """
related|related articles|related stories|related posts|related news|related content|related topics|related reading
read also|read next|see also|also read|up next|you may also like|you might also like|you may like|recommended
recommended for you|recommended stories|recommended reading|further reading|more stories|more news|latest news
latest stories|latest articles|latest posts|recent posts|recent articles|most read|most popular|most viewed|popular
trending|trending now|editor's picks|editors' picks|don't miss|читайте також|читати також|схожі новини|схожі статті
більше за темою|за темою|новини за темою|матеріали за темою|пов'язані новини|популярне|популярне зараз
популярні новини|останні новини|дивіться також|рекомендуємо|інші новини|читайте также|похожие статьи|похожие новости
по теме|материалы по теме|новости по теме|ещё по теме|еще по теме|другие новости|смотрите также|популярное
последние новости|рекомендуем|чытайце таксама|прочетете още|вижте още|още по темата|свързани статии|прочитајте још
повезане вести|pročitajte još|povezani članci|povezane vijesti|preberite tudi|sorodni članki|passend dazu
mehr zum thema|das könnte sie auch interessieren|das könnte dich auch interessieren|auch interessant|weitere artikel
weitere meldungen|ähnliche artikel|ähnliche beiträge|lesen sie auch|lesen sie mehr zum thema|verwandte artikel
meistgelesen|empfehlungen der redaktion|à lire aussi|lire aussi|a lire aussi|sur le même sujet|articles similaires
à voir aussi|vous aimerez aussi|les plus lus|à découvrir|articles liés|te puede interesar|también te puede interesar
le puede interesar|te recomendamos|más noticias|noticias relacionadas|artículos relacionados|relacionados
relacionadas|lo más visto|lo más leído|más leídas|lee también|leer también|más sobre este tema|et pot interessar
notícies relacionades|més notícies|leggi anche|potrebbe interessarti|potrebbe interessarti anche
potrebbero interessarti|articoli correlati|ti potrebbe interessare|i più letti|correlati|leia também|leia mais
veja também|notícias relacionadas|mais lidas|artigos relacionados|você também pode gostar|lees ook
meer over dit onderwerp|gerelateerde artikelen|gerelateerd|meest gelezen|meer nieuws|läs också|läs även
relaterade artiklar|mest läst|mer om ämnet|læs også|relaterede artikler|mest læste|les også|relaterte artikler
mest lest|lue myös|aiheesta lisää|luetuimmat|czytaj też|czytaj także|zobacz także|zobacz też|przeczytaj także
polecane|powiązane artykuły|podobne artykuły|najczęściej czytane|czytaj również|čtěte také|čtěte též
související články|související|mohlo by vás zajímat|nejčtenější|čítajte aj|súvisiace články|mohlo by vás zaujímať
najčítanejšie|kapcsolódó cikkek|kapcsolódó|olvasta már|legolvasottabb|ajánljuk|citește și|citeşte şi
articole similare|articole asemănătoare|știri similare|cele mai citite|διαβάστε επίσης|διαβάστε ακόμη|σχετικά άρθρα
δείτε επίσης|δημοφιλή|ilgili haberler|benzer haberler|bunlar da ilginizi çekebilir|ilginizi çekebilir|diğer haberler
skaitykite taip pat|susiję straipsniai|taip pat skaitykite|skaitomiausi|lasi arī|saistītie raksti|lasītākie|loe ka
loe lisaks|seotud artiklid|baca juga|artikel terkait|berita terkait|terpopuler|اقرأ أيضا|اقرأ أيضًا|اقرأ ايضا
مواضيع ذات صلة|أخبار ذات صلة|مقالات ذات صلة|مطالب مرتبط|اخبار مرتبط|بیشتر بخوانید|קרא גם|קראו גם|כתבות נוספות
אולי יעניין אותך|יהיה מעניין|यह भी पढ़ें|ये भी पढ़ें|संबंधित खबरें|আরও পড়ুন|সম্পর্কিত খবর|ข่าวที่เกี่ยวข้อง
อ่านเพิ่มเติม|相关阅读|相关新闻|相关文章|推荐阅读|延伸阅读|延伸閱讀|相關新聞|相關文章|推薦閱讀|関連記事
あわせて読みたい|おすすめ記事|おすすめ|関連リンク|人気記事|ランキング|관련기사|관련 기사|추천 기사|많이 본 뉴스
tin liên quan|bài liên quan|xem thêm|đọc thêm|có thể bạn quan tâm|tin mới nhất|tin cùng chuyên mục
"""

_WRITER = """
about the author|about the authors|about the writer|about the reporter|about the reviewer|about the contributor
author bio|meet the author|про автора|про авторку|про авторів|об авторе|об авторах|пра аўтара|за автора|o autoru
o avtorju|über den autor|über die autorin|über die autoren|zum autor|zur autorin|à propos de l'auteur
à propos de l’auteur|à propos de l'autrice|à propos des auteurs|sobre el autor|sobre la autora|sobre los autores
acerca del autor|sobre l'autor|sull'autore|l'autore|informazioni sull'autore|sobre o autor|sobre a autora|over de auteur
om författaren|om skribenten|om forfatteren|kirjoittajasta|o autorze|o autorce|o autorovi|o autorke|a szerzőről
despre autor|σχετικά με τον συντάκτη|yazar hakkında|apie autorių|par autoru|autorist|tentang penulis|عن الكاتب
درباره نویسنده|על הכותב|על המחבר|लेखक के बारे में|লেখক সম্পর্কে|เกี่ยวกับผู้เขียน|关于作者|作者简介|關於作者|作者簡介
著者について|この記事を書いた人|執筆者プロフィール|저자 소개|기자 소개|về tác giả
"""
_MAILED = """
view in browser|view in your browser|view this email in your browser|view online|read online|open in browser
unsubscribe|unsubscribe here|unsubscribe from this list|manage preferences|manage your preferences
update your preferences|update preferences|manage subscription|manage your subscription|email preferences
відписатися
відписатись|переглянути у браузері|отписаться|посмотреть в браузере|открыть в браузере|отпишете се|im browser ansehen
im browser anzeigen|online ansehen|abmelden|newsletter abbestellen|abbestellen|voir dans le navigateur
version en ligne|se désabonner|se désinscrire|me désabonner|ver en el navegador|ver en línea|cancelar suscripción
darse de baja|visualizza nel browser|cancella iscrizione|disiscriviti|annulla iscrizione|ver no navegador
cancelar inscrição|cancelar subscrição|bekijk in browser|bekijk online|uitschrijven|afmelden|visa i webbläsaren
avregistrera|avprenumerera|vis i nettleser|meld deg av|se i browser|afmeld|afmeld nyhedsbrev|näytä selaimessa
peruuta tilaus|zobacz w przeglądarce|wypisz się|zrezygnuj z subskrypcji|zobrazit v prohlížeči|odhlásit se|odhlásit odběr
zobraziť v prehliadači|odhlásiť sa|leiratkozás|leiratkozom|dezabonare|dezabonează-te|διαγραφή από τη λίστα
tarayıcıda görüntüle|abonelikten çık|atsisakyti|atrakstīties|loobu|berhenti berlangganan|إلغاء الاشتراك
عرض في المتصفح|لغو اشتراک|הסרה מרשימת התפוצה|להסרה|सदस्यता समाप्त करें|ยกเลิกการสมัคร|退订|取消订阅|取消訂閱
在浏览器中查看|配信停止|購読解除|ブラウザで表示|수신거부|수신 거부|hủy đăng ký
"""

LABELS: dict[str, Label] = {
    phrase: label
    for label, table in (
        *((Label.AD, _AD), (Label.SHARE, _SHARE), (Label.COMMENTS, _COMMENTS), (Label.RELATED, _RELATED)),
        *((Label.WRITER, _WRITER), (Label.MAILED, _MAILED)),
    )
    for line in table.strip().splitlines()
    for phrase in line.split("|")
}

# Headings of boxes for letters by mail are worded freely; the words below are in nearly all of them.
_LETTER = re.compile(
    r"\bnews ?letters?\b|\bmailing list\b|\bin your inbox\b|\bnieuwsbrief|\bnyhetsbrev|\bnyhedsbrev|\buutiskirje|"
    r"\bboletín\b|\bbutlletí\b|\blettre d'info|\binfolettre|розсилк|рассылк|рассылан|бюлетин|\bbiuletyn|\bzpravodaj\b|"
    r"\bhírlevél|\be-bülten|\bnaujienlaišk|\buudiskir|\bjaunumu vēstul|النشرة البريدية|القائمة البريدية|خبرنامه|"
    r"ניוזלטר|न्यूज़लेटर|จดหมายข่าว|邮件订阅|電子報|电子报|メールマガジン|メルマガ|ニュースレター|뉴스레터|\bbản tin email",
    re.I,
)
_MORE_FROM = re.compile(
    r"more (?:from|on|in|about)\b|(?:mehr|weitere\w{0,3}) (?:aus|zu|von)\b|more: |(?:plus|más) (?:de|sobre)\b", re.I
)
_NAMES = (
    "facebook|twitter|telegram|whatsapp|viber|linkedin|pinterest|reddit|bluesky|mastodon|threads|email|e-mail|vkontakte|"
    "line|print|pdf|x|vk"
)
MAX_NAMED_CHARS = 150  # of the names of networks at the end of a line: all of them, with marks between
_NETWORKS = re.compile(rf"(?:\W*(?:{_NAMES}))+$")
_LAST_NAMES = tuple(_NAMES.split("|"))

MAX_LEAD_CHARS = 60  # of a line, in which its colon comes


def bare(line: str) -> str:
    """The line as the tables have it."""
    if line[:1].isalpha() and line[-1:].isalpha():
        return line.casefold()
    first, last = 0, len(line)
    while first < last and not _is_letter(line[first]):
        first += 1
    while last > first and not _is_letter(line[last - 1]):
        last -= 1
    return line[first:last].casefold()


def _is_letter(char: str) -> bool:
    return char.isalnum() and not char.isdecimal()


@lru_cache(maxsize=5000)  # pages of a site have the same lines
def label_of(line: str) -> Label | None:
    """What a short line announces, if that is all it says."""
    words = bare(line)
    if label := LABELS.get(words):
        return label
    if not words.endswith(_LAST_NAMES):
        return None
    named = _NETWORKS.search(words, max(len(words) - MAX_NAMED_CHARS, 0))
    return LABELS.get(bare(words[: named.start()])) if named else None


@lru_cache(maxsize=5000)  # nested elements begin with the same line, and pages of a site have the same ones
def heading_of(line: str) -> Label | None:
    """What a short heading after the article announces. Looser than `label_of`."""
    if label := label_of(line):
        return label
    if _LETTER.search(line):
        return Label.NEWSLETTER
    return Label.RELATED if _MORE_FROM.match(line) else None


def leads_elsewhere(line: str) -> bool:
    """Whether a linked line reads "Read more: another article"."""
    head, colon, _ = line[:MAX_LEAD_CHARS].replace("：", ":").replace("»", ":").partition(":")
    return bool(colon) and (LABELS.get(bare(head)) is Label.RELATED or bare(head) in READ_MORE)
