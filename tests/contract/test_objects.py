"""Raw pages and documents over every object store."""

import os
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsmill.model import Document, RawRecord
from newsmill.search.store import open_search
from newsmill.stores.documents import DocumentsDamaged, DocumentsMissing, DocumentStore
from newsmill.stores.errors import StoreError, StoreFull, StoreUnavailable
from newsmill.stores.objects import ObjectOptions, Objects, open_objects
from newsmill.stores.raw import RawDamaged, RawMissing, RawStore, raw_key, to_micros
from tests.system.s3 import server
from workers.runtime import retention
from workers.runtime.retention import Removed, Retention, remove_old, remove_old_articles

NOON = datetime(2026, 11, 22, 12, 0, 0, 7, UTC)


def record(entry_id: str = "a", at: datetime = NOON, body: bytes = b"<p>hello") -> RawRecord:
    url = f"https://example.org/{entry_id}"
    return RawRecord(id=entry_id, url=url, final_url=url, status=200, headers=(), body=body, fetched_at=at)


def document(entry_id: str = "a", version: int = 1) -> Document:
    url = f"https://example.org/{entry_id}"
    return Document(
        id=entry_id, version=version, url=url, site="example.org", source="s", text="x\ny \u2028", fetched=NOON
    )


@pytest.fixture(params=["folder", "memory", "moto", "versitygw"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param in ("folder", "memory"):
        return Objects(open_objects(str(tmp_path / "objects") if request.param == "folder" else "memory:///"))
    keys = {"access_key_id": server.ACCESS_KEY, "secret_access_key": server.SECRET_KEY, "region": server.REGION}
    config = {"endpoint": request.getfixturevalue(request.param), **keys}
    return Objects(open_objects(f"s3://pages/{uuid.uuid4().hex}", ObjectOptions(timeout_s=5, retry_s=5, config=config)))


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


def test_what_is_old_is_removed(place: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, documents = RawStore(place.store), DocumentStore(place.store)
    keys = [raw.put(record(f"p{day}", NOON - timedelta(days=day))) for day in range(10)]
    for day in range(10):
        documents.put([document("a", to_micros(NOON - timedelta(days=day)))])
    kept = Retention(raw_days=6.5, documents_days=2)
    assert remove_old(raw, documents, Retention(documents_days=0), now=NOON) == Removed(0, 0, more=False)
    assert remove_old(raw, documents, kept, now=NOON) == Removed(3, 7, more=False)
    assert sorted(raw.keys()) == sorted(keys[:7])
    assert len(list(documents.keys())) == 3
    assert remove_old(raw, documents, kept, now=NOON) == Removed(0, 0, more=False)
    monkeypatch.setattr(retention, "MOST", 2)
    later = NOON + timedelta(days=3)
    assert remove_old(raw, documents, kept, now=later) == Removed(2, 2, more=True)


def test_old_articles_leave_the_index_a_bounded_portion_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = open_search("", tmp_path)
    search.upsert([document(f"a{n}").model_copy(update={"fetched": NOON - timedelta(days=n)}) for n in range(10)])
    assert remove_old_articles(search, 0, NOON) == 0
    monkeypatch.setattr(retention, "ARTICLES_PORTION", 2)
    monkeypatch.setattr(retention, "MOST", 4)
    assert [remove_old_articles(search, 2.5, NOON) for _ in range(3)] == [4, 3, 0]
    assert search.count() == 3
    search.close()


def test_deleting_what_is_partly_gone_removes_the_rest(place: Objects) -> None:
    raw = RawStore(place.store)
    keys = [raw.put(record(name)) for name in "abc"]
    raw.delete(keys[1])
    place.delete_many(keys)
    assert list(raw.keys()) == []


def test_a_foreign_object_is_no_batch(place: Objects) -> None:
    place.put("documents/2026/01/01/00/x.jsonl.zst", b"not a frame")
    with pytest.raises(DocumentsDamaged):
        DocumentStore(place.store).get("documents/2026/01/01/00/x.jsonl.zst")


def test_a_folder_that_becomes_empty_goes_and_one_that_does_not_stays(tmp_path: Path) -> None:
    raw = RawStore.open(str(tmp_path))
    keys = [raw.put(record("a")), raw.put(record("b")), raw.put(record("c", NOON + timedelta(hours=3)))]
    raw.delete(keys[0])
    raw.delete(keys[2])
    assert raw.get(keys[1]) == record("b")
    assert [path.name for path in (tmp_path / "raw/2026/11/22").iterdir()] == ["12"]
    Objects(raw.store).delete_many([keys[1]])
    assert list(raw.keys()) == []
    assert raw.put(record("a")) == keys[0]


def test_what_a_killed_writer_leaves_behind_is_not_listed(tmp_path: Path) -> None:
    raw = RawStore.open(str(tmp_path))
    key = raw.put(record())
    (tmp_path / f"{raw_key('b', NOON)}#1").write_bytes(b"half")
    assert list(raw.keys()) == [key]


def test_a_store_that_cannot_be_reached_is_unavailable() -> None:
    keys = {"endpoint": "http://127.0.0.1:9", "access_key_id": "x", "secret_access_key": "x", "region": "us-east-1"}
    raw = RawStore.open("s3://pages/x", ObjectOptions(timeout_s=1, retry_s=1, config=keys))
    with pytest.raises(StoreUnavailable):
        raw.put(record())
    with pytest.raises(StoreUnavailable):
        raw.get("raw/2026/11/22/12/a-1.warc.zst")


@pytest.mark.skipif(os.geteuid() != 0, reason="a disk that is full can only be made by root (tmpfs)")
def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path], capture_output=True)
    if mounted.returncode:
        pytest.skip("tmpfs cannot be mounted here")
    try:
        raw = RawStore.open(str(tmp_path))
        kept = raw.put(record())
        with pytest.raises(StoreFull):
            raw.put(record("large", body=os.urandom(200_000)))
        assert list(raw.keys()) == [kept]
        assert raw.get(kept) == record()
    finally:
        subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.parametrize(
    "url", ["s3://", "gs://", "az://x", "ftp://x/y", "sftp://me:secret@x/y", "http://x/y", "nonsense://x", "://"]
)
def test_what_is_no_object_store_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(StoreError, match="object store") as refused:
        open_objects(url)
    assert str(refused.value).isprintable()
    assert "secret" not in str(refused.value)
    assert "Debug" not in str(refused.value)
