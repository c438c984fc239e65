"""The page Search."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from newsmill.search.store import ResultPage, Sort
from newsmill.search.tree import BadQuery
from workers.desk.told import RUNGS
from workers.web.charts import bars
from workers.web.console import Board, Call
from workers.web.filters import with_query
from workers.web.finding import TooMany, Wish, count_search, documents, find, tellers
from workers.web.rendering import page

PER_PAGE = 20
FIELD_OF = {"site": "site", "language": "lang", "source": "source"}
FACETS_SHOWN = 8
EXAMPLES = (
    ("harbour ferry", "articles with both words, in any of their forms"),
    ('"harbour ferry"', "these words in a row, as typed"),
    ("harbour OR ferry", "either word"),
    ("harbour -ferry", "the first word and not the second"),
    ("harb*", "every word that begins so"),
    ("=ferry", "the word as typed, no other forms"),
    ("title:ferry", "in the title; author: section: url: likewise"),
    ("ferry site:example.org", "of a site, or any below it"),
    ("ferry lang:en", "in a language"),
    ("ferry after:3d", "of the last three days; before: and date: likewise"),
)
ORDERS = ((Sort.RELEVANCE, "relevance"), (Sort.DATE, "newest first"), (Sort.BEST, "best match, however old"))


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """A value to narrow a search by. href: where it leads."""

    value: str
    count: int
    href: str


def search(console: Board, asked: Call) -> Response:
    """Hits of `q`, or the newest articles where nothing is asked for."""
    query = asked.query.get("q", "")[:2000]
    order = asked.query.get("sort", "")
    sort = Sort(order) if order in list(Sort) else Sort.RELEVANCE if query.strip() else Sort.DATE
    stories = asked.query.get("stories", "1") != "0"
    wish = Wish(query, sort, asked.number("page", 1), PER_PAGE, facets=True, collapse=stories)
    shown: dict[str, Any] = {"q": query, "sort": sort, "stories": stories, "examples": EXAMPLES, "orders": ORDERS}
    try:
        headers = count_search(console, asked)
        found = find(console, wish)
    except (TooMany, BadQuery) as error:
        code = 429 if isinstance(error, TooMany) else 400
        headers = error.headers if isinstance(error, TooMany) else {}
        nothing = ResultPage(hits=(), total=0)
        return page(
            console,
            asked,
            "search.html",
            code=code,
            headers=headers,
            **shown,
            **_of(console, nothing, wish),
            said=str(error),
        )
    opened = asked.query.get("story", "")
    others = tellers(console, query, opened) if opened else []
    return page(
        console,
        asked,
        "search.html",
        headers=headers,
        **shown,
        **_of(console, found, wish, opened=opened, others=others),
        said="",
    )


def _of(console: Board, found: ResultPage, wish: Wish, *, opened: str = "", others: object = ()) -> dict[str, Any]:
    known = documents(console, found)
    narrowed = {
        name: [
            FacetChoice(facet.value, facet.count, _narrowed(wish, f"{FIELD_OF[name]}:{facet.value}"))
            for facet in values[:FACETS_SHOWN]
        ]
        for name, values in found.facets or ()
        if name in FIELD_OF and values
    }
    months = sorted(found.facets.month, key=lambda facet: facet.value)[-24:] if found.facets else []
    chart = bars(
        [(f"{facet.value}: {facet.count:,} articles", facet.count) for facet in months],
        f"Articles by month, {months[0].value} to {months[-1].value}" if months else "",
        width=24 * max(len(months), 10),
        hrefs=[_narrowed(wish, f"date:{facet.value}") for facet in months],
    )
    last = min((found.total + wish.limit - 1) // wish.limit, 10_000 // wish.limit)
    return {
        "found": found,
        "known": known,
        "facets": narrowed,
        "months": months,
        "chart": chart if len(months) > 1 else None,
        "page": wish.page,
        "last": last,
        "rung": RUNGS[found.rung],
        "opened": opened,
        "others": others,
    }


def _narrowed(wish: Wish, term: str) -> str:
    return with_query("/search", q=f"{wish.query} {term}".strip(), sort=str(wish.sort) if wish.query else "")
