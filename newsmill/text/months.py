"""Month names, full, inflected and abbreviated, in the languages of the news (lower case, without final stop).

Those from Icelandic on are the Unicode CLDR's (Unicode License v3), as Babel has them.
"""

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
ar2 - شباط آذار|اذار نيسان أيار|ايار حزيران تموز آب|اب أيلول|ايلول - - -
ar3 جانفي فيفري مارس أفريل|افريل ماي جوان جويلية أوت|اوت سبتمبر أكتوبر نوفمبر ديسمبر
ar4 يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر
fa ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر
he ינואר|בינואר פברואר|בפברואר מרץ|במרץ אפריל|באפריל מאי|במאי יוני|ביוני יולי|ביולי אוגוסט|באוגוסט ספטמבר|בספטמבר אוקטובר|באוקטובר נובמבר|בנובמבר דצמבר|בדצמבר
hi जनवरी फ़रवरी|फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर|सितम्बर अक्टूबर|अक्तूबर नवंबर|नवम्बर दिसंबर|दिसम्बर
bn জানুয়ারি|জানুয়ারি ফেব্রুয়ারি|ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর
th มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม
ka იანვარი|იანვარს თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი ნოემბერი დეკემბერი
az yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr
kk қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан
is janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember
sq janar shkurt mars prill maj qershor korrik gusht shtator tetor nëntor dhjetor
mk јануари|јан февруари|фев март|мар април|апр мај јуни|јун јули|јул август|авг септември|сеп октомври|окт ноември|ное декември|дек
hy հունվարի|հնվ|հունվար փետրվարի|փտվ|փետրվար մարտի|մրտ|մարտ ապրիլի|ապր|ապրիլ մայիսի|մյս|մայիս հունիսի|հնս|հունիս հուլիսի|հլս|հուլիս օգոստոսի|օգս|օգոստոս սեպտեմբերի|սեպ|սեպտեմբեր հոկտեմբերի|հոկ|հոկտեմբեր նոյեմբերի|նոյ|նոյեմբեր դեկտեմբերի|դեկ|դեկտեմբեր
ur جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر
ta ஜனவரி பிப்ரவரி|பிப் மார்ச்|மார் ஏப்ரல்|ஏப் மே ஜூன் ஜூலை ஆகஸ்ட் செப்டம்பர்|செப் அக்டோபர்|அக் நவம்பர் டிசம்பர்|டிச
te జనవరి ఫిబ్రవరి|ఫిబ్ర మార్చి ఏప్రిల్|ఏప్రి మే జూన్ జులై ఆగస్టు సెప్టెంబర్|సెప్టెం అక్టోబర్|అక్టో నవంబర్|నవం డిసెంబర్|డిసెం
gu જાન્યુઆરી|જાન્યુ ફેબ્રુઆરી|ફેબ્રુ માર્ચ એપ્રિલ મે જૂન જુલાઈ ઑગસ્ટ સપ્ટેમ્બર|સપ્ટે ઑક્ટોબર|ઑક્ટો નવેમ્બર|નવે ડિસેમ્બર|ડિસે
mr जानेवारी|जाने फेब्रुवारी|फेब्रु मार्च एप्रिल|एप्रि मे जून जुलै ऑगस्ट सप्टेंबर|सप्टें ऑक्टोबर|ऑक्टो नोव्हेंबर|नोव्हें डिसेंबर|डिसें
sw januari februari machi aprili mei juni julai agosti septemba oktoba novemba desemba
eu urtarrila|urtarrilaren|urtarrilak otsaila|otsailaren|otsailak martxoa|martxoaren|martxoak apirila|apirilaren|apirilak maiatza|maiatzaren|maiatzak ekaina|ekainaren|ekainak uztaila|uztailaren|uztailak abuztua|abuztuaren|abuztuak iraila|irailaren|irailak urria|urriaren|urriak azaroa|azaroaren|azaroak abendua|abenduaren|abenduak
cy ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr
uz yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr
ne जनवरी फेब्रुअरी मार्च अप्रिल मे जुन जुलाई अगस्ट सेप्टेम्बर अक्टोबर नोभेम्बर डिसेम्बर
ml ജനുവരി|ജനു ഫെബ്രുവരി|ഫെബ്രു മാർച്ച്|മാർ ഏപ്രിൽ|ഏപ്രി മേയ് ജൂൺ ജൂലൈ ഓഗസ്റ്റ് സെപ്റ്റംബർ|സെപ്റ്റം ഒക്ടോബർ|ഒക്ടോ നവംബർ|നവം ഡിസംബർ|ഡിസം
kn ಜನವರಿ ಫೆಬ್ರವರಿ|ಫೆಬ್ರ ಮಾರ್ಚ್ ಏಪ್ರಿಲ್|ಏಪ್ರಿ ಮೇ ಜೂನ್ ಜುಲೈ ಆಗಸ್ಟ್ ಸೆಪ್ಟೆಂಬರ್|ಸೆಪ್ಟೆಂ ಅಕ್ಟೋಬರ್|ಅಕ್ಟೋ ನವೆಂಬರ್|ನವೆಂ ಡಿಸೆಂಬರ್|ಡಿಸೆಂ
pa ਜਨਵਰੀ ਫ਼ਰਵਰੀ|ਫ਼ਰ ਮਾਰਚ ਅਪ੍ਰੈਲ|ਅਪ੍ਰੈ ਮਈ ਜੂਨ ਜੁਲਾਈ|ਜੁਲਾ ਅਗਸਤ ਸਤੰਬਰ|ਸਤੰ ਅਕਤੂਬਰ|ਅਕਤੂ ਨਵੰਬਰ|ਨਵੰ ਦਸੰਬਰ|ਦਸੰ
km មករា កុម្ភៈ មីនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ
lo ມັງກອນ ກຸມພາ ມີນາ ເມສາ ພຶດສະພາ ມິຖຸນາ ກໍລະກົດ ສິງຫາ ກັນຍາ ຕຸລາ ພະຈິກ ທັນວາ
my ဇန်နဝါရီ|ဇန် ဖေဖော်ဝါရီ မတ် ဧပြီ မေ ဇွန် ဇူလိုင် ဩဂုတ် စက်တင်ဘာ|စက် အောက်တိုဘာ|အောက် နိုဝင်ဘာ|နို ဒီဇင်ဘာ
gl xaneiro febreiro marzo abril maio xuño xullo agosto setembro outubro novembro decembro
mt jannar frar marzu april mejju ġunju lulju awwissu settembru ottubru novembru diċembru
lb januar februar mäerz abrëll mee juni juli august september oktober november dezember
fo januar februar mars apríl mai juni juli august september oktober november desember
tg январ|янв феврал|фев март|мар апрел|апр май июн июл август|авг сентябр|сен октябр|окт ноябр|ноя декабр|дек
tk ýanwar fewral mart aprel maý iýun iýul awgust sentýabr oktýabr noýabr dekabr
am ጃንዋሪ ፌብሩዋሪ ማርች ኤፕሪል|ኤፕሪ ሜይ ጁን ጁላይ ኦገስት|ኦገስ ሴፕቴምበር|ሴፕቴ ኦክቶበር|ኦክቶ ኖቬምበር|ኖቬም ዲሴምበር|ዲሴም
so janaayo|jannaayo febraayo maarso abriil maayo juun luulyo agosto|ogosto sebtembar|sebteembar oktoobar noofeembar diseembar
af januarie februarie maart april mei junie julie augustus september oktober november desember
fil enero pebrero marso abril mayo hunyo hulyo agosto setyembre oktubre nobyembre disyembre
ha janairu faburairu maris afirilu mayu yuni yuli agusta satumba oktoba nuwamba disamba
bs januar februar mart april maj juni juli august septembar oktobar novembar decembar
ps جنوري فبروري|فېبروري مارچ اپریل مۍ جون جولای اګست سېپتمبر|سپتمبر اکتوبر نومبر دسمبر
or ଜାନୁଆରୀ ଫେବୃଆରୀ ମାର୍ଚ୍ଚ ଅପ୍ରେଲ ମଇ ଜୁନ ଜୁଲାଇ ଅଗଷ୍ଟ ସେପ୍ଟେମ୍ବର ଅକ୍ଟୋବର ନଭେମ୍ବର ଡିସେମ୍ବର
as জানুৱাৰী|জানু ফেব্ৰুৱাৰী|ফেব্ৰু মাৰ্চ এপ্ৰিল মে’ জুন জুলাই আগষ্ট ছেপ্তেম্বৰ|ছেপ্তে অক্টোবৰ|অক্টো নৱেম্বৰ|নৱে ডিচেম্বৰ|ডিচে
fy jannewaris febrewaris maart april maaie juny july augustus septimber oktober novimber desimber
"""

# Croatian listopad is October, Polish and Ukrainian November: where the language is not known, the first that has a form
# keeps it, and the order above puts the larger press first.
MONTHS: dict[str, int] = {}
_BY_LANGUAGE: dict[str, dict[str, int]] = {}
for _line in _NAMES.strip().splitlines():
    _language, *_months = _line.split(" ")
    _own = _BY_LANGUAGE.setdefault(_language[:2] if len(_language) < 3 or _language[-1].isdigit() else _language, {})
    for _month, _forms in enumerate(_months, start=1):
        for _form in _forms.split("|"):
            if _form != "-":  # a month of several words: see `calendars`
                MONTHS.setdefault(_form, _month)
                _own.setdefault(_form, _month)
_BY_LANGUAGE |= {"nb": _BY_LANGUAGE["no"], "nn": _BY_LANGUAGE["no"]}


MIN_PREFIX = 3  # letters of an abbreviation


def month_of(word: str, language: str = "") -> int | None:
    """The month that a word (lower case, without final stop) names in any of the languages, that of the page first.

    Its language's abbreviations count, where they begin the names of one month only. None for another word.
    """
    own = _BY_LANGUAGE.get(language)
    if own is None:
        return MONTHS.get(word)
    abbreviated = _prefixes(language).get(_folded(word)) if len(word) >= MIN_PREFIX else None
    return own.get(word) or MONTHS.get(word) or abbreviated


def abbreviated_month(word: str) -> int | None:
    """`month_of`, and abbreviations of any length that begin the names of one month only, accents or not."""
    return MONTHS.get(word) or (_prefixes().get(_folded(word)) if len(word) >= MIN_PREFIX else None)


def _folded(word: str) -> str:
    """Without accents: feeds leave them out, and write them where the table does not."""
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@cache
def _prefixes(language: str = "") -> dict[str, int]:
    """Beginnings of the names to their month, of one language or of all; 0 where several months begin so."""
    found: dict[str, int] = {}
    for name, month in _BY_LANGUAGE.get(language, MONTHS).items():
        folded = _folded(name)
        for end in range(MIN_PREFIX, len(folded) + 1):
            known = found.setdefault(folded[:end], month)
            if known != month:
                found[folded[:end]] = 0
    return found
