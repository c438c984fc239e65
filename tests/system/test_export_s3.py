"""Raw pages go from an S3 server into a file, with the keys of the settings."""

import gzip
import uuid
from datetime import UTC, datetime
from pathlib import Path

from newsmill.model import RawRecord
from newsmill.stores.objects import ObjectOptions
from newsmill.stores.raw import RawStore
from tests.system.newsmill import newsmill
from tests.system.s3 import server


def test_raw_pages_are_exported_from_s3(s3_address: str, tmp_path: Path) -> None:
    place = f"s3://pages/{uuid.uuid4().hex}"
    keys = {"access_key_id": server.ACCESS_KEY, "secret_access_key": server.SECRET_KEY, "region": server.REGION}
    url, noon = "https://example.org/pier", datetime(2026, 11, 28, 12, tzinfo=UTC)
    RawStore.open(place, ObjectOptions(config={"endpoint": s3_address, **keys})).put(
        RawRecord(id="a", url=url, final_url=url, status=200, headers=(), body=b"<p>The pier opens.", fetched_at=noon)
    )
    given = {f"NEWSMILL_STORES__S3_{name.upper()}": value for name, value in keys.items()}
    given |= {"NEWSMILL_STORES__S3_ENDPOINT": s3_address, "NEWSMILL_STORES__RAW_URL": place}
    newsmill("export", "--warc", "pages.warc.gz", cwd=tmp_path, **given)
    assert b"The pier opens." in gzip.decompress((tmp_path / "pages.warc.gz").read_bytes())
