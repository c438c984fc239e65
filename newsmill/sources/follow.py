"""Links of an article that a source wants followed (pure)."""

from collections.abc import Iterable
from datetime import datetime

from newsmill.sources.address_filters import AddressFilters, Found, left_out
from newsmill.sources.config import SourceConfig
from newsmill.sources.formats.section import address_score
from newsmill.sources.scope import refuse
from newsmill.urls.canonical import BadAddress, canonicalize, same_site

MAX_FOLLOWED = 100  # links of one page
LEAST_SCORE = 1  # see page.address_score: looks more like an article than not


def followed(
    source: SourceConfig, page: str, links: Iterable[str], *, depth: int, now: datetime, filters: AddressFilters
) -> list[str]:
    """Canonical addresses among `links` of the page at `page` (canonical) that are inside the source's scope.

    depth: links followed to `page` itself. filters: see address_filters.
    Where the source has no sites of its own, links stay on the page's site.
    """
    found: dict[str, None] = {}
    for link in links:
        try:
            url = canonicalize(link, page, source.rules)
        except BadAddress:
            continue  # mailto: and the like
        if url == page or address_score(url) < LEAST_SCORE or (not source.scope.sites and not same_site(url, page)):
            continue
        if refuse(source.scope, url, now, depth=depth + 1) or left_out(filters, Found(url, source, now, depth + 1)):
            continue
        found[url] = None
        if len(found) >= MAX_FOLLOWED:
            break
    return list(found)
