"""Raw pages, documents and revisions on an S3 API over HTTP, chosen by the settings alone."""

import uuid
from collections.abc import Callable
from pathlib import Path

import obstore
import pytest

from newsmill.settings import BadSettings, Settings, StoresSettings, read_settings
from newsmill.stores.raw import RawStore
from newsmill.urls.canonical import address_id
from tests.pipeline.line import Line
from tests.pipeline.test_recrawl import look, put
from tests.site.routes import article
from tests.site.server import Site
from tests.system.s3 import server
from workers.runtime.stores import object_options
from workers.runtime.wiring import Wiring

NOWHERE = Path("/nonexistent")


def variables(address: str, url: str) -> dict[str, str]:
    """What an operator sets."""
    return {
        "NEWSMILL_STORES__RAW_URL": url,
        "NEWSMILL_STORES__DOCUMENTS_URL": url,
        "NEWSMILL_STORES__S3_ENDPOINT": address,
        "NEWSMILL_STORES__S3_REGION": server.REGION,
        "NEWSMILL_STORES__S3_ACCESS_KEY_ID": server.ACCESS_KEY,
        "NEWSMILL_STORES__S3_SECRET_ACCESS_KEY": server.SECRET_KEY,
    }


@pytest.fixture
def stores(s3_address: str) -> StoresSettings:
    return read_settings(variables(s3_address, f"s3://pages/{uuid.uuid4().hex}"), NOWHERE).stores


def test_a_page_goes_through_and_leaves_nothing_in_the_folder(
    make_line: Callable[..., Line], site: Site, stores: StoresSettings, tmp_path: Path
) -> None:
    line = make_line()
    line.wiring.settings = line.wiring.settings.model_copy(update={"stores": stores})
    urls = [put(site, f"/story-{n}", article(f"Story {n}")) for n in range(5)]
    for url in urls:
        line.add(url)
    line.work()
    assert {line.fate(url) for url in urls} == {("indexed", "")}
    assert len(list(line.wiring.raw.keys())) == 5
    assert list(line.wiring.documents.keys())
    assert {line.wiring.raw.get(line.entry(url)["raw"]).url for url in urls} == set(urls)
    put(site, "/story-0", article("Story zero"))
    look(line, urls[0])
    assert [old.title for old in line.wiring.index.revisions.of(address_id(urls[0]))] == ["Story 0"]
    assert line.wiring.disk is None, "it is not the disk that bounds the pipeline"
    assert not (tmp_path / "raw").exists()
    assert not (tmp_path / "documents").exists()


def test_what_the_settings_leave_open_the_usual_variables_say(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"s3://pages/{uuid.uuid4().hex}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.SECRET_KEY)
    monkeypatch.setenv("AWS_REGION", server.REGION)
    raw: RawStore = Wiring(Settings(stores=StoresSettings(raw_url=url, documents_url=url))).raw
    obstore.put(raw.store, "raw/2026/11/22/12/a-1.warc.zst", b"x")
    assert list(raw.keys()) == ["raw/2026/11/22/12/a-1.warc.zst"]


def test_other_object_stores_are_told_nothing_of_s3(stores: StoresSettings) -> None:
    chosen = Settings(stores=stores)
    assert set(object_options(chosen, chosen.raw_url).config or {}) == {
        "endpoint",
        "region",
        "access_key_id",
        "secret_access_key",
    }
    assert not object_options(chosen, "gs://bucket/prefix").config
    assert not object_options(chosen, "data/raw").config


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("S3_ENDPOINT", "s3:7070", "http://"), ("S3_SECRET_ACCESS_KEY", "", "go together")],
)
def test_half_of_it_is_refused_at_the_start(name: str, value: str, said: str) -> None:
    with pytest.raises(BadSettings, match=said) as refused:
        read_settings(variables("http://127.0.0.1:9", "s3://b/p") | {f"NEWSMILL_STORES__{name}": value}, NOWHERE)
    assert "'secret'" not in str(refused.value)
