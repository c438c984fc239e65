"""What stands beside an article's words in the index, so that other forms of them are found (pure).

Each form is one token of the field `forms`, once an article; its first character says which kind it is:

- a stem, told by its language: Slovak "hospit" is no Portuguese one. Words of scripts without spaces have none.
- a word joined of parts: O'Neill, F-16, AT&T, U.S. and 1,234,567 as oneill, f16, att, us and 1234567.
- the head of a long word, and its stem from behind: the parts of compounds are looked for as beginnings of these.
- how a capitalised word sounds (newsmill/text/names.py).
"""

import re
from collections.abc import Sequence

from newsmill.model import Document
from newsmill.text.names import LEAST_LETTERS, sound
from newsmill.text.remembered import Remembered
from newsmill.text.stems import COMPOUNDING, LANGUAGES, stems
from newsmill.text.tokens import fold, tokens, words_pattern

# One character a kind, of two bytes and from where no folded token begins.
MARK = {language: chr(0x0180 + place) for place, language in enumerate(LANGUAGES)}
JOINED, HEAD, TAIL, SOUND = "\u01fc", "\u01fd", "\u01fe", "\u01ff"
CACHED_WORD = 32  # characters; longer ones do not repeat
LONG = 8  # letters of a word or stem from which on it may be a compound
LEAST_PART = 4  # letters of a part of a compound
LEAST_REST = 3  # letters of what else is in it
MOST_PARTS = 6  # of a joined word
FIRST_UNSPACED = "\u0e00"  # below there are only scripts with spaces between words
_POSSESSIVE = re.compile(r"['’]s\b")
_SIGNED = re.compile(r"(?<!\w)([A-Za-z])(\+\+|#)(?!\w)")  # C++, C#, F#: other words than the letter
_SIGNS = {"++": "plusplus", "#": "sharp"}
AROUND = ".,;:!?()[]{}<>\"'«»„“”‘’‚‹›…–—-·*/|।、。"  # what stands before and after words
_SEPARATED = re.compile(r"(?<![\w+#])[\w+#]++(?:['’ʼ.&\-‐‑][\w+#]++)+\.?")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,’']\d{3})+(?![.,]?\d)")
_SEPARATORS = re.compile(r"['’ʼ.,&\-‐‑]")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]\.?")


def forms(document: Document) -> str:
    """The forms of an article's words, between spaces, in any order."""
    language = document.language.lower()
    text = "\n".join((document.title, document.text, document.description, *document.keywords))
    bare = {chunk.strip(AROUND) for chunk in set(text.split())}
    found = " ".join(map(_FORMS.__getitem__, map(f"{language} ".__add__, bare)))
    return " ".join(set(found.split()))


def words_of(text: str) -> list[str]:
    """The words of a text that may have forms."""
    return words_pattern().findall(text)


def forms_of(chunk: str, language: str) -> tuple[str, ...]:
    """The forms of what stands between spaces, a word or several with marks between them."""
    if chunk.isalnum():
        return tuple(_of_word(chunk, language)) if chunk.isalpha() and chunk.isascii() else _of_words(chunk, language)
    return (*(JOINED + word for word in (*joined(chunk), *signed(chunk))), *_of_words(chunk, language))


def _of_words(chunk: str, language: str) -> tuple[str, ...]:
    if chunk.isalpha() and max(chunk) < FIRST_UNSPACED:
        return tuple(_of_word(chunk, language))
    return tuple(form for word in words_of(chunk) for form in _of_word(word, language))


def _of_word(word: str, language: str) -> list[str]:
    if len(word) == 1:
        return []
    of_language = stems(word, language)
    mark = MARK.get(language, "")
    found = [mark + stem for stem in of_language if stem]
    if len(word) >= LONG - 1 and language in COMPOUNDING:
        found += [HEAD + folded for folded in tokens(word) if len(folded) >= LONG]
        found += [TAIL + stem[::-1] for stem in of_language if len(stem) >= LONG - 1]
    if len(word) >= LEAST_LETTERS and word[0].isupper() and (key := sound(word)):
        found.append(SOUND + key)
    return found


def cached_forms(word: str, language: str) -> tuple[str, ...]:
    """The same of a word that may come again."""
    return tuple(_FORMS[f"{language} {word}"].split())


def _forms_between_spaces(key: str) -> str:
    """key: a language, a space, and what stands between spaces."""
    language, _, chunk = key.rpartition(" ")
    return " ".join(forms_of(chunk, language))


_FORMS = Remembered(_forms_between_spaces, entries=1 << 16, longest=CACHED_WORD + len("en "))  # 30 MB at most


def joined(text: str) -> list[str]:
    """What is written with marks within it, folded and without these."""
    if _SEPARATORS.search(text) is None:
        return []
    found = [_SEPARATORS.sub("", number) for number in _GROUPED.findall(text)]
    for written in _SEPARATED.findall(_POSSESSIVE.sub("", text)):
        parts = [part for part in _SEPARATORS.split(written) if part]
        dotted = "." in written.rstrip(".")
        if len(parts) > MOST_PARTS or (dotted and not _INITIALS.fullmatch(written)):
            continue
        folded = tokens("".join(parts))
        if len(folded) == 1 and not folded[0].isdigit():
            found.append(folded[0])
    return found


def signed(text: str) -> list[str]:
    """Letters with a sign that makes them another word."""
    found = _SIGNED.findall(text) if "+" in text or "#" in text else []
    return [letter.lower() + _SIGNS[sign] for letter, sign in found]


def asked_stems(word: str, languages: Sequence[str]) -> list[str]:
    """The forms that a word of a query has in these languages."""
    return list(
        dict.fromkeys(MARK[code] + stem for code in languages for stem in stems(word, code, asked=True) if stem)
    )


def asked_parts(word: str, languages: Sequence[str]) -> list[str]:
    """What begins the forms of compounds that begin or end with a word of a query."""
    compounding = [code for code in languages if code in COMPOUNDING]
    if len(word) < LEAST_PART or not compounding or not word.isalpha():
        return []
    heads = [HEAD + fold(word)] if len(word) > LEAST_PART else []
    ends = {stem for code in compounding for stem in stems(word, code) if len(stem) >= LEAST_PART}
    return heads + sorted(TAIL + stem[::-1] for stem in ends)


def asked_sound(word: str) -> list[str]:
    """How a name in a query sounds."""
    key = sound(word)
    return [SOUND + key] if key else []
