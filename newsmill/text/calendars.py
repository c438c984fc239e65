"""Days that other calendars count, and months that are not one word, written as the reader of days knows them (pure).

Japanese eras, the years of Taiwan, the Persian calendar, Thai and Vietnamese months, and the two-word months of the
Levant.
"""

import re
import unicodedata
from datetime import date, timedelta

_BLOCKS = ((0x0660, 0x06FF), (0x0900, 0x0DFF), (0x0E50, 0x0ED9), (0x1040, 0x1049), (0x17E0, 0x17E9), (0xFF10, 0xFF19))
_DIGITS = {
    code: str(value)
    for first, last in _BLOCKS
    for code in range(first, last + 1)
    if (value := unicodedata.decimal(chr(code), None)) is not None
}
# Years before the first of each era; 1912 is the first of the Republic of China.
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911, "中華民國": 1911}
_ERA = re.compile(f"({'|'.join(sorted(_ERAS, key=len, reverse=True))})\\s?(\\d{{1,3}}|元)\\s?年")
_YEAR = "january february march april may june july august september october november december"
_ENGLISH = _YEAR.split(" ")
_SHORT_THAI = "ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค"
_THAI = _SHORT_THAI.split(" ")
_LEVANT = ("كانون الثاني|كانون ثاني|كانون ثان", *8 * ("",), "تشرين الأول|تشرين الاول|تشرين أول|تشرين اول",
           "تشرين الثاني|تشرين ثاني|تشرين ثان", "كانون الأول|كانون الاول|كانون أول|كانون اول")  # fmt: skip
_KURDISH = ("کانوونی دووەم", *8 * ("",), "تشرینی یەکەم", "تشرینی دووەم", "کانونی یەکەم")
_COUNTED = "một|giêng hai ba tư|bốn năm sáu bảy tám chín mười mười~một mười~hai|chạp"
_VIETNAMESE = _COUNTED.split(" ")
_SPELT = {
    form.replace("~", " "): _ENGLISH[month]
    for names in (_THAI, _LEVANT, _KURDISH, [f"tháng~{form}".replace("|", "|tháng~") for form in _VIETNAMESE])
    for month, forms in enumerate(names)
    for form in forms.split("|")
    if form
}
_NAMES = re.compile(
    "(?:{})(?![^\\W\\d_])".format("|".join(re.escape(name) for name in sorted(_SPELT, key=len, reverse=True))), re.I
)
_THAI_YEAR = re.compile(rf"(\d{{1,2}}\s?)({'|'.join(map(re.escape, _THAI))})(\.?\s?)(\d\d)(?![\d.:])")
_NUMBERED = re.compile(r"\b(?:tháng\s|th(?=\d))(\d{1,2})(?!\d)(?:,?\s?năm(?=\s\d))?", re.I)
_PERSIAN = (
    "فروردین|حمل اردیبهشت|ثور خرداد|جوزا تیر|سرطان مرداد|اسد شهریور|سنبله "
    "مهر|میزان آبان|عقرب آذر|قوس دی|جدی بهمن|دلو اسفند|حوت"
)
_JALALI = _PERSIAN.split(" ")
_JALALI_MONTHS = {form: month for month, forms in enumerate(_JALALI, start=1) for form in forms.split("|")}
_JALALI_NAMED = re.compile(
    r"(?<!\d)(\d{{1,2}})\s?({})(?:\s?ماه)?،?\s?(?:سال\s)?(1[34]\d\d)(?!\d)".format("|".join(_JALALI_MONTHS))
)
_JALALI_NUMBERS = re.compile(r"(?<![\d/-])(1[34]\d\d)\s?([/-])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?![\d/-])")
_NOWRUZ_1300 = date(1921, 3, 21)


def in_one_calendar(text: str, language: str = "") -> str:
    """`text` with digits of ASCII, years of the common era, and months of one word. language: of the page, or empty."""
    if text.isascii() and language not in ("fa", "vi"):
        return text
    text = text.translate(_DIGITS)
    text = _ERA.sub(lambda m: f"{_ERAS[m[1]] + (1 if m[2] == '元' else int(m[2]))}年", text)
    text = _THAI_YEAR.sub(r"\1\2\3 25\4", text)
    text = _NUMBERED.sub(_numbered, text)
    text = _NAMES.sub(lambda m: f" {_SPELT[' '.join(m[0].lower().split())]} ", text)
    text = _JALALI_NAMED.sub(lambda m: _jalali(m[0], int(m[3]), _JALALI_MONTHS[m[2]], day=int(m[1])), text)
    return _JALALI_NUMBERS.sub(lambda m: _jalali(m[0], int(m[1]), int(m[3]), day=int(m[4])), text)


def _numbered(found: re.Match[str]) -> str:
    month = int(found[1])
    return f" {_ENGLISH[month - 1]} " if 1 <= month <= 12 else found[0]


def _jalali(written: str, year: int, month: int, *, day: int) -> str:
    """The day of the Persian calendar in ISO 8601; as it was written, where there is no such day."""
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        return written
    days = sum(366 if _leap(each) else 365 for each in range(1300, year))
    days += (month - 1) * 30 + min(month - 1, 6) + day - 1
    return (_NOWRUZ_1300 + timedelta(days=days)).isoformat()


def _leap(year: int) -> bool:
    """The 33-year cycle, which agrees with the astronomical rule from 1178 to 1633."""
    return (25 * year + 11) % 33 < 8
