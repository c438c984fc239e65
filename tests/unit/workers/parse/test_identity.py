import pytest

from workers.parse.identity import claims, lies_at

SAME_OWNER = [
    ("https://www.paper.example/a/1", "https://paper.example/a/1"),
    ("https://amp.paper.example/a/1", "https://www.paper.example/a/1"),
    ("http://paper.example/a/1", "https://paper.example/a/1"),
    ("https://paper.example/a/1?print=1", "https://paper.example/a/1"),
    ("https://m.bbc.co.uk/news/1", "https://www.bbc.co.uk/news/1"),
    ("https://one.wordpress.com/?p=7", "https://one.wordpress.com/2026/11/story"),
    ("https://www.one.tumblr.com/post/1", "https://one.tumblr.com/post/1"),
    ("https://medium.com/@ann/story-1?source=x", "https://medium.com/@ann/story-1"),
    ("https://sites.google.com/view/paper/a?x=1", "https://sites.google.com/view/paper/a"),
    ("https://uni.example/~ann/a.html?x=1", "https://uni.example/~ann/a.html"),
    ("https://one.blogspot.com/2026/11/a.html?m=1", "https://one.blogspot.com/2026/11/a.html"),
    ("https://one.livejournal.com/1.html?thread=5", "https://one.livejournal.com/1.html"),
    ("https://github.com/ann/notes/blob/main/a.md?plain=1", "https://github.com/ann/notes/blob/main/a.md"),
]
OTHER_OWNER = [
    ("https://evil.example/a", "https://paper.example/a"),
    ("https://evil.wordpress.com/a", "https://paper.wordpress.com/a"),
    ("https://evil.wordpress.com/a", "https://wordpress.com/a"),
    ("https://evil.substack.com/p/a", "https://paper.substack.com/p/a"),
    ("https://evil.medium.com/a", "https://paper.medium.com/a"),
    ("https://evil.tumblr.com/post/1", "https://paper.tumblr.com/post/1"),
    ("https://evil.livejournal.com/1.html", "https://paper.livejournal.com/1.html"),
    ("https://evil.ghost.io/a", "https://paper.ghost.io/a"),
    ("https://evil.github.io/a", "https://paper.github.io/a"),
    ("https://evil.blogspot.com/a", "https://paper.blogspot.com/a"),
    ("https://evil.weebly.com/a", "https://paper.weebly.com/a"),
    ("https://evil.wixsite.com/a", "https://paper.wixsite.com/a"),
    ("https://evil.typepad.com/a", "https://paper.typepad.com/a"),
    ("https://evil.beehiiv.com/p/a", "https://paper.beehiiv.com/p/a"),
    ("https://medium.com/@evil/a", "https://medium.com/@ann/a"),
    ("https://substack.com/@evil/p/a", "https://substack.com/@ann/p/a"),
    ("https://sites.google.com/view/evil/a", "https://sites.google.com/view/paper/a"),
    ("https://users.livejournal.com/evil/1.html", "https://users.livejournal.com/paper/1.html"),
    ("https://blog.naver.com/evil/1", "https://blog.naver.com/paper/1"),
    ("https://note.com/evil/n/1", "https://note.com/paper/n/1"),
    ("https://ameblo.jp/evil/entry-1.html", "https://ameblo.jp/paper/entry-1.html"),
    ("https://uni.example/~evil/a.html", "https://uni.example/~ann/a.html"),
    ("https://paper.example:8443/a", "https://paper.example/a"),
    ("https://paper.example/a", "https://paper.example:8443/b"),
    ("https://github.com/evil/notes/1", "https://github.com/ann/notes/1"),
    ("https://evil.co.uk/a", "https://paper.co.uk/a"),
    ("https://evil.neocities.org/a", "https://paper.neocities.org/a"),
    ("https://evil.blogfa.com/a", "https://paper.blogfa.com/a"),
    ("https://evil.hypotheses.org/1", "https://paper.hypotheses.org/1"),
    ("https://s3.amazonaws.com/evil/a.html", "https://s3.amazonaws.com/paper/a.html"),
    ("https://blog.csdn.net/evil/article/1", "https://blog.csdn.net/paper/article/1"),
    ("https://t.me/evil/1", "https://t.me/paper/1"),
    ("https://social.example/@evil/1", "https://social.example/@ann/1"),
    ("https://archive.org/details/evil", "https://archive.org/details/paper"),
]
HOMES = [
    "/",
    "/en/",
    "/en",
    "/pt-br/",
    "/index.php",
    "/index.html",
    "/home",
    "/de/home",
    "/default.aspx",
    "/en/index.php",
]


@pytest.mark.parametrize(("here", "stated"), SAME_OWNER)
def test_a_page_may_be_a_copy_of_its_owners(here: str, stated: str) -> None:
    assert claims(here, stated) == stated


@pytest.mark.parametrize(("here", "stated"), OTHER_OWNER)
def test_a_page_is_no_copy_of_another_owners(here: str, stated: str) -> None:
    assert claims(here, stated) == ""


@pytest.mark.parametrize("path", HOMES)
def test_no_article_is_a_copy_of_a_front_page(path: str) -> None:
    assert claims("https://paper.example/2026/11/story", f"https://paper.example{path}") == ""


@pytest.mark.parametrize("stated", ["", "javascript:alert(1)", "https://", "https://paper.example/a/1", "/a/1#top"])
def test_what_says_nothing(stated: str) -> None:
    assert claims("https://paper.example/a/1", stated) == ""


def test_a_page_lies_where_it_answered() -> None:
    assert lies_at("https://a.example/1", "https://B.example/2?utm_source=x") == "https://b.example/2"
    assert lies_at("https://a.example/1", "not an address") == "https://a.example/1"
