"""What an entry keeps when it has settled: what its next look needs, and what `newsmill trace` could not tell."""

from tests.pipeline.line import Line
from tests.site.routes import article
from tests.site.server import Page, Site
from workers.desk.looks import story


def test_of_a_way_straight_to_the_index_the_last_step_is_kept(line: Line, site: Site) -> None:
    url = site.url("/page/1")
    line.add(url)
    line.work()
    entry = line.entry(url)
    assert not {"documents", "reason", "owner", "cookies", "size"} & entry.fields.keys()
    (step,) = story(line.wiring, url)["story"]
    assert (step["stage"], step["what"]) == ("index", "indexed")
    assert step["at"] == entry.settled
    assert sum(len(name) + len(value) for name, value in entry.fields.items()) < 600


def test_any_other_way_is_kept(line: Line, site: Site) -> None:
    there = site.url("/there")
    site.pages[site.host(), "/there"] = Page(article("The harbour is open again"))
    site.pages[site.host(), "/here"] = Page(b"", 302, (("Location", there),))
    line.add(site.url("/here"))
    line.work()
    assert line.fate(site.url("/here")) == ("indexed", "")
    told = [step["what"] for step in story(line.wiring, site.url("/here"))["story"]]
    assert f"redirect to {there}" in told
    assert told[-1] == "indexed"
