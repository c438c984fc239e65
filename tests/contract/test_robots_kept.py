"""robots.txt files in Redis: each is small, and a domain's hosts without end take no more than their share."""

import threading
import time

import pytest

from newsmill.ledger import Frontier
from newsmill.policy.robots import RobotsFile
from newsmill.policy.robots_rules import reduced
from workers.runtime import robots_kept

BODY = b"User-agent: *\n" + b"".join(b"Disallow: /%x%x/\n" % (i * 7919, i**3) for i in range(3000))


@pytest.fixture
def ledger(frontier: Frontier) -> Frontier:
    return frontier


def file(body: bytes = BODY) -> RobotsFile:
    return RobotsFile(
        state="rules", reason="robots.txt", expires_at=time.time() + 3600, text=reduced(body, "Newsmill").text
    )


def size(ledger: Frontier) -> int:
    keys = [str(key) for key in ledger.client.scan_iter(f"{ledger.prefix}robots*")]
    return sum(ledger.client.memory_usage(key) or 0 for key in keys)


def test_a_large_file_comes_back_whole(ledger: Frontier) -> None:
    kept = robots_kept.keep(ledger, "https://a.example", file(), now=time.time())
    assert kept == file().model_copy(update={"expires_at": kept.expires_at})
    assert robots_kept.known(ledger, ["https://a.example", "https://b.example"]) == {"https://a.example": kept}


def test_hosts_without_end_take_no_more_than_their_share(ledger: Frontier) -> None:
    wide = robots_kept.LARGE_PER_SITE
    for number in range(wide):
        for _ in range(2):  # one that is asked for again takes no second place
            assert (
                "cut" not in robots_kept.keep(ledger, f"https://s{number}.evil.example", file(), now=time.time()).reason
            )
    before = size(ledger)
    for number in range(wide, 5 * wide):
        kept = robots_kept.keep(ledger, f"http://s{number}.evil.example:{1000 + number}", file(), now=time.time())
        assert not kept.allowed("https://x.example/" + BODY.split()[3].decode()[1:]).allowed, "cut towards no"
        assert "cut to" in kept.reason
    assert (size(ledger) - before) / (4 * wide) < 2 * robots_kept.SMALL
    assert "cut" not in robots_kept.keep(ledger, "https://honest.example", file(), now=time.time()).reason
    assert (
        "cut"
        not in robots_kept.keep(
            ledger, "https://s999.evil.example", file(b"User-agent: *\nDisallow: /x"), now=time.time()
        ).reason
    )


def test_a_place_is_free_again_when_its_file_has_expired(ledger: Frontier) -> None:
    soon = file().model_copy(update={"expires_at": time.time() + 0.1})
    for number in range(robots_kept.LARGE_PER_SITE):
        robots_kept.keep(ledger, f"https://s{number}.late.example", soon, now=time.time())
    time.sleep(1.1)
    assert "cut" not in robots_kept.keep(ledger, "https://new.late.example", file(), now=time.time()).reason


def test_files_that_a_process_keeps_ready_are_bounded() -> None:
    loaded = robots_kept._Loaded()
    texts = [file().model_copy(update={"reason": str(number)}).dump() for number in range(200)]
    threads = [threading.Thread(target=lambda: [loaded.load(text) for text in texts]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(robots_kept._weight(f) for f in loaded._files.values()) == loaded._size <= robots_kept.LOADED_MAX
    assert loaded.load(texts[-1]) is loaded.load(texts[-1])
