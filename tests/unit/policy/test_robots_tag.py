import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.policy.robots_tag import RobotsTag, robots_tag, x_robots_tag

NOW = 1_794_982_400.0  # Wed, 18 Nov 2026 06:13:20 GMT


@pytest.mark.parametrize(
    ("value", "noindex", "nofollow"),
    [
        ("noindex", True, False),
        ("NoFollow", False, True),
        ("noindex, nofollow", True, True),
        ("none", True, True),
        ("all", False, False),
        ("noarchive, nosnippet", False, False),
        ("max-snippet: 20, noindex", True, False),
        ("max-image-preview:large", False, False),
        ("newsmill: noindex", True, False),
        ("Newsmill: noindex, nofollow", True, True),
        ("googlebot: noindex", False, False),
        ("googlebot: noindex, nofollow", False, False),
        ("googlebot: noindex, newsmill: nofollow", False, True),
        ("*: noindex", True, False),
        ("unavailable_after: 25 Jun 2010 15:00:00 GMT", True, False),
        ("unavailable_after: Wed, 18 Nov 2020 06:13:20 GMT, nofollow", True, True),
        ("unavailable_after: Fri, 18 Nov 2050 06:13:20 GMT", False, False),
        ("unavailable_after: whenever", False, False),
        ("", False, False),
        (",,:,:", False, False),
    ],
)
def test_directives(value: str, noindex: bool, nofollow: bool) -> None:
    assert robots_tag(value, "Newsmill", NOW) == RobotsTag(noindex, nofollow)


def test_headers_add_up() -> None:
    headers = [("X-Robots-Tag", "nofollow"), ("x-robots-tag", "newsmill: noindex"), ("X-Other", "none")]
    assert x_robots_tag(headers, "newsmill", NOW) == RobotsTag(True, True)


@given(st.text(alphabet="noindex,: flw*_aunvlbe1", max_size=60))
def test_any_text_is_read(text: str) -> None:
    robots_tag(text, "Newsmill", NOW)
