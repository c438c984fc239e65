"""Stories over a real server: workers that index copies at once agree, and the memory is bounded."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from newsmill.ledger import Frontier
from newsmill.ledger.stories import Stories
from newsmill.model import Document
from newsmill.testing.search_corpus import article
from workers.runtime.wiring import connect

DAY = 86400.0


def text(seed: int, words: int = 300) -> str:
    dice = random.Random(seed)
    return " ".join(f"w{dice.randrange(20_000)}" for _ in range(words))


def told(entry_id: str, seed: int, prefix: str = "") -> Document:
    return article(entry_id, text=f"{prefix} {text(seed)}")


@pytest.fixture
def stories(frontier: Frontier, redis_url: str) -> Stories:
    return Stories(connect(redis_url), prefix=frontier.prefix, now=1_000_000.0)


def test_copies_share_the_story_of_the_first(stories: Stories) -> None:
    batch = [told("a", 1), told("b", 2), told("c", 1, "Reuters, from our own"), article("short", text="too short")]
    assert [document.story for document in stories.tell(batch)] == ["a", "b", "a", ""]
    assert [document.story for document in stories.tell(batch)] == ["a", "b", "a", ""]
    assert stories.tell([told("d", 2)])[0].story == "b"
    old = told("d", 2).model_copy(update={"story": "older"})
    assert stories.tell([told("d", 2)], {"d": old})[0].story == "older"


def test_workers_that_index_copies_at_once_agree(stories: Stories, redis_url: str) -> None:
    def tell(worker: int) -> list[str]:
        mine = Stories(connect(redis_url), prefix=stories.prefix, now=stories.now)
        return [mine.tell([told(f"{seed}-{worker}", seed)])[0].story for seed in range(100)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(tell, range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0])) == 100


def test_a_story_is_remembered_for_one_to_two_periods(stories: Stories) -> None:
    stories.tell([told("a", 1)])
    stories.now += 7 * DAY + 1
    assert stories.tell([told("b", 1)])[0].story == "a"
    stories.now += 7 * DAY + 1
    assert stories.tell([told("c", 1)])[0].story == "c"


def test_signatures_of_another_version_are_not_compared(stories: Stories) -> None:
    stories.tell([told("a", 1)])
    assert stories.tell([told("b", 1)])[0].story == "a"
    stories.client.hdel(f"{stories.prefix}story:now", "signed")  # as the first version left it
    assert [document.story for document in stories.tell([told("c", 1), told("d", 1)])] == ["c", "c"]


def test_the_memory_is_bounded(stories: Stories) -> None:
    stories.most = 500
    client = stories.client
    sizes = []
    for round_ in range(6):
        stories.tell([told(f"{round_}-{i}", round_ * 1000 + i, "x") for i in range(500)])
        keys = list(client.scan_iter(match=f"{stories.prefix}story:*", count=1000))
        for key in keys:
            if int(key.split(":story:")[1].split(":")[0].replace("now", "9999")) < round_:
                client.delete(key)  # as its expiry does
        sizes.append(len(list(client.scan_iter(match=f"{stories.prefix}story:*", count=1000))))
    assert max(sizes[2:]) <= 1.3 * sizes[1]
