"""How often a client may ask (pure): a bucket that fills with time."""

from collections import OrderedDict
from dataclasses import dataclass, field

CLIENTS = 10_000  # that are remembered; who was not here for longest is forgotten


@dataclass(frozen=True, slots=True)
class Allowed:
    """ok: it may. left: requests that may follow at once. wait_s: seconds until the next, where it may not."""

    ok: bool
    limit: int
    left: int
    wait_s: float

    def headers(self, window_s: int) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers and RFC 9110 have them."""
        told = {
            "RateLimit-Policy": f'"default";q={self.limit};w={window_s}',
            "RateLimit": f'"default";r={self.left};t={max(1, round(self.wait_s)) if not self.ok else window_s}',
        }
        return told if self.ok else told | {"Retry-After": str(max(1, round(self.wait_s + 0.5)))}


@dataclass(slots=True)
class Limiter:
    """limit: requests in window_s seconds, all at once if they were saved up."""

    limit: int
    window_s: int = 60
    _left: "OrderedDict[str, tuple[float, float]]" = field(default_factory=OrderedDict)

    def ask(self, client: str, now: float) -> Allowed:
        """Takes one request of a client, if it has one. now: seconds of a clock that never goes back."""
        left, at = self._left.pop(client, (float(self.limit), now))
        left = min(float(self.limit), left + (now - at) * self.limit / self.window_s)
        ok = left >= 1
        left -= ok
        self._left[client] = (left, now)
        while len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        return Allowed(ok, self.limit, int(left), 0.0 if ok else (1 - left) * self.window_s / self.limit)
