import pytest

from newsmill.http.ports import check_port

SERVICES = [6379, 26379, 5672, 15672, 9200, 9300, 5555, 11211, 2375, 2379, 5432, 3306, 27017, 7070, 9108,
            8161, 61616, 5433, 26257, 8529, 11434, 9222, 8717, 4444, 5044, 16686, 9870, 10000, 9418]  # fmt: skip
BROWSERS_REFUSE = [1, 22, 25, 110, 587, 2049, 6000, 6667, 10080]


@pytest.mark.parametrize("port", SERVICES + BROWSERS_REFUSE)
@pytest.mark.parametrize(
    "form", ["http://news.example:{}/x", "https://news.example:{}", "http://[::1]:{}/", "http://x:{}?q"]
)
def test_what_others_own_is_refused_unless_an_operator_named_it(port: int, form: str) -> None:
    url = form.format(port)
    assert str(port) in (check_port(url) or "")
    assert check_port(url, [url.rstrip("/") + "/feed.xml" if url.endswith("/") else url]) is None
    assert check_port(url, [f"http://other.example:{port}/"])
    assert check_port(url, [url.replace(str(port), "80")])


@pytest.mark.parametrize(
    "url",
    ["http://a.example/", "https://a.example/", "http://a.example:80/", "https://a.example:8443/", "http://a.example:8080/",
     "http://a.example:8710/", "http://a.example:3000/", "http://a.example:5000/", "http://[::1]:8000/"],
)  # fmt: skip
def test_where_sites_live_is_free(url: str) -> None:
    assert check_port(url) is None


def test_the_name_counts_whatever_its_case_and_path() -> None:
    assert check_port("http://news.example:9200/a", ["http://NEWS.example:9200/feed?x"]) is None
