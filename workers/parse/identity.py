"""Which document a page is (pure): where it lies, and which other address it says to be a copy of."""

import re
from urllib.parse import urlsplit

from newsmill.urls.canonical import BadAddress, canonicalize, same_owner

# The front page, also of a language or an edition: /en/, /pt-br, /index.php, /home
_HOME = re.compile(
    r"/?(?:[a-z]{2}(?:[-_][a-z]{2,4})?/?)?(?:(?:index|default|home|main|start)(?:\.[a-z]{2,5})?/?)?", re.I
)
LONGEST_HOME = 40  # characters; longer paths are none


def lies_at(url: str, final_url: str) -> str:
    """The address of the page's own document: the canonical form of the address that answered.

    url: the accepted, canonical address, for when `final_url` has no canonical form.
    """
    try:
        return canonicalize(final_url)
    except BadAddress:
        return url


def claims(here: str, stated: str) -> str:
    """The other address that a page at `here` may say to be a copy of, or "". stated: its canonical link, or empty.

    Within one owner only (another's document is not ours to write, nor to hide behind), and no front page, which
    misconfigured sites name on every article. Whether it is true, the page that is named decides: see `index.step`.
    """
    if not stated:
        return ""
    try:
        canonical = canonicalize(stated, here)
    except BadAddress:
        return ""
    if canonical == here or (_is_home(canonical) and not _is_home(here)) or not same_owner(here, canonical):
        return ""
    return canonical


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and len(parts.path) <= LONGEST_HOME and _HOME.fullmatch(parts.path) is not None
