"""What other distributions bring along: found by name, and told clearly where it is not there or does not work."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from newsmill import doors
from newsmill.doors import DOORS, EXTRACTORS, SEARCH_STORES, SOURCE_KINDS, Door, NotThere
from newsmill.extraction import EXTRACTOR_VERSION, extract
from newsmill.model import Document
from newsmill.sources.address_filters import Found, left_out, traps
from newsmill.sources.config import SourceConfig, SourceKind
from newsmill.sources.kinds import read_feed, reader_of
from newsmill.sources.priority import priority_of
from workers.parse.filters import FilterFailed, filtered

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SOURCE = SourceConfig(name="a", kind="feed", url="https://news.example/feed")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """Entry points of this group only, instead of what is installed."""
    points: list[EntryPoint] = []
    doors._installed.cache_clear()
    monkeypatch.setattr(doors, "entry_points", lambda group: [p for p in points if p.group == group])
    yield points
    doors._installed.cache_clear()


def test_what_is_built_in_comes_through_the_doors() -> None:
    assert set(SourceKind) <= set(SOURCE_KINDS.names)
    assert {"sqlite", "http", "https"} <= set(SEARCH_STORES.names)
    assert reader_of("feed") is read_feed
    own = EXTRACTORS.load("newsmill")
    assert own.version == EXTRACTOR_VERSION
    page = b"<title>Harbour</title><h1>Harbour</h1><p>" + b"The harbour has opened again after the long repairs. " * 9
    assert own(page, "https://news.example/harbour", None, NOW) == extract(
        page, "https://news.example/harbour", None, NOW
    )


def test_every_door_stands_in_the_page_about_extending() -> None:
    page = (Path(__file__).parents[2] / "docs" / "extending.md").read_text("utf-8")
    assert [door.group for door in DOORS if f"`{door.group}`" not in page] == []


def test_what_is_not_there_is_told_with_what_is(installed: list[EntryPoint]) -> None:
    door = Door("newsmill.things", "thing")
    assert door.known("red") == "there is no thing 'red' here (installed: none)"
    installed.append(EntryPoint("blue", "math:pi", "newsmill.things"))
    doors._installed.cache_clear()
    assert door.known("red") == "there is no thing 'red' here (installed: 'blue')"
    assert door.known("blu") == "there is no thing 'blu' here (did you mean 'blue'?)"
    assert door.load("blue") == pytest.approx(3.14159, abs=1e-4)
    with pytest.raises(NotThere, match="no thing 'red'"):
        door.load("red")


def test_two_that_bring_the_same_name_are_told(installed: list[EntryPoint]) -> None:
    installed += [EntryPoint("one", value, "newsmill.things") for value in ("math:pi", "math:e", "math:e")]
    with pytest.raises(NotThere, match="math:e and math:pi both bring a thing 'one'"):
        Door("newsmill.things", "thing").load("one")


@pytest.mark.parametrize("value", ["no_such_module:x", "math:no_such_name", "this.raises:x"])
def test_what_cannot_be_imported_is_told_in_one_line(installed: list[EntryPoint], value: str) -> None:
    installed.append(EntryPoint("one", value, "newsmill.things"))
    with pytest.raises(NotThere, match=r"the thing 'one' of .* cannot be loaded"):
        Door("newsmill.things", "thing").load("one")


def test_a_source_of_a_kind_that_is_not_installed_here_can_be_read_from_the_ledger() -> None:
    stored = SourceConfig.stored('{"name": "a", "kind": "gopher", "url": "https://news.example/menu"}')
    assert stored.kind == "gopher"
    assert priority_of(stored.kind, NOW) == 0


def test_address_filters_are_asked_in_order_and_one_that_fails_leaves_out() -> None:
    asked: list[str] = []

    def first(found: Found) -> str:
        asked.append(found.url)
        return "no sport" if "/sport/" in found.url else ""

    def broken(found: Found) -> str:
        raise ValueError(found.url)

    here = Found("https://news.example/sport/1", SOURCE, NOW)
    assert left_out({"first": first, "broken": broken}, here) == "no sport"
    other = Found("https://news.example/1", SOURCE, NOW)
    assert left_out({"first": first}, other) == ""
    assert left_out({"first": first, "broken": broken}, other) == "address filter broken failed: ValueError"
    assert asked == [here.url, other.url, other.url]


def test_traps_judge_what_is_followed_from_a_list_and_not_the_list() -> None:
    listed = SourceConfig(name="a", kind="list", path="x.txt")
    loop = "https://news.example/a/b/a/b/a/b"
    assert traps(Found(loop, SOURCE, NOW))
    assert not traps(Found(loop, listed, NOW))
    assert traps(Found(loop, listed, NOW, depth=1))


DOCUMENT = Document(
    id="a" * 16, version=1, url="https://news.example/1", site="news.example", source="a", title="Harbour",
    text="It is open.", fetched=NOW, fingerprint="f", extractor=4,
)  # fmt: skip


def tagged(document: Document) -> Document:
    return document.model_copy(update={"keywords": ("tag",), "id": "b" * 16, "version": 9, "url": "https://x.example/"})


def test_document_filters_change_what_a_document_says_and_not_which_it_is() -> None:
    assert filtered({}, DOCUMENT) == DOCUMENT
    assert filtered({"tag": tagged}, DOCUMENT) == DOCUMENT.model_copy(update={"keywords": ("tag",)})
    assert filtered({"tag": tagged, "drop": lambda d: f"has {d.keywords}"}, DOCUMENT) == "drop: has ('tag',)"


@pytest.mark.parametrize(
    ("filter_", "told"),
    [
        (lambda d: None, "answered with a NoneType"),
        (lambda d: 1 / 0, "failed: ZeroDivisionError"),
        (lambda d: d.model_copy(update={"title": 7}), "failed: ValidationError"),
    ],
)
def test_a_filter_that_fails_is_named(filter_, told: str) -> None:
    with pytest.raises(FilterFailed, match=f"document filter odd {told}"):
        filtered({"odd": filter_}, DOCUMENT)
