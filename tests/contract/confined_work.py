"""Work for tests/contract/test_confined.py: runs in a confined process."""

import ctypes
import os
import re
import time
from collections.abc import Iterator


def echo(head: bytes, document: bytes) -> Iterator[bytes]:
    print("what is printed is no answer")
    yield head + document


def process(head: bytes, document: bytes) -> Iterator[bytes]:
    yield str(os.getpid()).encode()


def environment(head: bytes, document: bytes) -> Iterator[bytes]:
    yield " ".join(os.environ).encode()


def numbers(head: bytes, document: bytes) -> Iterator[bytes]:
    for number in range(int(head)):
        yield str(number).encode()


def nothing(head: bytes, document: bytes) -> Iterator[bytes]:
    yield from ()


def endless_loop(head: bytes, document: bytes) -> Iterator[bytes]:
    while True:
        pass


def endless_pattern(head: bytes, document: bytes) -> Iterator[bytes]:
    yield str(re.match(r"(a|aa)+$", "a" * 100 + "b")).encode()


def endless_sleep(head: bytes, document: bytes) -> Iterator[bytes]:
    time.sleep(1000)
    yield b""


def endless_frames(head: bytes, document: bytes) -> Iterator[bytes]:
    while True:
        until = time.process_time() + 0.05
        while time.process_time() < until:
            pass
        yield b"more"


def endless_memory(head: bytes, document: bytes) -> Iterator[bytes]:
    held = []
    while True:
        held.append(bytearray(10_000_000))


def crash(head: bytes, document: bytes) -> Iterator[bytes]:
    yield ctypes.string_at(1)


def error(head: bytes, document: bytes) -> Iterator[bytes]:
    yield str({}["no such key"]).encode()


def grown(head: bytes, document: bytes) -> Iterator[bytes]:
    global kept
    kept = bytearray(b"x") * 300_000_000
    yield str(os.getpid()).encode()


kept = bytearray()
