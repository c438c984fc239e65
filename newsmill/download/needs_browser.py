"""Does a page hold its text only in scripts? (pure) Asked when parse found no article in it."""

import re

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

_READ_MAX = 128 * 1024  # bytes looked at: enough for a shell, and deep nesting costs the square of it
_WORDS_FEW = 120  # a page that shows more words than this has been delivered whole
_UNSEEN = "script, style, noscript, template, svg"
# The empty elements that frameworks fill: React, Vue, Next, Nuxt, Gatsby, Angular, Svelte.
_MOUNTS = (
    "#root, #app, #__next, #__nuxt, #___gatsby, #svelte, #main-app, #react-root, #app-root, #application,"
    "app-root, [ng-app], [data-reactroot], [data-server-rendered]"
)
_PLEA = re.compile(
    r"(enable|activate|turn on|requires?|needs?|aktivier\w*|activ\w*|habilit\w*|abilit\w*)[^.]{0,60}javascript"
    r"|javascript[^.]{0,60}(required|disabled|enabled|needed|erforderlich|nécessaire|necesario|aktivieren|désactivé)",
    re.IGNORECASE,
)


def needs_browser(html: bytes) -> bool:
    """Whether an HTML page shows next to no text, and has scripts that would make it: worth rendering."""
    try:
        tree = LexborHTMLParser(html[:_READ_MAX])
    except SelectolaxError:  # more memory than this process may take
        return False
    body = tree.body
    if body is None or tree.css_first("script") is None:
        return False
    pleas = " ".join(node.text()[:500] for node in tree.css("noscript")[:5])
    mount = tree.css_first(_MOUNTS) is not None
    for node in body.css(_UNSEEN):
        node.decompose()
    words = body.text(separator=" ").split()
    if len(words) > _WORDS_FEW:
        return False
    return mount or bool(_PLEA.search(pleas) or _PLEA.search(" ".join(words)))
