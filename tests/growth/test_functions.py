"""Whatever takes foreign text grows at most linearly, in time and in memory: the readers that the stages call."""

import time
from types import FunctionType

import pytest

from tests.growth import alphabets
from tests.growth.measure import growth
from tests.growth.readers import READERS, Reader

pytestmark = pytest.mark.slow

EXCEPTIONS = {  # readers that grow faster, and why nothing comes of it
    "section": "open: elements nested thousands deep, 0.2 s for 80 kB; a confined process has its limit",
    "discovery": "as section",
    "page": "bounded by the extractor's own tests and fuzzer; parse has its limit",
}
BUDGET_S = 20.0  # of CPU for one reader in one frame; the dear ones meet the first part of their alphabet
CASES = [
    pytest.param(reader, frame, id=f"{name}-{number}")
    for name, reader in READERS.items()
    if name not in EXCEPTIONS
    for number, frame in enumerate(reader.frames)
]


def worst(reader: Reader, frame: str) -> tuple[float, float, str]:
    """The worst growth of time, and of memory, and by what."""
    found = (0.0, 0.0, "")
    before, _, behind = frame.replace("{{", "{").partition("{}")
    ends = time.process_time() + BUDGET_S
    for name, make in alphabets.inputs(reader.alphabet):
        if time.process_time() > ends:
            break
        grown = growth(reader.read, lambda n, make=make: before + make(n) + behind, reader.length)
        found = max(found, (grown.time, grown.memory, name))
        if not grown.linear:
            return grown.time, grown.memory, name
    return found


@pytest.mark.parametrize(("reader", "frame"), CASES)
def test_a_reader_is_linear(reader: Reader, frame: str) -> None:
    times, memory, by = worst(reader, frame)
    assert max(times, memory) <= 9, f"time {times:.1f}, memory {memory:.1f} times for four times the length, by {by}"


def loop(text: str) -> int:
    """Quadratic, as a loop over all that was found so far is."""
    found: list[str] = []
    for word in text.split("<"):
        if word + str(len(found)) not in found:
            found.append(word + str(len(found)))
    return len(found)


def hoard(text: str) -> int:
    """Quadratic in memory: every rest of the text is kept."""
    return sum(map(len, [text[at:] for at in range(0, len(text), 20)]))


@pytest.mark.parametrize("planted", [loop, hoard])
def test_a_planted_loop_turns_this_red(planted: FunctionType) -> None:
    times, memory, _ = worst(Reader(alphabets.MARKUP, planted), "{}")
    assert max(times, memory) > 9
