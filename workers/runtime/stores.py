"""The stores that the settings name, opened. A command that only searches needs nothing else of the runtime."""

from newsmill.extras import needed
from newsmill.redaction import without_users
from newsmill.search.store import SearchStore, open_search
from newsmill.settings import Settings, config_dir
from newsmill.stores.documents import DocumentStore
from newsmill.stores.errors import StoreUnavailable
from newsmill.stores.objects import ObjectOptions
from newsmill.stores.raw import RawStore
from newsmill.stores.revisions import RevisionStore


class NothingHere(Exception):
    """There is no mill in this data folder yet: start with `newsmill run`."""


def has_index(s: Settings) -> bool:
    """Whether there is anything to search in; asking a SQLite store that is not there would make it."""
    return bool(s.search.url) or (s.data / "search.sqlite").exists()


def search_store(s: Settings) -> SearchStore:
    """The search store that is configured. Raises StoreError."""
    options = None
    if s.search.url.startswith("http"):
        try:
            from newsmill.search.opensearch.client import OpenSearchOptions
        except ModuleNotFoundError as error:  # a worker waits, as for a server that is away
            raise StoreUnavailable(f"{without_users(s.search.url)}: {needed(error) or error}") from error
        own = config_dir() / "opensearch" / "articles.json"
        options = OpenSearchOptions(
            template=own if own.exists() else None,
            alias=s.search.alias,
            username=s.search.username,
            password=s.search.password,
            ca_file=s.search.ca_file,
            verify=s.search.verify,
            rollover_days=s.search.rollover_days,
        )
    return open_search(s.search.url, s.data, options)


def object_options(s: Settings, url: str) -> ObjectOptions:
    """How the object store at `url` is reached. What the settings leave open, the store's own variables say."""
    if not url.startswith("s3://"):
        return ObjectOptions()
    given = {
        "endpoint": s.stores.s3_endpoint,
        "region": s.stores.s3_region,
        "access_key_id": s.stores.s3_access_key_id,
        "secret_access_key": s.stores.s3_secret_access_key,
    }
    return ObjectOptions(config={name: value for name, value in given.items() if value})


def raw_store(s: Settings) -> RawStore:
    """Where raw pages are kept. Raises StoreError."""
    return RawStore.open(s.raw_url, object_options(s, s.raw_url))


def revision_store(s: Settings) -> RevisionStore:
    """Where earlier texts of articles are kept. Raises StoreError."""
    return RevisionStore.open(s.documents_url, object_options(s, s.documents_url))


def document_store(s: Settings) -> DocumentStore:
    """Where documents travel from parse to index. Raises StoreError."""
    return DocumentStore.open(s.documents_url, object_options(s, s.documents_url))
