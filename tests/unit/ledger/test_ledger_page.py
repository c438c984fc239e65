"""docs/ledger.md names every key and field of the ledger, and none that there is not."""

import re
from collections.abc import Iterator
from pathlib import Path

from newsmill.ledger.entry import Entry, PageEntry, PollEntry, _Field

ROOT = Path(__file__).parents[3]
LUA = {path.stem: path.read_text("utf-8") for path in (ROOT / "newsmill" / "ledger" / "lua").glob("*.lua")}
KEYS_TEXT, _, FIELDS_TEXT = (ROOT / "docs" / "ledger.md").read_text("utf-8").partition("## Fields of an entry")
HEADER, _, _ = LUA["prelude"].partition("-- Entry fields:")
PYTHON = [
    *(ROOT / "newsmill" / "ledger").glob("*.py"),
    *(ROOT / "newsmill" / "sources").glob("*.py"),
    *(ROOT / "workers").rglob("*.py"),
]


def rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def family(key: str) -> str:
    """A key without what varies: `q:` of `q:<p>:<host>`."""
    return key.partition("<")[0]


KEYS = {row[0].strip("`"): row[1] for row in rows(KEYS_TEXT)}
FAMILIES = {family(key) for key in KEYS}
FIELDS = {name for row in rows(FIELDS_TEXT) for name in re.findall(r"`(\w+)`", row[0])}


def fields_in(script: str) -> set[str]:
    """The names of an entry's fields that a script spells."""
    found: set[str] = set()
    for command, words in re.findall(
        r"call\('(H\w+)', entry\(\w+(?:\.\w+)?\)((?:, (?:'\w+'|[\w.]+(?:\(\w+\))?))+)", script
    ):
        parts = [part.strip() for part in words.split(",")[1:]]
        names = parts[::2] if command == "HSET" else parts[:1] if command in ("HINCRBY", "HSETNX") else parts
        found |= {name.strip("'") for name in names if name.startswith("'")}
    return found


def test_the_page_has_the_keys_of_the_header_with_their_types() -> None:
    named = dict(re.findall(r"(?m)^--   ([a-z-]\S*(?: chars>| id>)?) +(hash|list|zset|set|string)\b", HEADER))
    assert len(named) > 30
    assert {key: KEYS.get(key) for key in named} == named


def test_every_key_of_a_script_is_on_the_page() -> None:
    for name, text in LUA.items():
        for key in re.findall(r"P \.\. '([a-z:-]+)'?", text):
            assert any(key == known or (known.endswith(":") and key.startswith(known)) for known in FAMILIES), (
                name,
                key,
            )


def test_every_script_that_spells_a_key_stands_in_its_row() -> None:
    missing = set()
    for row in rows(KEYS_TEXT):
        key, told = family(row[0].strip("`")), f"{row[3]} {row[4]}"
        for name, text in LUA.items():
            spelt = re.search(rf"P \.\. '{re.escape(key)}(?:'|$)", text)
            if name != "audit" and spelt and not re.search(rf"\b{name}\b|every script", told):
                missing.add((row[0], name))
    assert missing == set()


def test_every_key_of_python_is_on_the_page() -> None:
    for path in PYTHON:
        for key in re.findall(r"prefix\}([a-z][a-z:-]*)", path.read_text("utf-8")):
            assert any(key == known or (known.endswith(":") and key.startswith(known)) for known in FAMILIES), (
                path,
                key,
            )


def test_every_field_of_a_script_is_on_the_page() -> None:
    found = {name for text in LUA.values() for name in fields_in(text)}
    assert {"state", "outcome", "judged", "timely", "former"} <= found
    assert found <= FIELDS


def test_every_field_that_a_stage_reads_is_on_the_page() -> None:
    text = "".join(path.read_text("utf-8") for path in PYTHON)
    found = set(re.findall(r'\b(?:entry|poll)(?:\[|\.seconds\()"(\w+)"', text))
    assert found <= FIELDS


def test_no_key_or_field_of_the_page_is_made_up() -> None:
    everything = "".join([*LUA.values(), *(path.read_text("utf-8") for path in PYTHON)])
    everything += "".join(path.read_text("utf-8") for path in (ROOT / "newsmill").rglob("*.py"))
    assert {name for name in FIELDS if not re.search(rf"['\"]{name}['\"]", everything)} == set()
    assert {key for key in KEYS if family(key).rstrip(":") not in everything} == set()


def test_every_property_of_an_entry_is_a_field_of_the_page() -> None:
    by_kind: dict[str, set[str]] = {"both": set(), "address": set(), "poll": set()}
    for row in rows(FIELDS_TEXT):
        by_kind[row[1]] |= set(re.findall(r"`(\w+)`", row[0]))
    for entries, kinds in ((Entry, {"both", "address"}), (PageEntry, {"address"}), (PollEntry, {"poll"})):
        own = {name for name, value in vars(entries).items() if isinstance(value, _Field | property)}
        assert len(own) > 10
        assert own - {"start"} <= set().union(*(by_kind[kind] for kind in kinds))
