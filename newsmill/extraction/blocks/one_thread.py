"""BLAS on one thread while small matrices are multiplied, and as the process had it before and after.

More threads take longer for matrices of this size, and may round another way. OpenBLAS knows one number for the whole
process, so threadpoolctl lets one Python thread at a time set it and passes over what the others ask for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


@cache
def _libraries() -> tuple[Any, ...]:  # looked for once: 0.3 ms; setting and resetting the number takes 7 µs
    return tuple(ThreadpoolController().select(user_api="blas").lib_controllers)


@contextmanager
def one_thread() -> Iterator[None]:
    """Gives back what it found. Where there is one thread already it sets nothing: it may be another's doing."""
    found = [(library, library.get_num_threads()) for library in _libraries()]
    more = [(library, number) for library, number in found if number != 1]
    for library, _ in more:
        library.set_num_threads(1)
    try:
        yield
    finally:
        for library, number in more:
            library.set_num_threads(number)
