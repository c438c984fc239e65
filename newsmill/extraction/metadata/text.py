"""Values as pages write them, made one clean line (pure)."""

import html
import re

MAX_FIELD_CHARS = 1000
# Thai, Lao, Myanmar, Khmer, kana, Han: scripts without spaces between words, where a character counts as a word.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SPACELESS}]|[^\W_{_SPACELESS}]+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")


def clean(raw: str) -> str:
    """One line without entities (publishers escape twice), at most MAX_FIELD_CHARS."""
    text = raw[: MAX_FIELD_CHARS * 4]
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return " ".join(text.split())[:MAX_FIELD_CHARS]


def words_of(text: str) -> list[str]:
    """The words of a line, lower case; in scripts without spaces its characters."""
    lower = text.lower()
    return (_ASCII_WORD if lower.isascii() else _WORD).findall(lower)
