"""One page, asked for by a person at a terminal."""

import time

from newsmill.download.pool import Cancelled, Downloads, Request
from newsmill.http.answer import Fetched, FetchError
from newsmill.http.cookies import Jar
from newsmill.policy.verdict import Facts, Failed, Redirect, VerdictOptions, judge
from newsmill.settings import Settings
from workers.desk.problems import BadInput
from workers.runtime.wiring import Wiring


def download(s: Settings, page: str) -> Fetched:
    """One page, with up to `fetch.max_redirects` redirects; for a person at a terminal, so without the frontier."""
    url, jar = page, Jar()
    chain: tuple[str, ...] = ()
    options = VerdictOptions(redirects_max=s.fetch.max_redirects)
    downloads = Downloads(Wiring(s).client_options, Wiring(s).process.stopping)
    try:
        while True:
            cookies = jar.header(url)
            request = Request("page", url, {"cookie": cookies} if cookies else {}, named=(page,))
            ((_, answer),) = next(downloads.answers([request]))
            if isinstance(answer, FetchError):
                raise answer
            if isinstance(answer, Cancelled):
                raise BadInput(f"{url}: stopped")
            match judge(answer, Facts(chain=chain, jar=jar), time.time(), options=options):
                case Redirect() as hop:
                    url, chain, jar = hop.to, (*chain, url), hop.jar
                case Failed(reason=reason):
                    raise BadInput(f"{url}: {reason}")
                case _ if answer.status != 200:
                    raise BadInput(f"{url} answers with status {answer.status}")
                case _:
                    return answer
    finally:
        downloads.close()
