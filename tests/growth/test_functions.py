"""Whatever takes foreign text grows at most linearly, in time and in memory: the readers that the stages call."""

from types import FunctionType

import pytest

from tests.growth import alphabets
from tests.growth.measure import MOST, growth
from tests.growth.readers import READERS, Reader

pytestmark = pytest.mark.slow

CASES = [
    pytest.param(reader, frame, id=f"{name}-{number}")
    for name, reader in READERS.items()
    for number, frame in enumerate(reader.frames)
]


def worst(reader: Reader, frame: str) -> tuple[float, float, str]:
    """The worst growth of time, and of memory, and by what. Memory is looked at for single tokens: it is dear."""
    found = (0.0, 0.0, "")
    for name, make in alphabets.inputs(reader.alphabet):
        with_memory = name.endswith("repeated")
        grown = growth(
            reader.read, lambda n, make=make: reader.framed(frame, make(n)), reader.length, with_memory=with_memory
        )
        found = max(found, (grown.time, grown.memory, name))
        if not grown.linear:
            return grown.time, grown.memory, name
    return found


@pytest.mark.parametrize(("reader", "frame"), CASES)
def test_a_reader_is_linear(reader: Reader, frame: str, request: pytest.FixtureRequest) -> None:
    times, memory, by = worst(reader, frame)
    print(f"growth {times:5.1f} {memory:4.1f} {request.node.callspec.id} {by}")
    assert max(times, memory) <= MOST, f"time {times:.1f}, memory {memory:.1f} times for four times the length, by {by}"


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
    assert max(times, memory) > MOST
