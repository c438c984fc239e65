"""Which document a page is (pure): the canonical address, as far as it can be believed."""

from urllib.parse import urlsplit

from workers.urls import BadAddress, canonicalize, same_site


def document_address(url: str, final_url: str, stated: str) -> str:
    """The address of the document in a page.

    url: the accepted, canonical address. final_url: the one that answered, after redirects. stated: what the page says
    its canonical address is, or empty. A statement is believed within one site only (another site's document is not
    ours to write), and not when it names the front page, as misconfigured sites do on every article.
    """
    try:
        here = canonicalize(final_url)
    except BadAddress:
        here = url
    if not stated:
        return here
    try:
        canonical = canonicalize(stated, here)
    except BadAddress:
        return here
    is_front = urlsplit(canonical).path in ("", "/") and not urlsplit(canonical).query
    was_front = urlsplit(here).path in ("", "/")
    if (is_front and not was_front) or not same_site(here, canonical):
        return here
    return canonical
