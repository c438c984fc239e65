"""What a run of a fuzzer found."""

import resource
from dataclasses import dataclass, field


@dataclass
class Report:
    """worst_s: of CPU, growth_mb: of the process; with the name of the input."""

    inputs: int = 0
    worst_s: tuple[float, str] = (0.0, "")
    growth_mb: tuple[float, str] = (0.0, "")
    failures: list[str] = field(default_factory=list)

    def note(self, name: str, took_s: float, grown_mb: float) -> None:
        self.worst_s = max(self.worst_s, (took_s, name))
        self.growth_mb = max(self.growth_mb, (grown_mb, name))

    def __str__(self) -> str:
        figures = (
            f"{self.inputs} inputs, {len(self.failures)} failures; the slowest {self.worst_s[0]:.2f} s of CPU "
            f"({self.worst_s[1]}), the largest grew the process by {self.growth_mb[0]:.0f} MB ({self.growth_mb[1]})"
        )
        return "\n".join([figures, *self.failures])


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
