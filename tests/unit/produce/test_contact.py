import pytest

from workers.produce.contact import contact_problem


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("http://127.0.0.1:8710/", True),
        ("http://127.4.0.9/a", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("http://demo.test:8710/en/", True),
        ("https://news.example/", True),
        ("https://news.example.com/", False),
        ("https://test/", False),
        ("http://198.51.100.7/", False),
        ("http://172.18.0.4/", False),
    ],
)
def test_only_test_sites_are_asked_anonymously(url: str, may: bool) -> None:
    assert (contact_problem([url], user_agent_is_own=False) == "") is may
    assert contact_problem([url], user_agent_is_own=True) == ""


def test_the_problem_names_the_site_and_what_to_do() -> None:
    told = contact_problem(["http://127.0.0.1/", "", "https://news.example.com/a"], user_agent_is_own=False)
    assert "before asking news.example.com: set NEWSMILL_FETCH__USER_AGENT" in told
