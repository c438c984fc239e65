"""A source kind: a table with a heading of url, published and title, as spreadsheets write it."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO

from newsmill.sources.kinds import Item, Polled, Reading


def read_csv(polled: Polled) -> Reading:
    left: Counter[str] = Counter()
    rows = csv.DictReader(StringIO(polled.body.decode("utf-8", "replace")))
    problem = "" if "url" in (rows.fieldnames or ()) else "no column is called url"

    def items() -> Iterator[Item]:
        for row in rows if not problem else ():
            if row["url"]:
                yield Item(row["url"], _moment(row.get("published")), title=row.get("title") or "")
            else:
                left["without an address"] += 1

    return Reading(items(), lambda: problem, left_out=lambda: dict(left))


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
