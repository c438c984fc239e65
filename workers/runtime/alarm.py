"""An alarm clock for one sleeping thread that others may set earlier while it sleeps."""

import threading
import time


class Alarm:
    """Set from any thread; slept on by one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: float | None = None  # time.monotonic()

    def set_in(self, seconds: float) -> None:
        """Goes off in so many seconds, unless it is set to go off sooner."""
        due = time.monotonic() + seconds
        with self._changed:
            if self._due is None or due < self._due:
                self._due = due
                self._changed.notify()

    def ring(self) -> None:
        """Goes off now."""
        self.set_in(0.0)

    def sleep(self, least: float, most: float) -> bool:
        """Sleeps until the alarm goes off, at least `least` and at most `most` seconds; it is then unset.

        Returns whether it went off.
        """
        begun = time.monotonic()
        with self._changed:
            while True:
                last = begun + most
                end = last if self._due is None else min(max(self._due, begun + least), last)
                left = end - time.monotonic()
                if left <= 0:
                    rang = self._due is not None and self._due <= last
                    self._due = None
                    return rang
                self._changed.wait(left)
