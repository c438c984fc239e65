"""Month names, full, inflected and abbreviated, in the languages of the news (lower case, without final stop)."""

import unicodedata
from functools import cache

# One line a language, months in order, forms of one month separated by "|".
_NAMES = """
en january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sep|sept october|oct november|nov december|dec
de januar|jänner|jän februar|feber märz|mär|maerz|mrz april mai juni juli august september oktober|okt november dezember|dez
fr janvier|janv février|févr|fév|fevrier mars avril|avr mai juin juillet|juil août|aout septembre octobre novembre décembre|déc|decembre
es enero|ene febrero marzo abril|abr mayo junio julio agosto|ago septiembre|setiembre|set octubre noviembre diciembre|dic
it gennaio|gen febbraio|febb marzo aprile maggio|mag giugno|giu luglio|lug agosto settembre|sett ottobre|ott novembre dicembre
pt janeiro fevereiro|fev março|marco abril maio|mai junho julho agosto setembro outubro|out novembro dezembro
nl januari februari maart|mrt april mei juni juli augustus september oktober november december
sv januari februari mars april maj juni juli augusti september oktober november december
da januar februar marts april maj juni juli august september oktober november december
no januar februar mars april mai juni juli august september oktober november desember|des
fi tammikuu|tammikuuta helmikuu|helmikuuta maaliskuu|maaliskuuta huhtikuu|huhtikuuta toukokuu|toukokuuta kesäkuu|kesäkuuta heinäkuu|heinäkuuta elokuu|elokuuta syyskuu|syyskuuta lokakuu|lokakuuta marraskuu|marraskuuta joulukuu|joulukuuta
pl stycznia|styczeń|sty lutego|luty|lut marca|marzec kwietnia|kwiecień|kwi maja|maj czerwca|czerwiec|cze lipca|lipiec|lip sierpnia|sierpień|sie września|wrzesień|wrz października|październik|paź listopada|listopad|lis grudnia|grudzień|gru
cs ledna|leden|led února|únor|úno března|březen|bře dubna|duben|dub května|květen|kvě června|červen|čvn července|červenec|čvc srpna|srpen|srp září|zář října|říjen|říj listopadu prosince|prosinec|pro
sk januára|január februára|február marca|marec apríla|apríl mája|máj júna|jún júla|júl augusta|august septembra|september októbra|október novembra|november decembra|december
uk січня|січень|січ лютого|лютий|лют березня|березень|бер квітня|квітень|квіт|кві травня|травень|трав червня|червень|черв липня|липень|лип серпня|серпень|серп вересня|вересень|верес|вер жовтня|жовтень|жовт листопада|листопад|лист грудня|грудень|груд
ru января|январь|янв февраля|февраль|фев марта|март|мар апреля|апрель|апр мая|май июня|июнь|июн июля|июль|июл августа|август|авг сентября|сентябрь|сен|сент октября|октябрь|окт ноября|ноябрь|ноя декабря|декабрь|дек
be студзеня|студзень лютага|люты сакавіка|сакавік красавіка|красавік мая|май чэрвеня|чэрвень ліпеня|ліпень жніўня|жнівень верасня|верасень кастрычніка|кастрычнік лістапада|лістапад снежня|снежань
bg януари|яну февруари|фев март април май юни юли август септември|септ октомври ноември|ноем декември
sr јануар|jануар|januara фебруар|februara март|marta април|aprila мај|maja јун|juna јул|jula август|avgusta септембар|septembra октобар|oktobra новембар|novembra децембар|decembra
hr siječnja|siječanj veljače|veljača ožujka|ožujak travnja|travanj svibnja|svibanj lipnja|lipanj srpnja|srpanj kolovoza|kolovoz rujna|rujan listopada|listopad studenoga|studenog|studeni prosinca|prosinac
sl januarja februarja marca aprila maja junija julija avgusta|avgust septembra oktobra novembra decembra
hu január|jan február|febr március|márc április|ápr május|máj június|jún július|júl augusztus szeptember|szept október november december
ro ianuarie|ian februarie martie aprilie mai iunie|iun iulie|iul august septembrie octombrie noiembrie|noi decembrie
el ιανουαρίου|ιανουάριος|ιαν φεβρουαρίου|φεβρουάριος|φεβ μαρτίου|μάρτιος|μαρ απριλίου|απρίλιος|απρ μαΐου|μάιος|μαι ιουνίου|ιούνιος|ιουν ιουλίου|ιούλιος|ιουλ αυγούστου|αύγουστος|αυγ σεπτεμβρίου|σεπτέμβριος|σεπ οκτωβρίου|οκτώβριος|οκτ νοεμβρίου|νοέμβριος|νοε δεκεμβρίου|δεκέμβριος|δεκ
tr ocak|oca şubat|şub mart nisan|nis mayıs haziran|haz temmuz|tem ağustos|ağu eylül|eyl ekim|eki kasım|kas aralık|ara
lt sausio|sausis vasario|vasaris kovo|kovas balandžio|balandis gegužės|gegužė birželio|birželis liepos|liepa rugpjūčio|rugpjūtis rugsėjo|rugsėjis spalio|spalis lapkričio|lapkritis gruodžio|gruodis
lv janvāris|janvārī februāris|februārī marts|martā aprīlis|aprīlī maijs|maijā jūnijs|jūnijā jūlijs|jūlijā augusts|augustā septembris|septembrī oktobris|oktobrī novembris|novembrī decembris|decembrī
et jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
id januari februari maret april mei juni juli agustus|agt september oktober november desember
ms januari februari mac april mei jun julai ogos september oktober november disember
ca gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
ar يناير فبراير مارس أبريل|ابريل مايو يونيو يوليو أغسطس|اغسطس سبتمبر أكتوبر|اكتوبر نوفمبر ديسمبر
ar2 كانون\u00a0الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين\u00a0الأول تشرين\u00a0الثاني كانون\u00a0الأول
fa ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر
he ינואר|בינואר פברואר|בפברואר מרץ|במרץ אפריל|באפריל מאי|במאי יוני|ביוני יולי|ביולי אוגוסט|באוגוסט ספטמבר|בספטמבר אוקטובר|באוקטובר נובמבר|בנובמבר דצמבר|בדצמבר
hi जनवरी फ़रवरी|फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर|सितम्बर अक्टूबर|अक्तूबर नवंबर|नवम्बर दिसंबर|दिसम्बर
bn জানুয়ারি|জানুয়ারি ফেব্রুয়ারি|ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর
th มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม
ka იანვარი|იანვარს თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი ნოემბერი დეკემბერი
az yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr
kk қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан
"""

