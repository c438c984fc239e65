"""How a command reaches the ledger: the configured Redis, the bundled broker that runs now, or one for this moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import redis

from newsmill import settings as settings_module
from newsmill.settings import Settings
from workers.local.broker import BrokerProblem, LocalBroker
from workers.runtime.stores import NothingHere
from workers.runtime.wiring import BrokerUnreachable, Wiring, connect


def check_broker(url: str) -> None:
    """Raises BrokerUnreachable, with what to do, unless the server at `url` answers and takes writes."""
    parts = urlsplit(url)
    where = f"{parts.hostname}:{parts.port or 6379}"
    client = connect(url)
    try:
        client.ping()
    except redis.AuthenticationError as error:
        raise BrokerUnreachable(f"Redis at {where} refuses the password in NEWSMILL_REDIS_URL: {error}") from error
    except (redis.RedisError, OSError) as error:
        raise BrokerUnreachable(
            f"cannot reach Redis at {where} ({error}): start it, mend NEWSMILL_REDIS_URL, "
            "or unset it to let newsmill start a broker of its own"
        ) from error
    finally:
        client.close()


@contextmanager
def open_wiring(s: Settings, create: bool = False, any_schema: bool = False) -> Iterator[Wiring]:
    """A mill whose ledger can be reached, and which this version may work on.

    create: make the data folder's broker if there was none yet. any_schema: whichever version the ledger belongs to.
    Raises BrokerUnreachable, BrokerProblem, NothingHere, WrongSchema.
    """
    if s.redis_url:
        check_broker(s.redis_url)
        yield _using(s, any_schema)
        return
    broker = LocalBroker(s.data, s.broker.port)
    if url := broker.running_url():
        yield _using(s.model_copy(update={"redis_url": url}), any_schema)
        return
    if not create and not broker.folder.exists():
        raise NothingHere(
            f"there is no mill in {s.data} yet: start with `newsmill run`, or name its folder with --data"
        )
    with broker as url:
        wiring = _using(s.model_copy(update={"redis_url": url}), any_schema)
        wiring.at_rest = True
        yield wiring
        wiring.frontier.rest_in_order()


def _using(s: Settings, any_schema: bool) -> Wiring:
    settings_module.use(s)
    wiring = Wiring(s)
    if not any_schema:
        wiring.frontier.join()
    return wiring


__all__ = ["BrokerProblem", "BrokerUnreachable", "NothingHere", "check_broker", "open_wiring"]
