"""Asking only for what has changed: validators of an answer, and the request headers made of them (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsmill.http.answer import first_header
from newsmill.http.caching import http_date

# RFC 9110 §8.8.3, and without its quotes, as some servers send and expect it.
_ETAG = re.compile(r'(?:W/)?"?[\x21\x23-\x7e\x80-\xff]{1,200}"?')


@dataclass(frozen=True, slots=True)
class Validators:
    """What to send to be told "not modified". Empty strings: the server gave none."""

    etag: str = ""
    last_modified: str = ""

    def __bool__(self) -> bool:
        return bool(self.etag or self.last_modified)

    def request_headers(self) -> Mapping[str, str]:
        """If-None-Match and If-Modified-Since; a server that knows the first ignores the second (RFC 9110 §13.1.3)."""
        headers = {}
        if self.etag:
            headers["if-none-match"] = self.etag
        if self.last_modified:
            headers["if-modified-since"] = self.last_modified
        return headers


def validators(headers: tuple[tuple[str, str], ...]) -> Validators:
    """The validators among the headers of an answer; malformed ones are left out."""
    etag = first_header(headers, "etag") or ""
    modified = first_header(headers, "last-modified") or ""
    return Validators(
        etag=etag if _ETAG.fullmatch(etag) else "",
        last_modified=modified if http_date(modified) is not None and modified.isascii() else "",
    )
