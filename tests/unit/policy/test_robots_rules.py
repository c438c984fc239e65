"""What a robots.txt says to us: lines, groups, matching, bounds. Kinds from RFC 9309, Google's parser and the web."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.policy.robots_rules import LINE_MAX, SIZE_MAX, STARS_MAX, TEXT_MAX, Rules, lines_of, reduced, sitemaps_in

ALL = "User-agent: *\n"


def denied(text: str | bytes, path: str) -> bool:
    body = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    rule = Rules(reduced(body, "Newsmill").text).deciding(path)
    return rule is not None and not rule.allow


NAMES = {
    "agent": "User-agent,user-agent,USERAGENT,User Agent,useragents,useg-agent",
    "Disallow": "Disallow,disallow,Dissallow,Dissalow,Disalow,Diasllow,Disallaw,desallow,Disallowed",
    "Allow": "Allow,allow,ALLOWED",
    "Delay": "Crawl-delay,crawldelay,Crawl Delay",
    "Sitemap": "Sitemap,Site-map,sitemaps,SITEMAP",
}
LINES = ["{}: /x", "{}:/x", "  {} :\t/x  ", "{} /x", "{}\t/x", "{}: /x # y", "\x0b{}: /x\x0c", "{}:/x\u0085"]


@pytest.mark.parametrize(("name", "written"), [(name, w) for name, words in NAMES.items() for w in words.split(",")])
@pytest.mark.parametrize("line", LINES)
def test_names_are_read_as_webmasters_write_them(name: str, written: str, line: str) -> None:
    assert list(lines_of(line.format(written))) == [(name, "/x")]


@pytest.mark.parametrize(
    "line",
    [
        "",
        ":",
        "Disallow",
        "Disallows nothing at all",
        "User agent strings are told below",
        "Noindex: /x",
        "x Disallow: /x",
        "#Disallow: /x",
        "Host: a.example",
    ],
)
def test_prose_and_other_lines_are_no_rules(line: str) -> None:
    assert [value for _, value in lines_of(line)] in ([], [""])


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_lines_end_at_cr_and_lf(end: str) -> None:
    assert denied(f"User-agent: *{end}{end}Disallow: /x{end}Allow: /y", "/x")


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_nothing_else_ends_a_line(sign: str) -> None:
    assert not denied(f"{ALL}# see{sign}Disallow: /x\nAllow: /y", "/x")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(encoding: str) -> None:
    assert denied("User-agent: *\r\nDisallow: /private/\r\nDisallow: /café\r\n".encode(encoding), "/private/one")


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb", b"\xef", b"\xef\xbb\xbf\xef\xbb"])
def test_marks_may_be_two_or_broken(mark: bytes) -> None:
    assert denied(mark + b"User-agent: *\nDisallow: /x\n", "/x")


GROUPS = [
    ("User-agent: Newsmill\nCrawl-delay: 1\nUser-agent: OtherBot\nDisallow: /x", True),  # RFC 9309 §2.2.4
    ("User-agent: Newsmill\nSitemap: http://a.example/s\nUser-agent: OtherBot\nDisallow: /x", True),
    ("User-agent: Newsmill\nNoindex: /y\n\nUser-agent: OtherBot\nDisallow: /x", True),
    ("User-agent: Newsmill\nDisallow: /y\nCrawl-delay: 1\nUser-agent: OtherBot\nDisallow: /x", False),
    ("User-agent: Newsmill\nDisallow:\nUser-agent: OtherBot\nDisallow: /x", False),
    ("User-agent: Newsmill\nAllow: /y\nUser-agent:\nDisallow: /x", False),
    ("User-agent: Newsmill\nAllow: /y\nuser agent\nDisallow: /x", False),
    ("User-agent: OtherBot Newsmill\nDisallow: /x", True),
    ("User-agent: OtherBot, newsmill/1.0\nDisallow: /x", True),
    ("User-agent: * # all\nDisallow: /x", True),
    ("User-agent: *bot\nDisallow: /x", True),
    ("Disallow: /x\nUser-agent: *\nAllow: /y", False),
    ("Crawl-delay: 5\nUser-agent: *\nDisallow: /x", True),
]


@pytest.mark.parametrize(("text", "is_denied"), GROUPS)
def test_groups(text: str, is_denied: bool) -> None:
    assert denied(text, "/x") is is_denied


@pytest.mark.parametrize(
    ("text", "delay_s"),
    [
        ("User-agent: Newsmill\nCrawl-delay: 1\nUser-agent: OtherBot\nDisallow: /x", 1),
        ("User-agent: Newsmill\nCrawl-delay: 1\n\nUser-agent: *\nCrawl-delay: 10\nDisallow: /x", 1),
        ("User-agent: Slurp\nCrawl-delay: 20\nUser-agent: *\nDisallow: /x", None),
        ("User-agent: *\nCrawl-delay: 2\nCrawl-delay: 5", 5),
        *(
            (f"User-agent: *\nCrawl-delay: {bad}", None)
            for bad in ("nan", "inf", "-5", "1e400", "0x10", "1_000", "٣", "", "5;")
        ),
    ],
)
def test_crawl_delays(text: str, delay_s: float | None) -> None:
    assert Rules(reduced(text.encode(), "Newsmill").text).crawl_delay_s == delay_s


MATCHES = [
    ("/fish", "/fish.html /fish/salmon /fishheads /fish?x=1", "/Fish /catfish /?id=fish /"),
    ("/fish*", "/fish /fish.html /fishheads/yummy", "/Fish /catfish"),
    ("/fish/", "/fish/ /fish/x /fish/?x", "/fish /fish.html /Fish/x"),
    ("/*.php", "/a.php /d/a.php /a.php?x /a/any.php.html /a.php/", "/ /windows.PHP /php"),
    ("/*.php$", "/a.php /d/a.php", "/a.php?x /a.php/ /a.php5"),
    ("/fish*.php", "/fish.php /fishheads/catfish.php?x", "/Fish.PHP /fish.html"),
    ("/*a*b*c", "/xaxbxc /abc", "/acb /ab"),
    ("*m", "/m /foom /moo /x/m", "/foo"),
    ("*", "/ /x", ""),
    ("/$", "/", "/x /?x"),
    ("/x$", "/x", "/xx /x/ /"),
    ("/*$", "/ /x", ""),
    ("/***a", "/a /ba", "/b"),
    ("/*aa$", "/aa /aaa /baa", "/a /aab"),
    ("/a*a$", "/aa /aba", "/a"),
    ("/?", "/?q", "/ /x?q"),
    ("/a%3cb", "/a%3Cb /a%3cb", "/ab"),
    ("/a<b", "/a%3Cb", "/a"),
    ("/~joe", "/~joe/x /%7Ejoe /%7ejoe", "/joe"),
    ("/%7ejoe", "/~joe/x", "/joe"),
    ("/a%2fb", "/a%2Fb", "/a/b"),
    ("/könyvek/", "/k%C3%B6nyvek/1", "/konyvek/"),
    ("/x?u=https://a.example", "/x?u=https://a.example /x?u=https%3A//a.example", "/x"),
    ("/x?u=a:b", "/x?u=a%3Ab /x?u=a:b", "/x?u=ab"),
    ("/price-$5", "/price-$5 /price-%245", "/price-5"),
    ("/price-%24", "/price-$", "/price-"),
    ("/a%2Ab", "/a*b", "/axb"),
    ("/a'b", "/a'b /a%27b", "/ab"),
    ("/a b", "/a%20b", "/a"),
    ("x", "", "/x /"),
]


@pytest.mark.parametrize(("pattern", "yes", "no"), MATCHES)
def test_patterns(pattern: str, yes: str, no: str) -> None:
    text = f"{ALL}Disallow: {pattern}\n"
    assert [path for path in yes.split() if not denied(text, path)] == []
    assert [path for path in no.split() if denied(text, path)] == []


@pytest.mark.parametrize(
    ("rules", "path", "deciding"),
    [
        ("Disallow: /\nAllow: /page", "/page", "Allow: /page"),
        ("Disallow: /x/page.html\nAllow: /x/", "/x/page.html", "Disallow: /x/page.html"),
        ("Disallow: /a\nAllow: /a", "/a", "Allow: /a"),
        ("Allow: /page\nDisallow: /*.html", "/page.html", "Disallow: /*.html"),
        ("Allow: /x/page.\nDisallow: /*.html", "/x/page.html", "Allow: /x/page."),
        ("Disallow: /search*\nAllow: /search", "/search", "Disallow: /search*"),
        ("Disallow: /a\nAllow: /ab", "/ac", "Disallow: /a"),
        ("Disallow: /a/b/c\nAllow: /a/b/d\nDisallow: /a", "/a/b/x", "Disallow: /a"),
        ("Allow: /$\nDisallow: /", "/", "Allow: /$"),
        ("Disallow:\nAllow:", "/x", "None"),
        ("Disallow: /\nAllow: /a/index.html", "/a/", "Allow: /a/$"),  # as Google reads it
        ("Disallow: /\nAllow: /a/index.html", "/a/b", "Disallow: /"),
        ("Disallow: /a/index.html", "/a/", "None"),
    ],
)
def test_the_longest_rule_decides(rules: str, path: str, deciding: str) -> None:
    assert str(Rules(reduced(f"{ALL}{rules}".encode(), "Newsmill").text).deciding(path)) == deciding


PIECES = st.lists(st.sampled_from(["a", "b", "/", "*", "$", "ab", "%41", "é"]), max_size=8).map("".join)


@given(st.lists(st.tuples(st.booleans(), PIECES), max_size=8), PIECES)
def test_matching_is_what_trying_every_rule_gives(rules: list[tuple[bool, str]], path: str) -> None:
    """The one-by-one way of RFC 9309 §2.2.2, without any index."""
    text = ALL + "".join(f"{'Allow' if allow else 'Disallow'}: /{pattern}\n" for allow, pattern in rules)
    found = Rules(reduced(text.encode(), "Newsmill").text)
    alone = [Rules(f"{ALL}{line}\n").deciding(f"/{path}") for line in reduced(text.encode(), "x").text.splitlines()[1:]]
    matching = [rule for rule in alone if rule]
    best = max(((len(rule.pattern), rule.allow) for rule in matching), default=None)  # which of two equal ones is open
    decided = found.deciding(f"/{path}")
    assert (decided and (len(decided.pattern), decided.allow)) == best


HOSTILE = {
    "many": ALL + "".join(f"Disallow: /zz{i}{'q' * 80}*$\n" for i in range(4900)),
    "other": ALL + "Disallow: /\n" + "".join(f"Disallow: /{i * 7919:x}{i:x}{i * i:x}\n" for i in range(24_000)),
    "allow": ALL + "Disallow: /\n" + "".join(f"Allow: /{'y' * 100}{i}\n" for i in range(4000)),
    "stars": ALL + "Disallow: /" + "*a" * 250_000,
    "globs": ALL + "".join(f"Disallow: /*a{i}*b\n" for i in range(20_000)),
    "long": ALL + "Disallow: /" + "x" * 500_000,
    "escapes": ALL + "Disallow: /" + "é" * 200_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_kept_is_bounded_and_never_allows_more(text: str) -> None:
    body = text.encode()[:SIZE_MAX]
    found = reduced(body, "Newsmill")
    rules = Rules(found.text)
    assert len(found.text) <= TEXT_MAX
    assert found.text.count("*") <= STARS_MAX + 1
    for line in text[:SIZE_MAX].splitlines()[1::997]:  # a path that each of the file's own rules forbids
        name, _, pattern = line.partition(": ")
        if name == "Disallow":
            rule = rules.deciding(pattern.replace("*", "").rstrip("$"))
            assert rule is not None
            assert not rule.allow


def test_a_rule_that_is_cut_is_never_cut_inside_an_escape() -> None:
    text = ALL + "".join(f"Disallow: /{'é' * 10}{i}\n" for i in range(9000))
    found = reduced(text.encode(), "Newsmill", 2000)
    assert found.cut
    assert all(line.endswith(("%C3", "%A9", "/")) for line in found.text.splitlines()[1:])


def test_a_long_line_is_read_as_far_as_google_does() -> None:
    assert denied(f"{ALL}Disallow: /x{'#' * 3 * LINE_MAX}\nDisallow: /y", "/x")
    assert denied(f"{ALL}{'#' * 3 * LINE_MAX}\nDisallow: /y", "/y")


def test_sitemaps() -> None:
    body = b"sitemap:http://a.example/1\nUser-agent: x\rSite-map : /2 # new\r\nSitemap /3\nSitemaps are below\n"
    assert sitemaps_in(body) == ["http://a.example/1", "/2", "/3"]
