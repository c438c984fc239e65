"""`newsmill search`: needs the index and nothing of the mill."""

from newsmill.search.store import ResultPage, Sort
from newsmill.settings import Settings
from newsmill.stores.errors import StoreError
from workers.desk.problems import BadInput
from workers.runtime.stores import NothingHere, has_index, search_store


def find(
    s: Settings,
    query: str,
    limit: int,
    *,
    page: int,
    sort: str,
    facets: bool = False,
    collapse: bool = False,
    marks: tuple[str, str] = ("", ""),
) -> ResultPage:
    """Raises BadInput for an unknown order, BadQuery, StoreError."""
    if sort not in list(Sort):
        raise BadInput(f"--sort {sort}: choose one of {', '.join(Sort)}")
    if not has_index(s):
        raise NothingHere(f"there is no index in {s.data} yet: start with `newsmill run`, or name another --data")
    store = search_store(s)
    try:
        return store.search(
            query,
            limit,
            (page - 1) * limit,
            sort=Sort(sort),
            marks=marks,
            facets=facets,
            collapse=collapse,
            prefer=s.search.prefer,
            half_life_days=s.search.half_life_days,
        )
    finally:
        store.close()


def search_outdated(s: Settings) -> str:
    """What searches lack until a reindex; empty if nothing, or if that cannot be asked now."""
    if not has_index(s):
        return ""
    try:
        store = search_store(s)
        try:
            return store.outdated()
        finally:
            store.close()
    except StoreError:
        return ""
