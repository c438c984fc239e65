"""Values as pages write them, made one clean line (pure)."""

import html

MAX_FIELD_CHARS = 1000


def clean(raw: str) -> str:
    """One line without entities (publishers escape twice), at most MAX_FIELD_CHARS."""
    text = raw[: MAX_FIELD_CHARS * 4]
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return " ".join(text.split())[:MAX_FIELD_CHARS]
