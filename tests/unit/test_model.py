"""What a newer version wrote is read without what it added; what is given to us must be known to the last field."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from newsmill.model import Document, Frozen, Said
from newsmill.policy.robots import RobotsFile
from newsmill.sources.config import SourceConfig, SourceKind
from newsmill.urls.canonical import SiteRule

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
DOCUMENT = Document(id="a", version=1, url="https://e.org/a", site="e.org", source="s", title="Pier", fetched=NOON)
SOURCE = SourceConfig(name="tide", kind=SourceKind.FEED, url="https://e.org/feed")
KEPT = [DOCUMENT, SOURCE, Said(origin="feed", title="Pier")]


@pytest.mark.parametrize("value", KEPT, ids=lambda value: type(value).__name__)
def test_what_a_newer_version_added_is_passed_over(value: Frozen) -> None:
    newer = value.model_dump(mode="json") | {"added_later": {"deep": [1]}}
    assert type(value).stored(newer) == value
    assert type(value).stored(value.model_dump_json()[:-1] + ',"added_later":1}') == value
    with pytest.raises(ValidationError, match="added_later"):
        type(value).model_validate(newer)


def test_what_is_added_deeper_is_passed_over_too() -> None:
    ruled = SOURCE.model_copy(update={"site_rules": (SiteRule(site="e.org"),)})
    newer = ruled.model_dump(mode="json")
    newer["site_rules"][0]["added_later"] = 1
    assert SourceConfig.stored(newer) == ruled


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"id": "a"}', '{"id": 1, "version": "x"}'])
def test_what_is_no_document_is_none(broken: str) -> None:
    with pytest.raises(ValidationError):
        Document.stored(broken)


def test_witnesses_and_robots_of_a_newer_version() -> None:
    assert Said.load('{"origin":"feed","title":"Pier","added_later":1}') == Said(origin="feed", title="Pier")
    assert Said.load("nonsense") is None
    kept = RobotsFile(state="allow", reason="", expires_at=0.0).dump()
    assert RobotsFile.load(kept[:-1] + ',"added_later":1}').state == "allow"
