"""One spelling for what a script writes in several ways: letters, digits and nasals (pure).

A table a script, from the normalisers of Lucene's analysis module (ArabicNormalizer, PersianNormalizer,
IndicNormalizer, HindiNormalizer), and for Han characters from OpenCC (training/han.py). All of it is for what has been
decomposed (NFKD).
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

# Latin letters that no decomposition takes apart, and the Ukrainian ґ that many write г.
LETTERS = dict(zip("øđðłħŧıґ", "oddlhtiг", strict=True)) | {"æ": "ae", "œ": "oe", "þ": "th"}
# Arabic, Persian and Urdu forms of yeh, kaf and heh; teh marbuta and alef maksura, which many write heh and yeh.
ARABIC = dict(zip("ىیېےکڪةہھەۃٱ", "ييييككههههها", strict=True))
_BLOCKS = (0x0900, 0x0980, 0x0A00, 0x0A80, 0x0B00, 0x0C00, 0x0C80)  # Devanagari to Kannada: one layout
_VOWELS = dict(zip("ईऊीूॠॄऍऎऑऒॅॆॉॊ", "इउिुऋृएएओओेेोो", strict=True))  # HindiNormalizer: length, and English sounds
LAST_DIGIT = 0x1FC00  # code points; above there are no digits
_INDIC = re.compile("[\u0900-\u0cff]")


def one_spelling(text: str) -> str:
    """Decomposed text, folded in case, in one spelling."""
    if _INDIC.search(text):
        text = _nasals().sub(lambda found: chr((ord(found[0][0]) & ~0x7F) + 0x02), text)
    return text.translate(_letters())


@cache
def _letters() -> dict[int, str | None]:
    digits = {c: str(unicodedata.decimal(chr(c))) for c in range(0x80, LAST_DIGIT) if chr(c).isdecimal()}
    nuktas: dict[int, str | None] = {block + 0x3C: None for block in _BLOCKS}
    moons = {block + 0x01: chr(block + 0x02) for block in _BLOCKS}  # candrabindu, written anusvara
    odd, usual = Path(__file__).with_name("simplified.txt").read_text("utf-8").splitlines()
    tables = str.maketrans({**LETTERS, **ARABIC, **_VOWELS, **dict(zip(odd, usual, strict=True))})
    return {**digits, **nuktas, **moons, **tables}


@cache
def _nasals() -> re.Pattern[str]:
    """A nasal that has no vowel before another consonant: हिन्दी, also written हिंदी."""
    ways = []
    for block in _BLOCKS:
        nasals = "".join(chr(block + offset) for offset in (0x19, 0x1E, 0x23, 0x28, 0x2E))
        ways.append(f"[{nasals}]{chr(block + 0x4D)}(?=[{chr(block + 0x15)}-{chr(block + 0x39)}])")
    return re.compile("|".join(ways))
