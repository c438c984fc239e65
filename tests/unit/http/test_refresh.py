import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.http.answer import Fetched
from newsmill.http.refresh import LOOKED_AT, METAS_MAX, WAIT_MAX_S, refresh_target

HERE = "https://news.example/a/b"
ARTICLE = "<p>" + "A long text that people read. " * 40


def page(body: str | bytes, *headers: tuple[str, str]) -> Fetched:
    body = body.encode() if isinstance(body, str) else body
    return Fetched(HERE, 200, (("Content-Type", "text/html"), *headers), body, "1.1.1.1", 0, 1, 0.1)


@pytest.mark.parametrize(
    ("content", "to"),
    [
        ("0; url=/c", "https://news.example/c"),
        ("0;URL='https://other.example/x'", "https://other.example/x"),
        ('0;url="https://other.example/x" trailing', "https://other.example/x"),
        ("0,/c", "https://news.example/c"),
        ("0 /c", "https://news.example/c"),
        ("0;/c", "https://news.example/c"),
        ("  3 ;\n url = c ", "https://news.example/a/c"),
        ("0.9; url=/c", "https://news.example/c"),
        (".5; url=/c", "https://news.example/c"),
        (f"{WAIT_MAX_S}; url=/c?utm_source=x", "https://news.example/c?utm_source=x"),
        (f"{WAIT_MAX_S + 1}; url=/c", None),
        ("300", None),
        ("0", None),
        ("0; url=", None),
        ("", None),
        ("soon; url=/c", None),
        ("-1; url=/c", None),
        ("0url=/c", None),
        ("0; url=javascript:alert(1)", None),
        ("0; url=data:text/html,x", None),
        ("0; url=http://user:secret@other.example/#part", "http://other.example/"),
        ("9" * 5000, None),
    ],
)
def test_header_and_element_are_read_alike(content: str, to: str | None) -> None:
    assert refresh_target(page("<html>", ("Refresh", content))) == to
    quoted = content.replace('"', "&quot;")
    assert refresh_target(page(f'<html><head><META Http-Equiv = "Refresh" content="{quoted}">')) == to
    assert (
        refresh_target(page(f"<!doctype html><title>x</title><meta content=\"{quoted}\" http-equiv='refresh'>")) == to
    )


META = '<meta http-equiv="refresh" content="0;url=/c">'


@pytest.mark.parametrize(
    ("body", "follows"),
    [
        (META, True),
        (f"<html><head>{META}</head><body>{ARTICLE}", True),
        (f"<html><body>{ARTICLE}{META}", True),
        (f"<html><script>location.replace('/c')</script><noscript>{META}</noscript>", True),
        (f"<html><noscript>{META}</noscript><body><script>{'x=1;' * 900}</script>One moment, please", True),
        (f"<html><head><noscript>{META}</noscript></head><body>{ARTICLE}", False),
        (f"<html><!-- {META} --><body>", False),
        (f"<html><script>document.write('{META}')</script>", False),
        (f"<html><template>{META}</template>", False),
        (f"<html><script>'</scr' + 'ipt>'</script >{META}", True),
        (f"<html><noscript>{META}</noscript>{'<p>Words of an article, some at a time.</p>' * 20}", False),
        (f"<html><noscript><p>Please go on.</p></noscript>{META}", True),
        ("<html><meta content='0;url=/c' content=9 http-equiv=refresh />", True),
        ("<html><meta http-equiv=refresh content=0;url=/c>", True),
        ("<html><meta http-equiv='refresh' content='0;url=/c?a&gt;b&amp;c", False),
        (f"<html><textarea>{META}</textarea>", False),
        ("<html><meta http-equiv=content-type content=x> please refresh", False),
        (f"<html>{'x' * LOOKED_AT}{META}", False),
        (f"plain text about {META}", False),
        (f"<rss>{META}</rss>", False),
    ],
)
def test_where_it_counts(body: str, follows: bool) -> None:
    assert refresh_target(page(body)) == ("https://news.example/c" if follows else None)


def test_it_is_relative_to_the_base_of_the_page() -> None:
    head = '<html><base href="/deep/er/"><meta http-equiv=refresh content="0;url=c">'
    assert refresh_target(page(head)) == "https://news.example/deep/er/c"


def test_the_header_wins_over_the_element() -> None:
    assert refresh_target(page(META, ("Refresh", "1; url=/header"))) == "https://news.example/header"
    assert refresh_target(page(META, ("Refresh", "600"))) == "https://news.example/c"


@given(st.text(max_size=60), st.text("0123456789.;,url= '\"/\n", max_size=40))
def test_anything_is_an_address_or_nothing(body: str, content: str) -> None:
    found = refresh_target(page(f"<html>{body}<meta http-equiv=refresh content='{content}'>", ("Refresh", content)))
    assert found is None or found.startswith(("http://", "https://"))


def test_only_the_first_ones_are_looked_at() -> None:
    late = "<meta http-equiv=refresh content=600>" * METAS_MAX + META
    assert refresh_target(page(f"<html>{late}")) is None
