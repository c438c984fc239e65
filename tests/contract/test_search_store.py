"""Both stores that come with us keep the contract (newsmill/testing/search_stores.py)."""

from newsmill.testing import SearchStoreContract


class TestSearchStore(SearchStoreContract):
    """SQLite and OpenSearch, see open_store in conftest.py."""
