"""There is one way to a terminal, and nothing that the web says is acted on by it."""

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.text.visible import escaped, without_unseen
from workers.commands import terminal

ROOT = Path(__file__).parents[4]
# Who may talk to a terminal in another way, and why.
OTHERWISE = {
    "workers.commands.terminal": "the one way",
    "workers.commands.show": "the table of progress changes in its place; its texts go through `cell`",
    "workers.commands.show_status": "its screen's texts go through `cell`",
    "newsmill.__main__": "says that our application is not there, with which `terminal` is missing",
    "newsmill.demo.__main__": "prints the demo's own addresses",
    "workers.runtime.logs": "what is logged goes through `_spelt_out`",
}
ACTED_ON = [
    *("\x1b]0;owned\x07", "\x1b[2J", "\x07", "\r", "\x9b31m", "\x85", "\x7f", "\x00"),
    *("\u202e", "\u2066", "\u2069", "\u2028", "\ud800"),
]
MARKUP = ["[/bold]", "[red]x", "http://[/bold]/x", "[link=x]", ":smile:"]
FOREIGN = [*(f"Pier {what} opens" for what in ACTED_ON), *MARKUP]
RAW = {character for character in "".join(ACTED_ON) if not character.isprintable()}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


MODULES = {module_of(path): path for top in ("newsmill", "workers") for path in (ROOT / top).rglob("*.py")}


def ways_out(path: Path) -> list[str]:
    """Where a module prints, or has something print, by itself."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            found += [name] if name in ("print", "typer.echo", "typer.secho", "click.echo", "Console", "pprint") else []
            found += [name] if name.endswith(("stdout.write", "stderr.write", "stdout.buffer.write")) else []
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            found += [name for name in names if name.split(".")[0] == "rich" and name != "rich.table"]
    return found


@pytest.mark.parametrize("name", sorted(MODULES))
def test_nobody_else_prints(name: str) -> None:
    if name not in OTHERWISE:
        assert ways_out(MODULES[name]) == []


def test_the_ways_out_are_noticed(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("import sys\nfrom rich.console import Console\nprint('x')\nsys.stdout.write('x')\nConsole()\n")
    assert len(ways_out(planted)) == 4


@pytest.mark.parametrize("text", FOREIGN)
@pytest.mark.parametrize("error", [False, True])
def test_foreign_text_is_spelt_out_and_no_markup(capsys: pytest.CaptureFixture[str], text: str, error: bool) -> None:
    terminal.say(f"one\n{terminal.in_line(text)}\nthree", error=error)
    table = terminal.columns("a", "b")
    terminal.add(table, text, "second")
    terminal.show(table)
    terminal.tell({"title": text})
    out, err = capsys.readouterr()
    shown = out + err
    assert not RAW & set(shown)
    assert (err if error else out).count("\n") >= 3
    if text.isprintable():
        assert shown.count(text) == 3
    assert json.loads(out[out.rindex("{\n") :])["title"] == text


def test_found_words_are_marked_only_by_us(capsys: pytest.CaptureFixture[str]) -> None:
    on, off = terminal.FOUND
    terminal.say(f"a {on}lamp{off} [b]")
    assert capsys.readouterr().out == "a lamp [b]\n"  # no terminal, no bold


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Pier \x1b]0;owned\x07\x1b[31m opens", "Pier ]0;owned[31m opens"),
        ("a\x00b\x9bc\x7f", "abc"),
        ("\u202eevil\u202c", "evil"),
        ("\u202a\u202b\u202d", ""),
        ("tab\tline\nnext", "tab\tline\nnext"),
        ("\u2067שלום\u2069 and \u2066more", "\u2067שלום\u2069 and more"),
        ("\u2069 first \u2068a\u2067b\u2069", " first a\u2067b\u2069"),
        ("\u2066one\ntwo\u2069", "one\ntwo"),
        ("می\u200cخواهم \u200f\u200e\u061c क\u094d\u200dष", "می\u200cخواهم \u200f\u200e\u061c क\u094d\u200dष"),
    ],
)
def test_what_is_removed_where_text_is_read(text: str, kept: str) -> None:
    assert without_unseen(text) == kept


@given(st.text(st.sampled_from("a\u2066\u2067\u2068\u2069\u202e\n\x1b"), max_size=30))
def test_isolates_that_stay_are_paired_in_their_line(text: str) -> None:
    found = without_unseen(text)
    assert without_unseen(found) == found
    for line in found.split("\n"):
        depth = 0
        for character in line:
            depth += (character in "\u2066\u2067\u2068") - (character == "\u2069")
            assert depth >= 0
        assert depth == 0


@given(st.text())
def test_what_is_escaped_is_printable_enough(text: str) -> None:
    assert escaped(escaped(text)) == escaped(text)
    escaped(text, lines=True).encode()
