"""Words to what all their forms share: Snowball's stems, and tables where it has none (pure).

Snowball 3.1 (Stemmer, BSD) knows 33 of the languages that are detected; see docs/decisions/search.md for what else was
looked at. A stem is cut from the word as it is written, and folded then: folded first, Greek, Polish or Spanish accents
would be missing that tell endings apart.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from newsmill.text.endings import ENDINGS, cut, hebrew
from newsmill.text.tokens import fold

LONGEST = 40  # letters of a word that has a stem; longer ones are no words
SNOWBALL: Mapping[str, str] = {
    "ar": "arabic",
    "bs": "serbian",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "gl": "portuguese",
    "hi": "hindi",
    "hr": "serbian",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ms": "indonesian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sk": "czech",
    "sr": "serbian",
    "st": "sesotho",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
LANGUAGES: tuple[str, ...] = tuple(sorted({*SNOWBALL, *ENDINGS, "he"}))
# Languages that write what they join as one word.
COMPOUNDING = frozenset({"da", "de", "fi", "hu", "is", "nb", "nl", "nn", "no", "sv", "et"})
_PLURALS = (("ais", "al"), ("éis", "el"), ("óis", "ol"), ("ões", "ão"), ("ães", "ão"))  # Portuguese
_SOFTENED = str.maketrans("zžcč", "hhkk")  # Czech and Slovak Praha, Praze; ruka, ruce


# Languages whose stems need nothing else, where a word has ASCII letters only.
PLAIN = frozenset(SNOWBALL) - {"ar", "cs", "gl", "pt", "sk", "tr"}


def stems(word: str, language: str, *, asked: bool = False) -> tuple[str, ...]:
    """The stems of a word as written, folded; none in a language without a table. asked: of a query."""
    word = word.lower()
    if len(word) > LONGEST:
        return ()
    if word.isascii():
        if language in PLAIN:
            return (_stem_word(language)(word),)
    else:
        word = word.replace("\u0307", "")  # of Turkish İ
    if language == "he":
        return hebrew(fold(word), asked=asked)
    if language in ENDINGS:
        both = (word, f"{word}а") if language == "uk" and word.endswith(("ів", "їв")) else (word,)
        return tuple(dict.fromkeys(fold(cut(form, language)) for form in both))  # genitive plural, or Київ, Харків
    if language not in SNOWBALL:
        return ()
    if language == "ar":
        word = word.replace("ى", "ي")  # alef maksura, which many write for yeh and the other way round
    if language in ("pt", "gl"):
        word = next((word.removesuffix(end) + one for end, one in _PLURALS if word.endswith(end)), word)
    stem = str(_stemmer(SNOWBALL[language]).stemWord(word))
    if language == "tr":  # belediyenin, belediye: the case ending hides another that is cut where it stands last
        stem = str(_stemmer(SNOWBALL[language]).stemWord(stem))
    if language in ("cs", "sk") and len(stem) > 3:
        stem = stem[:-1] + stem[-1].translate(_SOFTENED)
    if language == "ar" and asked:  # وزير begins with what may be a prefix, and does not after the article
        stem = str(_stemmer("arabic").stemWord(f"ال{word}"))
        return tuple(dict.fromkeys((fold(stem), fold(str(_stemmer("arabic").stemWord(word))))))
    return (fold(stem),)


@cache
def _stem_word(language: str) -> Callable[[str], str]:
    found: Callable[[str], str] = _stemmer(SNOWBALL[language]).stemWord
    return found


@cache
def _stemmer(algorithm: str) -> Any:
    from Stemmer import Stemmer  # what only reads pages needs none

    return Stemmer(algorithm, 0)  # no cache of its own: forms.py has one
