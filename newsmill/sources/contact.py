"""Who may be asked by a crawler that does not say whose it is (pure): nobody but test sites."""

from collections.abc import Iterable
from ipaddress import ip_address

from newsmill.urls.canonical import host_key

TEST_DOMAINS = (".localhost", ".example", ".test", ".invalid")  # RFC 6761 §6: nobody's, for ever


def contact_problem(urls: Iterable[str], user_agent_is_own: bool) -> str:
    """What an operator has to do before these addresses may be asked; empty when they may."""
    real = next((url for url in urls if url and not _is_test_site(host_key(url))), None)
    if real is None or user_agent_is_own:
        return ""
    return (
        f"say who you are before asking {host_key(real)}: set NEWSMILL_FETCH__USER_AGENT or fetch.user_agent "
        'in newsmill.toml to your crawler\'s name and a contact, such as "MyCrawler/1.0 (+https://my.site/contact)"'
    )


def _is_test_site(host: str) -> bool:
    try:
        return not ip_address(host.strip("[]")).is_global  # an operator's own network, which the guard knows too
    except ValueError:
        return host == "localhost" or host.endswith(TEST_DOMAINS)
