"""The child's side of workers/confined: reads documents for its parent until the parent is gone."""

import fcntl
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from newsmill.confined import ProcessLimits, put, take

Work = Callable[[bytes, bytes], Iterator[bytes]]
SHOWN = 300  # characters of an error


def main(line: int, limits: ProcessLimits) -> None:
    """line: the reading end of a pipe that closes when the parent dies."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not print into the answers
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    _limit_memory(limits.memory_mb)
    frames: Iterator[bytes] = iter(())
    ends_at = 0.0
    while True:
        try:
            asked, head = take(requests)
            if asked == b"O":
                frames, ends_at = _opened(head, take(requests)[1]), _cpu_s() + limits.document_cpu_s
        except EOFError:
            return
        with _deadline(line, min(ends_at, _cpu_s() + limits.step_cpu_s), limits.step_wall_s):
            answer = _next(frames, limits)
        put(answers, *answer)


def _opened(head: bytes, document: bytes) -> Iterator[bytes]:
    """What the work yields; it begins with the first frame that is asked for."""
    name, _, head = head.partition(b"\n")
    module, _, function = name.decode().partition(":")
    work: Work = getattr(import_module(module), function)
    yield from work(head, document)


def _next(frames: Iterator[bytes], limits: ProcessLimits) -> tuple[bytes, bytes]:
    """The next frame. One that ends the answer has a payload if this process is not for another document."""
    try:
        return b"I", next(frames)
    except StopIteration:
        return b"E", b"grown" if _resident_mb() > limits.grown_mb else b""
    except MemoryError:
        return b"X", f"reading it needs more than {limits.memory_mb:,} MB of memory".encode()
    except Exception as error:  # noqa: BLE001 - it becomes the outcome of this document
        return b"X", f"it cannot be read: {type(error).__name__}: {error}"[:SHOWN].encode("utf-8", "replace")


@contextmanager
def _deadline(line: int, cpu_s: float, wall_s: int) -> Iterator[None]:
    """The kernel ends this process when its time is over, and when its parent dies, whatever holds the interpreter."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_s) + 1, hard))
    signal.alarm(wall_s)
    # SIGIO when the other end is closed. Not of stdin: whoever writes there is still signalling what was read already.
    flags = fcntl.fcntl(line, fcntl.F_GETFL)
    fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(line, fcntl.F_SETFL, flags | os.O_ASYNC)
    try:
        yield
    finally:
        fcntl.fcntl(line, fcntl.F_SETFL, flags)
        signal.alarm(0)
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident_mb() -> float:
    """Memory in use now (Linux; elsewhere 0). The kernel's maximum is no measure: it is inherited from the parent."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return 0.0
    return pages * resource.getpagesize() / 1e6


def _limit_memory(megabytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 1_000_000, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(int(sys.argv[1]), ProcessLimits(*map(int, sys.argv[2:])))
