"""Raw pages and documents over every object store."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workers.messages import Document, RawRecord
from workers.stores.documents import DocumentsDamaged, DocumentsMissing, DocumentStore
from workers.stores.objects import Objects, open_objects
from workers.stores.raw import RawDamaged, RawMissing, RawStore, raw_key

NOON = datetime(2026, 11, 22, 12, 0, 0, 7, UTC)


def record(entry_id: str = "a", at: datetime = NOON, body: bytes = b"<p>hello") -> RawRecord:
    url = f"https://example.org/{entry_id}"
    return RawRecord(id=entry_id, url=url, final_url=url, status=200, headers=(), body=body, fetched_at=at)


def document(entry_id: str = "a", version: int = 1) -> Document:
    url = f"https://example.org/{entry_id}"
    return Document(
        id=entry_id, version=version, url=url, site="example.org", source="s", text="x\ny \u2028", fetched=NOON
    )


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    return Objects(open_objects(str(tmp_path / "objects") if request.param == "folder" else "memory:///"))


def test_a_page_comes_back(place: Objects) -> None:
    raw = RawStore(place.store)
    key = raw.put(record())
    assert key == "raw/2026/11/22/12/a-1795348800000007.warc.zst"
    assert raw.get(key) == record()
    assert raw.put(record()) == key
    assert list(raw.keys()) == [key]


def test_what_is_deleted_is_missing_and_may_be_deleted_again(place: Objects) -> None:
    raw = RawStore(place.store)
    key = raw.put(record())
    raw.delete(key)
    raw.delete(key)
    assert list(raw.keys()) == []
    with pytest.raises(RawMissing):
        raw.get(key)


def test_keys_come_in_order_and_within_the_time_asked_for(place: Objects) -> None:
    raw = RawStore(place.store)
    times = [NOON + timedelta(minutes=m) for m in (0, 5, 61, 24 * 60, 45 * 24 * 60)]
    keys = [raw.put(record(entry_id, at)) for entry_id, at in zip("edcba", times, strict=True)]
    assert list(raw.keys()) == [keys[1], keys[0], *keys[2:]]  # within an hour by id
    assert list(raw.keys(since=times[1])) == keys[1:]
    assert list(raw.keys(until=times[2])) == [keys[1], keys[0]]
    assert list(raw.keys(since=times[1], until=times[4])) == keys[1:4]
    assert list(raw.keys(since=times[4] + timedelta(days=900))) == []


@pytest.mark.parametrize("keep", [0, 1, 20, 60, -1])
def test_a_torn_page_is_damaged_not_wrong(place: Objects, keep: int) -> None:
    raw = RawStore(place.store)
    key = raw.put(record(body=bytes(range(256)) * 20))
    place.put(key, place.get(key)[:keep])
    with pytest.raises(RawDamaged, match=key):
        raw.get(key)


def test_an_altered_page_is_damaged_not_wrong(place: Objects) -> None:
    raw = RawStore(place.store)
    key = raw.put(record(body=bytes(range(256))))
    data = bytearray(place.get(key))
    data[-20] ^= 1
    place.put(key, bytes(data))
    with pytest.raises(RawDamaged):
        raw.get(key)


def test_a_batch_of_documents_comes_back(place: Objects) -> None:
    store = DocumentStore(place.store)
    batch = (document("a", 1795348800000007), document("b", 5))
    key = store.put(batch)
    assert key.startswith("documents/2026/11/22/12/1795348800000007-")
    assert store.get(key) == batch
    assert store.put(batch) == key
    assert list(store.keys()) == [key]
    store.delete(key)
    with pytest.raises(DocumentsMissing):
        store.get(key)


def test_a_foreign_object_is_no_batch(place: Objects) -> None:
    place.put("documents/2026/01/01/00/x.jsonl.zst", b"not a frame")
    with pytest.raises(DocumentsDamaged):
        DocumentStore(place.store).get("documents/2026/01/01/00/x.jsonl.zst")


def test_what_a_killed_writer_leaves_behind_is_not_listed(tmp_path: Path) -> None:
    raw = RawStore.open(str(tmp_path))
    key = raw.put(record())
    (tmp_path / f"{raw_key('b', NOON)}#1").write_bytes(b"half")
    assert list(raw.keys()) == [key]
