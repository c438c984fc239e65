"""Pictures as values that a template draws as SVG (pure): bars with a title each, by attributes alone."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """Pixels from the top left corner. label: what it stands for; href: where it leads, or empty."""

    x: float
    y: float
    width: float
    height: float
    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """width, height: of the picture. title: for whoever does not see it."""

    width: int
    height: int
    title: str
    bars: tuple[Bar, ...]


def bars(
    values: Sequence[tuple[str, float]],
    title: str,
    *,
    width: int = 600,
    height: int = 60,
    gap: float = 2.0,
    hrefs: Sequence[str] = (),
) -> Chart:
    """A bar for each value; what is not nothing is at least two pixels high."""
    most = max((value for _, value in values), default=0)
    step = width / max(len(values), 1)
    drawn = []
    for n, (label, value) in enumerate(values):
        tall = max(height * value / most, 2.0) if most and value > 0 else 0.0
        place = (round(n * step, 2), round(height - tall, 2), round(max(step - gap, 1.0), 2), round(tall, 2))
        drawn.append(Bar(*place, label, hrefs[n] if n < len(hrefs) else ""))
    return Chart(width, height, title, tuple(drawn))
