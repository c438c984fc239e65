"""Characters that nobody sees and that change what others look like: control codes and bidirectional formatting (pure).

Unicode Technical Report 36 §2.5, and UAX 9: embeddings and overrides turn text around until they are closed, which a
text cut out of its page seldom does. Isolates that are opened and closed in one line stay, as do direction marks and
joiners: they are spelling in many scripts.
"""

import re

_INVISIBLE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e"  # tab, line ends and U+0085 are white space
_UNSEEN = re.compile(f"[{_INVISIBLE}]")
_ISOLATES = re.compile("[\u2066-\u2069]")
_POP = "\u2069"
# What a terminal acts on, or cannot show: all of Unicode's controls, bidirectional formatting, half surrogate pairs.
_ACTED_ON = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def without_unseen(text: str) -> str:
    """`text` without control codes, embeddings, overrides and isolates that have no partner in their line."""
    if text.isascii() and text.isprintable():
        return text
    text = _UNSEEN.sub("", text)
    return "\n".join(map(_paired, text.split("\n"))) if _ISOLATES.search(text) else text


def _paired(line: str) -> str:
    """A line without the isolates that are not closed, and without what closes none."""
    opened: list[int] = []
    lonely: set[int] = set()
    for match in _ISOLATES.finditer(line):
        if match[0] != _POP:
            opened.append(match.start())
        elif opened:
            opened.pop()
        else:
            lonely.add(match.start())
    lonely.update(opened)
    return "".join(character for at, character in enumerate(line) if at not in lonely) if lonely else line


def escaped(text: str, *, lines: bool = False) -> str:
    """`text` as a terminal may be given it: what it would act on is spelt out. lines: line ends and tabs are kept."""
    if text.isascii() and text.isprintable():
        return text
    return _ACTED_ON.sub(lambda match: match[0] if lines and match[0] in "\n\t" else _spelt(match[0]), text)


def _spelt(character: str) -> str:
    return (
        character.encode("unicode_escape").decode()
        if character < "\ud800" or character > "\udfff"
        else (f"\\u{ord(character):04x}")
    )
