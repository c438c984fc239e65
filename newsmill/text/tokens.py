"""Text to search tokens (pure): the same for documents and queries, in every store.

Both stores index the tokens made here, so a query finds the same articles in both.

- Case, width, ligatures and diacritics are folded: Größe → grosse, Ё → е, ｶﾞ → ガ; so are spellings (orthography.py).
- A token is a run of letters, digits and marks; everything else separates, but for the apostrophe in Cyrillic words.
- Scripts written without spaces, and Hangul, become overlapping pairs of characters, as in Lucene's
  CJK analyzer, with the last character of a run alone: 日本語 → 日本, 本語, 語.
  A word of two or more characters is found as a phrase of pairs, a single one as the beginning of a pair.
"""

import re
import unicodedata
from functools import cache, lru_cache

from newsmill.text.orthography import one_spelling
from newsmill.text.remembered import Remembered

VERSION = 2  # raise it when the tokens of any text change: stores then rebuild their index
CACHED_WORD = 24  # characters; longer ones (whole sentences of unspaced scripts) do not repeat
REMEMBERED_TEXTS = 256  # whose tokens are kept: near-copies and the index ask for those of one batch, at most 200
REMEMBERED_CHARACTERS = 1 << 15  # of such a text; so at most some 16 MB in all
MAX_TOKEN = 64  # characters; longer runs are base64 or other debris, and are cut

# Arabic tatweel, soft hyphen, joiners; and with them combining diacritics (Latin, Greek, Cyrillic), Hebrew points,
# Arabic vowel signs.
IGNORED = "\u0640\u00ad\u200b-\u200d\u2060\ufeff"
DROPPED = re.compile(f"[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670{IGNORED}]+")
# Han, kana, bopomofo, Hangul, Thai, Lao, Myanmar, Khmer.
UNSPACED = (
    "\u3005-\u3007\u3021-\u3029\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
    "\u0e01-\u0e4e\u0e80-\u0ece\u1000-\u103f\u1050-\u109d\u1780-\u17d3"
)
# The apostrophe of Ukrainian and Belarusian words, however it is typed, and what parts a Persian word from its ending.
APOSTROPHE = re.compile("(?<=[\u0400-\u052f])['\u2019\u02bc\u2032`\u00b4\u2018](?=[\u0400-\u052f])")
JOINER = re.compile("(?<=[\u0600-\u06ff])\u200c(?=[\u0600-\u06ff])")
ASCII_TOKENS = re.compile(rf"([a-z0-9]{{1,{MAX_TOKEN}}})[a-z0-9]*")
# What stands before and after words and is no part of any token, nor makes one of what is beside it.
EDGES = ".,;:!?()[]{}<>\"'«»„“”‘’‚‹›…–—-*/|،؛؟"
# Scripts with spaces whose letters fold one by one, whatever stands beside them: Latin to Arabic, Georgian, the accents
# of Vietnamese and Greek; and punctuation.
_ONE_BY_ONE = (range(0x700), range(0x10A0, 0x1100), range(0x1E00, 0x2070))
LAST_MARK = 0x1F000  # code points; above are symbols, ideographs and variation selectors


def fold(text: str) -> str:
    """Text without case, width, ligatures and diacritics."""
    if text.isascii():
        return text.lower()
    try:
        return "".join(map(_characters().__getitem__, text))
    except KeyError:
        return _fold(text)


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", one_spelling(DROPPED.sub("", decomposed)))


@cache
def _characters() -> dict[str, str]:
    """Of each character that folds for itself, what it becomes; marks do not, and change what is before them."""
    points = (chr(point) for points in _ONE_BY_ONE for point in points)
    return {one: _fold(one) for one in points if unicodedata.category(one)[0] != "M"}


@cache
def _letters() -> dict[str, str]:
    """The letters and digits among them, but for those that are or hold an apostrophe."""
    found = {one: folded for one, folded in _characters().items() if one.isalnum() and folded.isalnum()}
    return {one: folded for one, folded in found.items() if "\u02bc" not in one + folded}


def tokens(text: str) -> list[str]:
    """The tokens of a text, in its order, as a document has them."""
    found = analysed(text)
    return found.split(" ") if found else []


def analysed(text: str) -> str:
    """The tokens of a text, between spaces: what the stores index."""
    return _analysed_lately(text) if len(text) <= REMEMBERED_CHARACTERS else _analysed(text)


def _analysed(text: str) -> str:
    if text.isascii():
        return " ".join(ASCII_TOKENS.findall(text.lower()))
    return " ".join(filter(None, map(_TOKENS.__getitem__, text.split())))


_analysed_lately = lru_cache(maxsize=REMEMBERED_TEXTS)(_analysed)


def word_tokens(word: str) -> tuple[str, ...]:
    """The tokens of what stands between spaces."""
    return tuple(_TOKENS[word].split())


def _split(word: str) -> str:
    if word.isascii():
        return " ".join(ASCII_TOKENS.findall(word.lower()))
    try:
        return "".join(map(_letters().__getitem__, word.strip(EDGES)))[:MAX_TOKEN]
    except KeyError:
        return " ".join(_of_any(word))


def _of_any(word: str) -> list[str]:
    found: list[str] = []
    word = JOINER.sub(" ", APOSTROPHE.sub("", word)).replace("\u02bc", "'")
    for run in _token().findall(fold(word).replace("_", " ")):
        for pairs, spaced in _scripts().findall(run):
            found.extend([spaced[:MAX_TOKEN]] if spaced else (pairs[i : i + 2] for i in range(len(pairs))))
    return found


# Words repeat: a text costs a fifth of what it costs without.
_TOKENS = Remembered(_split, entries=1 << 15, longest=CACHED_WORD)  # 13 MB at most


def query_tokens(text: str) -> tuple[str, ...]:
    """The tokens that stand in a row wherever `text` occurs.

    The last character of a pair-wise run stands alone only where the document's run ends too, so at the end
    of a query it is left out: 日本 is looked for as the pair, and found in 日本語.
    """
    found = tokens(text)
    if len(found) > 1 and is_beginning(found[-1]) and len(found[-2]) == 2 and found[-2].endswith(found[-1]):
        found.pop()
    return tuple(found)


def is_beginning(token: str) -> bool:
    """Whether this is one character of an unspaced script, which begins pairs rather than being a word."""
    return len(token) == 1 and bool(_unspaced().match(token))


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}]")


@cache
def _scripts() -> re.Pattern[str]:
    return re.compile(f"([{UNSPACED}]+)|([^{UNSPACED}]+)")


@cache
def marks() -> str:
    """Combining marks and what is ignored within words, as the inside of a class of characters."""
    found = "".join(chr(c) for c in range(0x300, LAST_MARK) if unicodedata.category(chr(c))[0] == "M")
    return found + IGNORED


@cache
def _token() -> re.Pattern[str]:
    return re.compile(f"[\\w{marks()}]+")


@cache
def words_pattern() -> re.Pattern[str]:
    """Words of scripts that put spaces between them, with their marks, as they are written; no numbers."""
    return re.compile(f"[^\\W\\d_{UNSPACED}](?:[^\\W_{UNSPACED}]|[{marks()}])*")
