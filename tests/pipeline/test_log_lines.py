"""From a line of the log to the address, and from the address to its story."""

from structlog.testing import capture_logs

from tests.pipeline.line import Line
from tests.site.routes import article
from tests.site.server import Page, Site
from workers.desk.looks import story

ALWAYS = {"stage", "id", "url", "host", "source", "status", "bytes", "ms"}


def test_every_outcome_says_which_address_and_what_came_of_it(line: Line, site: Site) -> None:
    body = article("Harbour")
    site.pages[site.host(1), "/good"] = Page(body)
    urls = {site.url("/good", 1): "indexed", site.url("/status/404", 2): "gone"}
    urls[site.url("/status/503", 0)] = "failed"
    for url in urls:
        line.add(url, "tide")
    with capture_logs() as logs:
        line.work()
    ended = {entry["url"]: entry for entry in reversed(logs) if entry["event"] == "settled"}
    assert {url: entry["outcome"] for url, entry in ended.items()} == urls
    for entry in [*ended.values(), *(entry for entry in logs if entry["event"] == "delayed")]:
        assert entry.keys() >= ALWAYS
        assert entry["source"] == "tide"
        assert entry["host"] in entry["url"]
        assert story(line.wiring, entry["id"])["url"] == entry["url"]
    good, gone, failed = (ended[url] for url in urls)
    assert (good["stage"], good["status"], good["bytes"]) == ("index", 200, len(body))
    assert good["ms"] >= 0
    assert (gone["stage"], gone["status"]) == ("fetch", 404)
    assert failed["status"] == 503
    assert not {"status", "size"} & line.entry(site.url("/good", 1)).fields.keys(), "they end with the outcome"


def test_an_id_that_nobody_knows(line: Line) -> None:
    told = story(line.wiring, "a" * 16)
    assert (told["known"], told["left_out"], told["url"]) == (False, [], "")
