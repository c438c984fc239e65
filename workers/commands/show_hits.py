"""Prints what a search found."""

from enum import StrEnum
from typing import Any

from newsmill.search.store import ResultPage
from workers.commands.terminal import in_line, say, tell
from workers.desk.told import RUNGS


def outdated(told: str) -> None:
    """Says what searches lack until a reindex."""
    if told:
        say(f"search: {told}", error=True)


class Output(StrEnum):
    """How hits are printed. LIST: the JSON of before there was one shape."""

    TEXT = "text"
    JSON = "json"
    LIST = "list"


def hits(page: ResultPage, output: Output, stories: bool) -> None:
    """Shows what a search found."""
    if page.cut:
        say("the search took too long and was cut: there may be more; name more or longer words", error=True)
    if output is Output.JSON:
        tell(_hits_json(page, stories))
        return
    if output is Output.LIST:
        found = [hit.model_dump(mode="json", exclude={"found_in"}) for hit in page.hits]
        tell({"hits": found, "total": page.total, "facets": page.facets.model_dump()} if page.facets else found)
        return
    for hit, others in zip(page.hits, page.others, strict=True):
        day = f"{hit.published:%Y-%m-%d}  " if hit.published else ""
        more = f"\n  and {others:,} others" if others else ""
        title, snippet = in_line(hit.title) or "(no title)", " ".join(hit.snippet.split())
        where = "" if hit.found_in in ("text", "") else f"\n  found in: {hit.found_in}"
        say(f"{title}\n  {day}{in_line(hit.language)}  {in_line(hit.url)}\n  {snippet}{where}{more}\n")
    for name, values in page.facets or ():
        if values:
            say(f"{name}: " + ", ".join(f"{facet.value} {facet.count:,}" for facet in values))
    for notice in (*page.notices, RUNGS[page.rung]):
        if notice:
            say(in_line(notice), error=True)
    if page.missing:
        say(f"no article has: {in_line(', '.join(page.missing))}", error=True)
    if page.meant:
        say(f"did you mean: {in_line(page.meant)}", error=True)
    shown = len(page.hits)
    say(f"{shown} of {page.total} hits" if page.total else "no hits", error=True)


def _hits_json(page: ResultPage, stories: bool) -> dict[str, Any]:
    """The one shape of `search --json`."""
    found = [hit.model_dump(mode="json") for hit in page.hits]
    if stories:
        found = [hit | {"others": others} for hit, others in zip(found, page.others, strict=True)]
    told = page.model_dump(mode="json", include={"total", "rung", "missing", "meant", "notices", "cut"})
    return told | {"hits": found} | ({"facets": page.facets.model_dump()} if page.facets else {})
