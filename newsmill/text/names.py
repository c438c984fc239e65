"""How a name sounds, roughly and in Latin letters: the same for Zelensky, Zelenskyy and Зеленський (pure).

Cyrillic, Greek, Armenian and Georgian are romanised by anyascii (ISC licence); scripts that leave vowels out are not:
ntnyhv and Netanyahu share too little.
"""

import re
from functools import lru_cache

LEAST_LETTERS = 6  # of a name; shorter ones sound like too many others
LONGEST = 30
_ALPHABETS = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u052f\u0531-\u058f\u10a0-\u10ff\u1e00-\u1fff'’ʼ-]+")
_WRITTEN = (  # one sound, written in the ways of several languages; digits, since SQLite folds case
    (("shch", "sch", "sh", "sz"), "1"),
    (("tsch", "tch", "ch", "cz"), "2"),
    (("zh",), "3"),
    (("kh",), "h"),
    (("ph",), "f"),
    (("th",), "t"),
    (("ck", "q"), "k"),
    (("tz", "ts"), "c"),
    (("x",), "ks"),
    (("w",), "v"),
)
_SPELLINGS = re.compile("|".join(spelling for spellings, _ in _WRITTEN for spelling in spellings))
_SOUND = {spelling: sound for spellings, sound in _WRITTEN for spelling in spellings}
_VOWELS = re.compile("[aeiouyj]+")
_DOUBLE = re.compile(r"([^a])\1+")


@lru_cache(maxsize=1 << 15)
def sound(name: str) -> str:
    """The key of a name; empty for what has none."""
    if not LEAST_LETTERS <= len(name) <= LONGEST or not _ALPHABETS.fullmatch(name):
        return ""
    latin = _latin(name).lower()
    heard = _VOWELS.sub("a", _SPELLINGS.sub(lambda found: _SOUND[found[0]], latin)).replace("c", "k")
    key = _DOUBLE.sub(r"\1", heard)
    return key if len(key.replace("a", "")) >= 4 else ""


def _latin(name: str) -> str:
    """The name in ASCII letters."""
    if name.isascii() and name.isalpha():
        return name
    from anyascii import anyascii

    return "".join(c for c in anyascii(name) if c.isalpha())
