"""Earlier versions stay when an article is replaced."""

from pathlib import Path

from newsmill.stores.revisions import RevisionStore
from newsmill.testing.search_corpus import article


def test_what_is_replaced_is_kept_once(tmp_path: Path) -> None:
    store = RevisionStore.open(str(tmp_path))
    versions = [article("a", version, text=f"v{version}", fingerprint=f"f{version}") for version in (1, 20, 300)]
    assert store.keep({}, [versions[0], article("b")]) == 0
    assert store.keep({"a": versions[0]}, [versions[1], article("b")]) == 1
    assert store.keep({"a": versions[0]}, [versions[1]]) == 1  # a step that runs twice
    assert store.keep({"a": versions[1]}, [versions[2]]) == 1
    assert store.keep({"a": versions[2]}, [versions[2]]) == 0
    assert store.of("a") == tuple(versions[:2])
    assert store.of("b") == ()
