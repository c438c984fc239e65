"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), unjudged (pure)."""

import json
from collections.abc import Mapping

from newsmill.sources.formats.feed_xml import MAX_ITEMS, MAX_VALUE, NoFeed, RawFeed, RawItem

MAX_AUTHORS = 20
_ITEM_NAMES = {
    "title": "title",
    "url": "link",
    "external_url": "link",
    "id": "guid",
    "date_published": "pubdate",
    "date_modified": "updated",
    "language": "dc:language",
}
_FEED_NAMES = {"title": "title", "home_page_url": "link", "language": "language"}


def looks_like_json(text: str) -> bool:
    """Whether a document begins as JSON does."""
    return text[:100].lstrip("\ufeff \t\r\n").startswith(("{", "["))


def read_json(text: str) -> RawFeed:
    """The items of a JSON Feed. Raises NoFeed."""
    try:
        found = json.loads(text.lstrip("\ufeff"))
    except RecursionError:
        raise NoFeed("JSON inside JSON, too deep") from None
    except ValueError as error:
        raise NoFeed(f"broken JSON: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        raise NoFeed("JSON, but no JSON Feed (there is no list of items)")
    feed = RawFeed()
    _take(found, _FEED_NAMES, feed.values)
    hubs = found.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and isinstance(hub.get("url"), str):
            feed.links.append({"rel": "hub", "href": hub["url"]})
    for entry in found["items"][:MAX_ITEMS]:
        if isinstance(entry, dict):
            item = RawItem("", "")
            _take(entry, _ITEM_NAMES, item.values)
            item.values.setdefault("author", _authors(entry))
            feed.items.append(item)
    if len(found["items"]) > MAX_ITEMS:
        feed.remark = f"more than {MAX_ITEMS:,} items: the rest is not read"
    return feed


def _authors(entry: Mapping[str, object]) -> str:
    listed = entry.get("authors")
    persons = listed if isinstance(listed, list) else [entry.get("author")]
    names = [person.get("name") for person in persons[:MAX_AUTHORS] if isinstance(person, dict)]
    return "\n".join(name.strip() for name in names if isinstance(name, str))[:MAX_VALUE]


def _take(found: Mapping[str, object], names: Mapping[str, str], values: dict[str, str]) -> None:
    for theirs, ours in names.items():
        value = found.get(theirs)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value.strip():
            whole = value.encode("utf-8", "replace").decode()  # half a surrogate pair is no character
            values.setdefault(ours, whole.strip()[:MAX_VALUE])
