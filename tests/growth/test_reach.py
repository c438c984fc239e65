"""Every function that takes a foreign text runs while the named readers do, so that one of them measures it."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.growth import derived

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
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


@cache
def reached() -> frozenset[str]:
    """The functions that run while every reader reads its texts."""
    done = subprocess.run([sys.executable, "-m", "tests.growth.reached"], cwd=ROOT, capture_output=True, check=True)
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


def why_unreached(name: str) -> str:
    """The entry of UNREACHED that a function falls under, or nothing."""
    return next((start for start in UNREACHED if f"{name}.".startswith(f"{start}.")), "")


def test_every_function_of_foreign_text_is_reached_by_a_reader() -> None:
    unreached = derived.functions().keys() - reached()
    print(f"{len(derived.functions()) - len(unreached)} of {len(derived.functions())} functions are reached")
    assert sorted(name for name in unreached if not why_unreached(name)) == []


def test_the_lists_name_nothing_that_is_gone_or_reached() -> None:
    unreached = derived.functions().keys() - reached()
    assert set(UNREACHED) == {why_unreached(name) for name in unreached}
    assert set(derived.NOT_FOREIGN) == {derived.left_out(name) for name in derived.names()} - {""}


def planted(text: str) -> str:
    return text


def test_a_function_that_nobody_calls_turns_this_red(monkeypatch: pytest.MonkeyPatch) -> None:
    assert derived.takes_text(planted)
    found = derived.functions()
    monkeypatch.setattr(derived, "functions", lambda: {**found, "newsmill.text.planted": planted})
    with pytest.raises(AssertionError, match="planted"):
        test_every_function_of_foreign_text_is_reached_by_a_reader()
