"""The language of a text, from the text itself (pure)."""

import py3langid

MIN_CHARS = 20  # below this the declared language is the better guess
MAX_CHARS = 3000  # detection is settled long before; keeps it under 0.3 ms
SURE_LETTERS = 200


def detect_language(text: str, declared: str = "") -> tuple[str, str]:
    """The language of `text` as an ISO 639 code and where it comes from: `text`, `declared`, or both empty."""
    hint = primary(declared)
    sample = text[:MAX_CHARS]
    if sum(map(str.isalpha, sample[:SURE_LETTERS])) < MIN_CHARS:
        return (hint, "declared") if hint else ("", "")
    code, _ = py3langid.classify(sample)
    return str(code), "text"


def primary(tag: str) -> str:
    """The primary subtag of a BCP 47 language tag, lower case; empty when it is none."""
    head = tag.strip().replace("_", "-").split("-")[0].lower()
    return head if 2 <= len(head) <= 3 and head.isascii() and head.isalpha() else ""
