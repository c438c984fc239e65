"""An index that somebody deletes: the ledger knows which one had its articles, and what brings them back."""

from pathlib import Path

from tests.pipeline.line import Line
from tests.site.server import Site
from workers.commands.audit import check_all
from workers.commands.replay import Chosen, reparse
from workers.desk.looks import another_index, lost_articles


def test_an_index_that_was_deleted_is_told_and_filled_again(line: Line, site: Site, tmp_path: Path) -> None:
    urls = [site.url(f"/page/{n}") for n in range(4)]
    for url in urls:
        line.add(url)
    line.work()
    wiring = line.wiring
    assert lost_articles(wiring) == ""
    assert check_all(wiring, mend=False).wrong == []
    wiring.search.close()
    for file in tmp_path.glob("search.sqlite*"):
        file.unlink()
    line.reopen()
    wiring = line.wiring
    assert "`newsmill reparse`" in another_index(wiring), "without making one, so that it is seen again"
    assert not list(tmp_path.glob("search.sqlite*"))
    line.add(site.url("/page/5"))
    line.work()
    assert "not the one that 5 articles were written to" in lost_articles(wiring)
    assert any("`newsmill reparse`" in problem for problem in check_all(wiring, mend=True).wrong)
    replay = reparse(wiring, Chosen())
    while not replay.step():
        line.work()
    wiring.frontier.note_search_index(wiring.search.identity(), anew=True)  # as the command does at its end
    assert lost_articles(wiring) == ""
    assert wiring.search.count() == 5


def test_articles_that_are_missing_are_told(line: Line, site: Site) -> None:
    for n in range(3):
        line.add(site.url(f"/page/{n}"))
    line.work()
    wiring = line.wiring
    wiring.search.delete([(line.entry(site.url("/page/1"))["doc"], 1 << 52)])
    assert "3 articles are counted as indexed, and the search index has 2" in lost_articles(wiring)
