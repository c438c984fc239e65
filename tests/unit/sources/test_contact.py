"""Who may be asked without saying who asks."""

import pytest

from newsmill.sources.contact import contact_problem


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("http://127.0.0.1:8710/x", True),
        ("http://[::1]/x", True),
        ("http://10.1.2.3/x", True),
        ("http://localhost/x", True),
        ("http://news.example/x", True),
        ("http://demo.test:8710/x", True),
        ("https://news.example.org/x", False),
        ("https://8.8.8.8/x", False),
        ("https://example.com.evil.net/x", False),
    ],
)
def test_only_test_sites_and_ones_own_networks(url: str, may: bool):
    assert (contact_problem([url], user_agent_is_own=False) == "") is may
    assert contact_problem([url], user_agent_is_own=True) == ""
    assert bool(contact_problem(["http://127.0.0.1/", url], user_agent_is_own=False)) is not may
