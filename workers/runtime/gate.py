"""Who works beside whom in this process: most together, a suspect alone.

A suspect is an entry whose workers ended again and again, in company: only one that was alone can be told guilty.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Many together, or one alone. Who waits to be alone goes first, so that it comes to that."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._together = 0
        self._waiting = 0
        self._alone = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Beside others, once nobody is alone or waits to be."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._alone or self._waiting))
            self._together += 1
        try:
            yield
        finally:
            with self._changed:
                self._together -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """When all others are done; nobody begins meanwhile."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: not (self._alone or self._together))
            finally:
                self._waiting -= 1
            self._alone = True
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()

    @property
    def only_one(self) -> bool:
        """Whether the step that asks is the only one, and stays that."""
        return self._alone
