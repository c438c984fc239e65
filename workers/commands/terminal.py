"""The one way to a terminal. Foreign text is spelt out where a terminal would act on it, and never read as markup.

Titles, reasons and addresses come from the web: an escape sequence in them could rewrite what is on the screen, a
square bracket would be a style to Rich. A test forbids other ways to print. Rich is imported where something is
drawn: it takes a tenth of what a command takes.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Self

from newsmill.settings import safe
from newsmill.text.visible import escaped

FOUND = ("\x02", "\x03")  # stand around found words in a snippet; no text that was read has them
_BOLD = ("\x1b[1m", "\x1b[0m")
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text


@cache
def errors() -> Console:
    """For what changes in its place."""
    from rich.console import Console

    return Console(stderr=True)


def _console(highlight: bool = True) -> Console:
    from rich.console import Console

    return Console(highlight=highlight)


def say(text: object = "", *, error: bool = False, end: str = "\n") -> None:
    """Prints text of one or more lines, on stderr if it is no result. Found words are bold on a terminal."""
    stream = sys.stderr if error else sys.stdout
    on, off = _BOLD if stream.isatty() else ("", "")
    parts = re.split(f"([{''.join(FOUND)}])", safe(str(text)))
    shown = (on if part == FOUND[0] else off if part == FOUND[1] else escaped(part, lines=True) for part in parts)
    print("".join(shown), end=end, file=stream)


def fold(text: object, first: str = "", width: int | None = None) -> list[str]:
    """Foreign text in lines of at most this width, all but the first indented like `first`, which begins that one.

    Words are kept whole: an address longer than a line can still be copied. width: None for the terminal's.
    """
    room = width or _console().width
    beside = " " * len(first)
    told = textwrap.wrap(
        in_line(text),
        room,
        initial_indent=first,
        subsequent_indent=beside,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return told or [first.rstrip()]


def headline(word: str, colour: str, lines: Iterable[str]) -> None:
    """Prints a word that stands out, in colour unless NO_COLOR is set or nobody sees it, and lines under each other."""
    from rich.text import Text

    console = _console(highlight=False)
    shown = Text(word, style=f"bold {colour}")
    for line in fold_all(lines, len(word) + 2, console.width):
        console.print(Text.assemble(shown, line[len(word) :]) if shown else Text(line), soft_wrap=True)
        shown = Text("")


def fold_all(lines: Iterable[str], indent: int, width: int) -> Iterator[str]:
    """Lines folded with an indent."""
    for line in lines:
        yield from fold(line, " " * indent, width)


class Screen:
    """What changes in its place until Ctrl-C: a page of text that is drawn anew. Only on a terminal."""

    def __init__(self) -> None:
        from rich.live import Live

        self._live = Live(console=_console(), screen=True, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def draw(self, parts: Iterable[Table | Text]) -> None:
        """Shows these, from the top; what does not fit is cut off below."""
        from rich.console import Group

        self._live.update(Group(*parts), refresh=True)


def is_terminal() -> bool:
    """Whether a person sees what is printed."""
    return _console().is_terminal


def tell(value: object, indent: int | None = 2) -> None:
    """Prints a value as JSON, for scripts. What a terminal would act on is written as JSON's own escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    print(_UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", safe(text)))


def in_line(text: object) -> str:
    """Foreign text for a place within a line: it cannot begin another one."""
    return escaped(str(text))


def columns(*names: str, right: Iterable[str] = ()) -> Table:
    """A table without frames. right: columns that are aligned there."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=any(names))
    for name in names:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def add(table: Table, *cells: object) -> None:
    """One row."""
    table.add_row(*(cell(value) for value in cells))


def cell(value: object) -> Text:
    """A value as Rich may show it."""
    from rich.text import Text

    return Text(escaped(safe(str(value)), lines=True))


def show(table: Table) -> None:
    """Prints a table as a result."""
    _console().print(table)
