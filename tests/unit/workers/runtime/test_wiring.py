"""Which index template a search store gets: the operator's, or the one that comes with the package."""

from pathlib import Path

import pytest

from newsmill.settings import CONFIG_DIR_VARIABLE, Settings
from newsmill.stores.errors import StoreError
from workers.runtime.stores import search_store

CLUSTER = Settings.model_validate({"search": {"url": "http://127.0.0.1:9"}})


def test_a_template_comes_with_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONFIG_DIR_VARIABLE, str(tmp_path))
    search_store(CLUSTER).close()


def test_the_template_of_the_configuration_stands_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONFIG_DIR_VARIABLE, str(tmp_path))
    (tmp_path / "opensearch").mkdir()
    (tmp_path / "opensearch" / "articles.json").write_text("{")
    with pytest.raises(StoreError, match=str(tmp_path)):
        search_store(CLUSTER)
