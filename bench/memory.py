"""Redis memory for each address: waiting, settled, and shrunk to a fingerprint.

    python bench/memory.py [--addresses 200000]

Starts a server of its own. The target is 100 million known addresses in 8 GB: 80 bytes each.
"""

import argparse
import random
import tempfile
from pathlib import Path

from newsmill.ledger import NORMAL, Candidate, Frontier
from newsmill.outcomes import Outcome
from newsmill.urls.canonical import address_id
from workers.local.broker import LocalBroker
from workers.runtime.wiring import connect

HOSTS = 500
CHUNK = 5000
MANY = 100_000_000
BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--addresses", type=int, default=200_000)
    total = parser.parse_args().addresses
    with tempfile.TemporaryDirectory() as folder, LocalBroker(Path(folder)) as url:
        client = connect(url)
        frontier = Frontier(client, now=1_000_000.0)
        empty = used(client)
        for start in range(0, total, CHUNK):
            frontier.add(candidate(i) for i in range(start, min(start + CHUNK, total)))
        report("waiting", used(client) - empty, total)
        for host in range(HOSTS):
            frontier.drain(f"host{host}.example", Outcome.INDEXED, "")
        report("settled", used(client) - empty, total)
        frontier.now += frontier.limits.retention_s + 1
        while client.zcard("nm:retire"):
            frontier.sweep()
        report("shrunk", used(client) - empty, total)
        client.flushall()
        print("the fingerprints of 100 million addresses, in one bucket of a hundred:")
        report("shrunk", fingerprints(client), MANY // 100)


def fingerprints(client) -> int:  # type: ignore[no-untyped-def]
    """Bytes for those ids of MANY addresses that fall into a hundredth of the buckets, as sweep.lua keeps them."""
    before = used(client)
    buckets = 32**4 // 100
    names = ["".join(BASE32[i // 32**d % 32] for d in range(4)) for i in range(buckets)]
    dice = random.Random(1)
    for start in range(0, MANY // 100, CHUNK):
        pipe = client.pipeline(transaction=False)
        for i in range(start, start + CHUNK):
            pipe.hset(f"nm:seen:{dice.choice(names)}", address_id(str(i))[4:], "1")
        pipe.execute()
    return used(client) - before


def candidate(i: int) -> Candidate:
    url = f"https://host{i % HOSTS}.example/2026/11/22/section/a-typical-headline-of-an-article-{i}.html"
    return Candidate(address_id(url), url, f"host{i % HOSTS}.example", "a-source", NORMAL)


def used(client) -> int:  # type: ignore[no-untyped-def]
    return int(client.info("memory")["used_memory"])


def report(state: str, size: int, total: int) -> None:
    print(f"{state:8} {size / total:7.0f} bytes an address ({size / 1e6:.0f} MB for {total:,})")


if __name__ == "__main__":
    main()
