"""What must come of ingesting the demo site, read from expected.toml."""

import tomllib
from importlib.resources import files

from workers.messages import Frozen
from workers.outcomes import Outcome


class Finds(Frozen):
    """A search that must find exactly so many documents."""

    language: str
    query: str
    documents: int


class Silent(Frozen):
    """Words of the chrome around the articles, and of pages that may not be indexed: they must find nothing."""

    language: str
    queries: tuple[str, ...]


class Expected(Frozen):
    """The fate of every address that the sources of the demo site lead to, by path, and what searches find."""

    outcomes: dict[str, Outcome]
    finds: tuple[Finds, ...]
    silent: tuple[Silent, ...]

    def totals(self) -> dict[Outcome, int]:
        """How many addresses must end in each outcome."""
        fates = list(self.outcomes.values())
        return {outcome: fates.count(outcome) for outcome in Outcome if outcome in fates}


def expected() -> Expected:
    """The expectations of the site as it is shipped."""
    text = (files("workers.demo") / "expected.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return Expected(outcomes=table["outcomes"], finds=tuple(table["finds"]), silent=tuple(table["silent"]))
