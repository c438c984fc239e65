"""Whether pages can be rendered here (apart from how: asking needs no HTTP client)."""

import shutil
from importlib.util import find_spec

NO_PLAYWRIGHT = "rendering needs Playwright: install newsmill[render]"
NO_CHROMIUM = "rendering needs Chromium: install the package chromium"


def find_chromium() -> str | None:
    """The path of an installed Chromium or Chrome, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


def no_browser(chromium: str = "") -> str:
    """Why nothing can be rendered here, for an operator; empty if it can. chromium: a path, or empty for the PATH."""
    if find_spec("playwright") is None:
        return NO_PLAYWRIGHT
    found = shutil.which(chromium) if chromium else find_chromium()
    return "" if found else f"{NO_CHROMIUM}{f' (there is none at {chromium})' if chromium else ''}"
