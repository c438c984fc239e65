"""docs/extending.md, done: a package with a source kind and a document filter is installed, named and run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from newsmill.testing import SourceKindContract
from tests.site.server import Page, Site
from tests.system.newsmill import as_json, newsmill

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tests" / "extension"
GUIDE = (ROOT / "docs" / "extending.md").read_text("utf-8")
TEXT = "The harbour has opened again after the long repairs, and ships come in. " * 12


def page(title: str, keywords: str = "") -> Page:
    head = f'<title>{title}</title><meta name="keywords" content="{keywords}">'
    return Page(
        f"<html lang=en><head>{head}</head><article><h1>{title}</h1><p>{TEXT}{title}</p></article></html>".encode()
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package was installed: a folder for PYTHONPATH, so that this environment stays as it is."""
    folder = tmp_path_factory.mktemp("site-packages")
    pip = (sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index")
    source = tmp_path_factory.mktemp("source")
    subprocess.run(["cp", "-r", f"{PACKAGE}/.", str(source)], check=True)
    subprocess.run([*pip, "--target", str(folder), str(source)], check=True)
    return folder


def test_what_the_guide_shows_is_what_is_installed() -> None:
    blocks = re.findall(r"```(?:python|toml)\n(.*?)```", GUIDE, re.DOTALL)
    for file in (PACKAGE / "pyproject.toml", *PACKAGE.glob("src/newsmill_example/[!_]*.py")):
        assert file.read_text("utf-8") in blocks, file
        assert len(file.read_text("utf-8").splitlines()) <= 35


def test_a_kind_and_a_filter_of_a_package_at_work(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    with Site() as site:
        host = site.host()
        site.pages[host, "/1"] = page("Harbour reopens")
        site.pages[host, "/2"] = page("Sponsored: harbour tours", "boats")
        site.pages[host, "/3"] = page("Harbour sale", "advertisement")
        rows = "".join(f"{site.url(f'/{n}')},2026-11-29,Title {n}\n" for n in (1, 2, 3))
        site.pages[host, "/articles.csv"] = Page(f"url,published,title\n{rows},,nothing\n".encode())
        table = f'[[source]]\nname = "desk"\nkind = "csv"\nurl = "{site.url("/articles.csv")}"\n'
        (tmp_path / "config" / "sources.toml").write_text(table)
        (tmp_path / "config" / "newsmill.toml").write_text('[parse]\ndocument_filters = ["paid"]\n')
        variables = {
            "PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)]),
            "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
            "NEWSMILL_FETCH__DELAY_S": "0.05",
        }
        newsmill("config", "check", cwd=tmp_path, **variables)
        newsmill("run", cwd=tmp_path, **variables)
        found = as_json(newsmill("search", "harbour", "--json", cwd=tmp_path, **variables))
        hits = found["hits"] if isinstance(found, dict) else found
        assert sorted(hit["title"] for hit in hits) == ["Harbour reopens", "Sponsored: harbour tours"]
        exported = newsmill("export", "--jsonl", "out.jsonl", cwd=tmp_path, **variables)
        assert exported.returncode == 0
        assert '"sponsored"' in (tmp_path / "out.jsonl").read_text()
        told = newsmill("trace", site.url("/3"), cwd=tmp_path, **variables).stdout
        assert "paid: an advertisement" in told
        assert "without an address" in newsmill("status", "--json", cwd=tmp_path, **variables).stdout
    away = {name: value for name, value in variables.items() if name != "PYTHONPATH"} | {"PYTHONPATH": str(ROOT)}
    told = newsmill("config", "check", cwd=tmp_path, code=2, **away).stderr
    assert "there is no document filter 'paid' here" in told
    assert "there is no kind of source 'csv' here" in told
    (tmp_path / "config" / "sources.toml").unlink()
    assert "no document filter 'paid'" in newsmill("run", cwd=tmp_path, code=2, **away).stderr


def test_the_contract_that_the_guide_names_holds_for_the_package(installed: Path, tmp_path: Path) -> None:
    (block,) = re.findall(r"```python\n(from newsmill\.testing.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "test_csv.py").write_text(block)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)])}
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", "test_csv.py"]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "5 passed" in done.stdout


class TestFeed(SourceKindContract):
    kind = "feed"
    document = b"<rss><channel><item><link>https://news.example/1</link></item></channel></rss>"


class TestSitemap(SourceKindContract):
    kind = "sitemap"
    document = b"<urlset><url><loc>https://news.example/1</loc></url>"
    row = b"<url><loc>https://news.example/{n}</loc></url>"


class TestList(SourceKindContract):
    kind = "list"
    document = b"https://news.example/a\n"
    row = b"https://news.example/{n}\n"


class TestPage(SourceKindContract):
    kind = "page"
    document = (
        b'<html><body><main><a href="/2026/11/29/the-harbour-has-opened-again">The harbour has opened again</a></main>'
    )
