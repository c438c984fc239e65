"""What an address says about the page behind it (pure)."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

# Words that sites the world over put into addresses, by the kind of page that stands there.
_FAMILIES = {
    "news": "blog blogs news article articles story stories post posts insight insights press magazine opinion feature "
    "features editorial review reviews guide guides tips nachrichten artikel aktuell beitrag ratgeber actualites "
    "actualite noticias noticia notizie notizia articolo articulo nieuws nyheter novosti novyny statti statii stati "
    "wiadomosci aktualnosci zpravy clanek clanky haber haberler hirek stiri uutiset berita tin-tuc",
    "shop": "product products shop store collection collections cart p dp item produkt produkte produit produits "
    "producto productos produto produtos prodotto prodotti catalog catalogue katalog brand brands pricing buy tovar",
    "forum": "thread threads topic forum forums question questions comments showthread viewtopic t discussion "
    "discussions board boards community foro themen tema",
    "docs": "docs doc documentation reference api manual wiki latest stable library tutorial developer developers man "
    "help support faq hilfe ayuda aide",
    "firm": "services service solutions solution about contact company companies careers jobs team platform app apps "
    "software programs program courses course leistungen servicios soluciones uslugi kontakt",
    "list": "category categories tag tags topics archive archives search author authors list lists best kategorie "
    "categorie categoria rubrik rubrique seccion",
}
_FAMILY_OF = {word: family for family, words in _FAMILIES.items() for word in words.split()}
_WORD = re.compile(r"[^\W\d_]{2,}")
_YEAR = re.compile(r"(?<!\d)20[0-3]\d(?!\d)")
_SPLIT = re.compile(r"[-_.]")
_PAGE_FILES = (".html", ".htm", ".php", ".aspx", ".jsp")
MAX_FOLDERS = 12
MAX_FOLDER_CHARS = 40  # longer ones are titles, not kinds


@lru_cache(maxsize=256)
def _pieces(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        return (parts.hostname or ""), parts.path, parts.query
    except ValueError:
        return "", "", ""


def host_of(url: str) -> str:
    """The host, lower case; empty without an address."""
    return _pieces(url)[0]


def slug_words(url: str) -> frozenset[str]:
    """The words of the path, lower case."""
    return frozenset(_WORD.findall(_pieces(url)[1].lower()))


def address_evidence(url: str) -> dict[str, float]:
    """The shape of an address and the kinds of page that its words name. Empty without one."""
    if not url:
        return {}
    host, path, query = _pieces(url)
    said: dict[str, float] = {}
    if family := _FAMILY_OF.get(host.split(".", 1)[0].lower()):
        said[f"host:{family}"] = 1
    folders = [folder for folder in path.lower().split("/") if folder]
    said["address:depth"] = len(folders)
    if query:
        said["address:query"] = 1
    if not folders:
        return said
    last = folders[-1]
    for folder in folders[:-1][:MAX_FOLDERS]:
        if len(folder) <= MAX_FOLDER_CHARS:
            for word in (folder, *_SPLIT.split(folder)):
                if family := _FAMILY_OF.get(word):
                    said[f"address:{family}"] = 1
    if family := _FAMILY_OF.get(last):
        said[f"address:ends in {family}"] = 1
    said["address:slug words"] = len(_WORD.findall(last))
    said["address:slug digits"] = sum(map(str.isdigit, last))
    if path.endswith("/"):
        said["address:slash"] = 1
    if last.endswith(_PAGE_FILES):
        said["address:file"] = 1
    if _YEAR.search(path):
        said["address:year"] = 1
    return said
