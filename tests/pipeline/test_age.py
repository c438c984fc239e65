"""Articles leave the index when they are old enough, if somebody wants that."""

from datetime import UTC, datetime

from newsmill.settings import SearchSettings
from tests.pipeline.line import Line
from tests.pipeline.test_recrawl import put
from tests.site.routes import article
from tests.site.server import Site
from workers.runtime.ticker import remove_what_is_old

DATED = b'</title><meta property="article:published_time" content="2020-05-05T10:00:00Z">'


def remove(line: Line) -> None:
    remove_what_is_old(line.frontier, lambda: line.wiring.retention, datetime.now(UTC))


def test_the_tick_takes_old_articles_out_and_does_not_fetch_them_again(line: Line, site: Site) -> None:
    old = put(site, "/old", article("An old story").replace(b"</title>", DATED))
    new = put(site, "/new", article("A new story"))
    line.add(old)
    line.add(new)
    line.work()
    remove(line)
    assert sorted(line.found("story")) == sorted([old, new]), "kept for ever unless somebody wants otherwise"
    line.reopen(search=SearchSettings(days=365))
    remove(line)
    assert sorted(line.found("story")) == sorted([old, new]), "a portion a minute, by whoever comes first"
    line.frontier.unlock("retention")
    remove(line)
    assert line.found("story") == [new]
    line.add(old)
    line.work()
    assert line.fate(old) == ("indexed", "")
    assert site.log.paths().count("/old") == 1
