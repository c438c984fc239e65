"""What a run is to ingest."""

from dataclasses import dataclass
from pathlib import Path

from newsmill.settings import Settings
from newsmill.sources.config import SourceConfig, parse_sources


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What to ingest. addresses: canonical. base: folder that relative paths in sources are seen from."""

    sources: tuple[SourceConfig, ...] = ()
    addresses: tuple[str, ...] = ()
    base: Path = Path()
    demo: bool = False


def plan_demo(s: Settings) -> RunPlan:
    """The demo site as the only site."""
    from newsmill.demo.site import sources as demo_sources

    text = demo_sources(f"http://127.0.0.1:{s.demo.port}")
    return RunPlan(parse_sources(text, "demo"), demo=True)
