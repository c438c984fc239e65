from datetime import UTC, datetime

import pytest

from newsmill.stores.revision_changes import changes, is_revision
from newsmill.testing.search_corpus import article

FIRST = article(
    "a", 1, title="Fire", text="One.\nTwo.\nThree.", fingerprint="f1", fetched=datetime(2026, 1, 1, tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("update", "revision"),
    [
        ({"version": 2, "fingerprint": "f2"}, True),
        ({"version": 2, "title": "Great fire"}, True),
        ({"version": 2}, False),
        ({"version": 1, "fingerprint": "f2", "extractor": 9}, False),  # parsed anew, not changed by its site
        ({"version": 0, "fingerprint": "f2"}, False),
    ],
)
def test_a_revision_is_a_later_fetch_with_another_text(update: dict[str, object], revision: bool) -> None:
    assert is_revision(FIRST, FIRST.model_copy(update=update)) is revision


def test_changes_are_shown_step_by_step() -> None:
    second = FIRST.model_copy(update={"text": "One.\nTwo and a half.\nThree.", "authors": ("Jane",)})
    (first, last) = changes([FIRST, second, FIRST])
    assert first.fields == (("authors", "", "Jane"),)
    assert first.text == ("@@ -1,3 +1,3 @@", " One.", "-Two.", "+Two and a half.", " Three.")
    assert last.fields == (("authors", "Jane", ""),)
    assert changes([FIRST]) == ()
