"""What the verbs share: their common options, and the settings and files that these mean."""

from pathlib import Path
from typing import Annotated

import typer

from newsmill.settings import Settings, config_dir, settings
from workers.commands.terminal import say

DEMO_FOLDER = "demo"  # in the data folder

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the local mode (default: NEWSMILL_DATA, or ./data).")
]
Sources = Annotated[Path | None, typer.Option("--sources", help="Sources file (default: config/sources.toml).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, for scripts.")]


def settings_of(data: Path | None) -> Settings:
    """The settings, with the folder that `--data` names."""
    s = settings()
    return s.model_copy(update={"data": data}) if data else s


def what_is_there(data: Path | None) -> Settings:
    """The same, for verbs that look at what is kept: where nothing is of one's own, and no folder named, the demo's."""
    from workers.runtime.stores import has_index

    s = settings_of(data)
    demo = s.data / DEMO_FOLDER
    if s.redis_url or data or (s.data / "broker").exists() or has_index(s) or not demo.exists():
        return s
    say(f"these are the demo's articles, in {demo}", error=True)
    return s.model_copy(update={"data": demo})


def sources_file(given: Path | None) -> Path:
    """The sources file that is meant."""
    return given or config_dir() / "sources.toml"
