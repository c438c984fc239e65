"""What must come of ingesting the demo site, read from expected.toml."""

import tomllib
from importlib.resources import files
from typing import Self

from newsmill.model import Frozen
from newsmill.outcomes import Outcome


class Finds(Frozen):
    """A search that must find exactly so many documents."""

    language: str
    query: str
    documents: int
    browser: bool = False  # only where there is a browser


class Silent(Frozen):
    """Words of the chrome around the articles, and of pages that may not be indexed: they must find nothing."""

    language: str
    queries: tuple[str, ...]


class Expected(Frozen):
    """The fate of every address that the sources of the demo site lead to, by path, and what searches find.

    rendered: the fates that are others where there is a browser.
    """

    outcomes: dict[str, Outcome]
    rendered: dict[str, Outcome]
    finds: tuple[Finds, ...]
    silent: tuple[Silent, ...]

    def with_browser(self, browser: bool) -> Self:
        """What must come of it where pages made by scripts are rendered, or are not."""
        if not browser:
            return self.model_copy(update={"finds": tuple(finds for finds in self.finds if not finds.browser)})
        return self.model_copy(update={"outcomes": self.outcomes | self.rendered})

    def totals(self) -> dict[Outcome, int]:
        """How many addresses must end in each outcome."""
        fates = list(self.outcomes.values())
        return {outcome: fates.count(outcome) for outcome in Outcome if outcome in fates}


def expected() -> Expected:
    """The expectations of the site as it is shipped."""
    text = (files("newsmill.demo") / "expected.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return Expected(**{**table, "finds": tuple(table["finds"]), "silent": tuple(table["silent"])})
