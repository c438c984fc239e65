"""Contract suites for what comes through the doors: inherit one in a test module, and run it with pytest."""

from newsmill.testing.source_kinds import SourceKindContract

__all__ = ["SourceKindContract"]
