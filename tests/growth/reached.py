"""`python -m tests.growth.reached`: the names of the functions that run while every reader reads its texts.

In a process of its own: where others have read before, what they remember is not read again.
"""

import json
import sys
from collections.abc import Iterator
from types import CodeType

from tests.growth import derived
from tests.growth.readers import READERS, Reader


def texts(reader: Reader) -> Iterator[str]:
    """Short texts of a reader: each token, all of them, and texts as they come."""
    for frame in reader.frames:
        yield from (reader.framed(frame, token * 3) for token in reader.alphabet)
        yield reader.framed(frame, "".join(reader.alphabet))
    yield from reader.samples


def called() -> frozenset[CodeType]:
    """The code that runs while every reader reads its texts."""
    found: set[CodeType] = set()

    def note(frame: object, event: str, _: object) -> None:
        if event == "call":
            found.add(frame.f_code)  # type: ignore[attr-defined]

    sys.setprofile(note)
    try:
        for reader in READERS.values():
            for text in texts(reader):
                try:
                    reader.read(text)
                except ValueError:  # refusing is an answer
                    continue
    finally:
        sys.setprofile(None)
    return frozenset(found)


if __name__ == "__main__":
    functions = derived.functions()  # imports all that may be called
    codes = called()
    print(json.dumps(sorted(name for name, function in functions.items() if function.__code__ in codes)))
