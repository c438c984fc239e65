"""The address that goes over the wire is the canonical one, byte for byte: httpx normalises nothing further."""

import httpx
from hypothesis import assume, given
from hypothesis import strategies as st

from newsmill.urls.canonical import BadAddress, canonicalize

SIGNS = "abcZ09-._~:/?#[]@!$&'()*+,;=%|\\^`{}\"<> é☃\t\x00\x7f%20%2f%C3%28"


@given(st.text(alphabet=SIGNS, max_size=20) | st.text(max_size=20))
def test_the_target_is_sent_as_it_is(rest: str) -> None:
    try:
        canonical = canonicalize("http://h.example/" + rest)
    except BadAddress:
        assume(False)
    assert httpx.URL(canonical).raw_path.decode() == canonical.removeprefix("http://h.example")


@given(st.text(min_size=1, max_size=20))
def test_the_host_is_sent_as_it_is(host: str) -> None:
    try:
        canonical = canonicalize(f"http://{host}/")
    except BadAddress:
        return
    sent = httpx.URL(canonical)
    name = sent.raw_host.decode()
    assert canonical.startswith((f"http://{name}", f"http://[{name}]"))
