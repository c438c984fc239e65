import pytest

from newsmill.http.conditional import Validators, validators

DATE = "Wed, 18 Nov 2026 06:15:00 GMT"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), Validators()),
        ((("ETag", '"abc"'), ("Last-Modified", DATE)), Validators('"abc"', DATE)),
        ((("etag", 'W/"abc"'),), Validators('W/"abc"')),
        ((("etag", "abc"),), Validators("abc")),
        ((("etag", '"a b"'), ("last-modified", "yesterday")), Validators()),
        ((("etag", '"' + "x" * 500 + '"'),), Validators()),
        ((("etag", '"a"\r\nX: y'),), Validators()),
    ],
)
def test_validators(headers: tuple[tuple[str, str], ...], expected: Validators) -> None:
    found = validators(headers)
    assert found == expected
    assert bool(found) is bool(found.request_headers())


def test_request_headers() -> None:
    assert Validators('"a"', DATE).request_headers() == {"if-none-match": '"a"', "if-modified-since": DATE}
