"""The driver of all fuzzers but the extractor's: seeds, changed a few times, within bounds and against a property.

Each number makes one input of a target, the same one every time.
"""

import random
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.report import Report, peak_mb
from tests.growth.measure import TooLong, limit

MAX_CPU_S = 5.0  # of one input of up to MAX_BYTES; nearly all take a thousandth
MAX_BYTES = 60_000
MAX_GROWTH_MB = 150  # of the process, by one input
JUNK = (
    b"\0", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x1b$B", b"\xe2\x80\xae", b"\x85", b"\xc2\xad", b"\r",
    b"\n", b"\r\n", b"\x0c", b"\xe2\x80\xa8", b"%", b"%00", b"%ff", b"[", b"]", b"@", b":", b"//", b"-1", b"99999999999999999999",
    b"1e999", b"0", b"&#0;", b"&x;", b"<", b">", b"\"", b"'", b"\\", b"\x1f\x8b\x08\x00", b" ", b"\t",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """check: reads one input; raises AssertionError where a promise is broken, and nothing else.

    tokens: what inputs of this kind are made of, beside what the seeds have.
    """

    seeds: tuple[bytes, ...]
    tokens: tuple[bytes, ...]
    check: Callable[[bytes], None]
    max_bytes: int = MAX_BYTES


def made(target: Target, number: int) -> bytes:
    """The input of a number."""
    dice = random.Random(number)
    data = dice.choice(target.seeds)
    for _ in range(dice.choice((1, 2, 4, 8))):
        data = _changed(data, target, dice)[: target.max_bytes]
    return data


def _changed(data: bytes, target: Target, dice: random.Random) -> bytes:
    start, end = sorted(dice.randrange(len(data) + 1) for _ in range(2))
    end = min(end, start + dice.choice((1, 10, 1000)))
    token = dice.choice(dice.choice((JUNK, target.tokens)))
    match dice.randrange(8):
        case 0:
            return data[:start]
        case 1:
            return data[:start] + data[end:]
        case 2:
            return data[:start] + token + data[start:]
        case 3:
            return data[:start] + token * dice.choice((2, 30, 3000)) + data[start:]
        case 4:
            return data[:start] + token + data[end:]
        case 5:
            return data[:end] + data[start:end] * dice.choice((1, 5, 100)) + data[end:]
        case 6:
            other = dice.choice(target.seeds)
            return data[:start] + other[dice.randrange(len(other) + 1) :]
        case _:
            flipped = bytearray(data or b"x")
            for _ in range(dice.choice((1, 5))):
                flipped[dice.randrange(len(flipped))] = dice.randrange(256)
            return bytes(flipped)


def look(target: Target, number: int, report: Report) -> None:
    """One input, measured and checked."""
    check(target, made(target, number), str(number), report)


def check(target: Target, data: bytes, name: str, report: Report) -> None:
    before, began = peak_mb(), time.process_time()
    report.inputs += 1
    try:
        with limit(MAX_CPU_S):
            target.check(data)
    except TooLong:
        report.failures.append(f"{name}: more than {MAX_CPU_S} s of CPU")
    except Exception:  # noqa: BLE001 - whatever it raises is what is looked for
        report.failures.append(f"{name}: {traceback.format_exc(limit=-4)}")
    report.note(name, time.process_time() - began, peak_mb() - before)
    if peak_mb() - before > MAX_GROWTH_MB:
        report.failures.append(f"{name}: grew by {peak_mb() - before:.0f} MB")


def run(target: Target, first: int, seconds: float) -> Report:
    """Inputs from number `first` on, for so long."""
    report, began = Report(), time.monotonic()
    for seed in target.seeds:
        check(target, seed, "seed", report)
    while time.monotonic() - began < seconds:
        look(target, first + report.inputs, report)
    return report
