"""Every function that takes a foreign text runs while the named readers do, so that one of them measures it."""

import gc
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType

import pytest

from tests.growth import derived
from tests.growth.readers import READERS, Reader

pytestmark = pytest.mark.slow

PAGES = sorted((Path(__file__).parents[1] / "pages").glob("*.[ht]*"))
# Functions that no reader calls (or all whose names begin so), with the reason.
UNREACHED = {
    "newsmill.extraction.blocks.heuristic._table": "made once, of tags",
    "newsmill.extraction.blocks.net.save": "training",
    "newsmill.extraction.metadata.people._words": "made once, of tables",
    "newsmill.extraction.page.tags.tag_id": "made once, of tags",
    "newsmill.extraction.own.Extractor": "what others write; ours is extract",
    "newsmill.http.answer.FetchError": "a reason of our own",
    "newsmill.http.guard.parse_networks": "a setting",
    "newsmill.policy.politeness.HostState": "a state of our own",
    "newsmill.policy.robots._unreachable": "a reason of our own",
    "newsmill.policy.robots.RobotsFile.load": "a text of our own, bounded by reduced",
    "newsmill.policy.verdict._again": "a reason of our own",
    "newsmill.redaction.Secret": "settings",
    "newsmill.redaction._forms": "settings",
    "newsmill.redaction._passwords": "settings",
    "newsmill.redaction._without_user": "settings",
    "newsmill.redaction.given_at": "settings",
    "newsmill.sources.confined_documents.reading": "asks a confined process, which reads",
    "newsmill.sources.confined_documents._loaded": "what a confined process answers",
    "newsmill.sources.confined_documents._said": "what a confined process answers",
    "newsmill.sources.discovery.discover": "asks; look reads",
    "newsmill.sources.formats.opml.write_opml": "writes",
    "newsmill.sources.priority.priority_of": "names of kinds",
    "newsmill.sources.scope.Scope": "settings",
    "newsmill.stores.warc.encode_info": "writes",
    "newsmill.stores.warc.decode": "records of our own; read is reached by the archive",
    "newsmill.stores.warc._digest": "writes",
    "newsmill.stores.warc._one_line": "writes",
    "newsmill.text.minhash.similarity": "signatures of our own",
    "newsmill.text.remembered.Remembered.__init__": "made once",
    "newsmill.urls.canonical.SiteRule": "settings",
}


def texts(reader: Reader) -> Iterator[str]:
    """Short texts of a reader: each token, all of them, and texts as they come."""
    for frame in reader.frames:
        yield from (reader.framed(frame, token * 3) for token in reader.alphabet)
        yield reader.framed(frame, "".join(reader.alphabet))
    yield from reader.samples


@cache
def called() -> frozenset[CodeType]:
    """The code that runs while every reader reads its texts."""
    found: set[CodeType] = set()

    def note(frame: object, event: str, _: object) -> None:
        if event == "call":
            found.add(frame.f_code)  # type: ignore[attr-defined]

    for module in derived.modules():
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
    gc.collect()  # a generator that an earlier test left half run would be called, to end it, when it is collected
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for reader in READERS.values():
            for text in texts(reader):
                try:
                    reader.read(text)
                except ValueError:  # refusing is an answer
                    continue
    finally:
        sys.setprofile(before)
    return frozenset(found)


def why_unreached(name: str) -> str:
    """The entry of UNREACHED that a function falls under, or nothing."""
    return next((start for start in UNREACHED if f"{name}.".startswith(f"{start}.")), "")


def test_every_function_of_foreign_text_is_reached_by_a_reader() -> None:
    unreached = {name for name, function in derived.functions().items() if function.__code__ not in called()}
    print(f"{len(derived.functions()) - len(unreached)} of {len(derived.functions())} functions are reached")
    assert sorted(name for name in unreached if not why_unreached(name)) == []


def test_the_lists_name_nothing_that_is_gone_or_reached() -> None:
    unreached = {name for name, function in derived.functions().items() if function.__code__ not in called()}
    assert set(UNREACHED) == {why_unreached(name) for name in unreached}
    assert set(derived.NOT_FOREIGN) == {derived.left_out(name) for name in derived.names()} - {""}


def planted(text: str) -> str:
    return text


def test_a_function_that_nobody_calls_turns_this_red() -> None:
    assert planted.__code__ not in called()
    assert derived.takes_text(planted)
