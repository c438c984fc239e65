"""Contract suites for what comes through the doors: inherit one in a test module, and run it with pytest."""

import pytest

pytest.register_assert_rewrite("newsmill.testing.search_stores", "newsmill.testing.source_kinds")

from newsmill.testing.search_stores import SearchStoreContract  # noqa: E402
from newsmill.testing.source_kinds import SourceKindContract  # noqa: E402

__all__ = ["SearchStoreContract", "SourceKindContract"]
