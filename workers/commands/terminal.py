"""The one way to a terminal. Foreign text is spelt out where a terminal would act on it, and never read as markup.

Titles, reasons and addresses come from the web: an escape sequence in them could rewrite what is on the screen, a
square bracket would be a style to Rich. A test forbids other ways to print.
"""

import json
import re
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from newsmill.settings import safe
from newsmill.text.visible import escaped

FOUND = ("\x02", "\x03")  # stand around found words in a snippet; no text that was read has them
_BOLD = ("\x1b[1m", "\x1b[0m")
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

errors = Console(stderr=True)  # for what changes in its place


def say(text: object = "", *, error: bool = False, end: str = "\n") -> None:
    """Prints text of one or more lines, on stderr if it is no result. Found words are bold on a terminal."""
    stream = sys.stderr if error else sys.stdout
    on, off = _BOLD if stream.isatty() else ("", "")
    parts = re.split(f"([{''.join(FOUND)}])", safe(str(text)))
    shown = (on if part == FOUND[0] else off if part == FOUND[1] else escaped(part, lines=True) for part in parts)
    print("".join(shown), end=end, file=stream)


def tell(value: object, indent: int | None = 2) -> None:
    """Prints a value as JSON, for scripts. What a terminal would act on is written as JSON's own escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    print(_UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", safe(text)))


def in_line(text: object) -> str:
    """Foreign text for a place within a line: it cannot begin another one."""
    return escaped(str(text))


def columns(*names: str, right: Iterable[str] = ()) -> Table:
    """A table without frames. right: columns that are aligned there."""
    table = Table(box=None, pad_edge=False, show_header=any(names))
    for name in names:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def add(table: Table, *cells: object) -> None:
    """One row."""
    table.add_row(*(cell(value) for value in cells))


def cell(value: object) -> Text:
    """A value as Rich may show it."""
    return Text(escaped(safe(str(value)), lines=True))


def show(table: Table) -> None:
    """Prints a table as a result."""
    Console().print(table)