# Croatian lipanj/srpanj/listopad and Polish/Ukrainian ones differ by a month: the first language that has a
# form keeps it, and the order above puts the larger press first.
MONTHS: dict[str, int] = {}
for _line in _NAMES.strip().splitlines():
    for _month, _forms in enumerate(_line.split(" ")[1:], start=1):
        for _form in _forms.split("|"):
            MONTHS.setdefault(_form, _month)


MIN_PREFIX = 3  # letters of an abbreviation


def month_of(word: str) -> int | None:
    """The month that a word (lower case, without final stop) names in any of the languages; None for another word."""
    return MONTHS.get(word)


def abbreviated_month(word: str) -> int | None:
    """`month_of`, and abbreviations of any length that begin the names of one month only, accents or not."""
    return MONTHS.get(word) or (_prefixes().get(_folded(word)) if len(word) >= MIN_PREFIX else None)


def _folded(word: str) -> str:
    """Without accents: feeds leave them out, and write them where the table does not."""
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@cache
def _prefixes() -> dict[str, int]:
    """Beginnings of the names to their month; 0 where several months begin so."""
    found: dict[str, int] = {}
    for name, month in MONTHS.items():
        folded = _folded(name)
        for end in range(MIN_PREFIX, len(folded) + 1):
            known = found.setdefault(folded[:end], month)
            if known != month:
                found[folded[:end]] = 0
    return found
