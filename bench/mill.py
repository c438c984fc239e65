"""`newsmill run` over some addresses, with what each of its processes used."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

TICKS = os.sysconf("SC_CLK_TCK")
LOOK_S = 0.1
STAGES = ("produce", "fetch", "parse", "index", "beat")
SERVERS = ("redis-server", "valkey-server")


@dataclass
class Used:
    """Of one run. cpu_s: of all processes of the mill with their broker. stages: the same by stage, as far as seen;
    `run` is what watches and starts the others.

    commands: what Redis did, by name, within scripts too. trips: how often it read what clients sent.
    bytes_in, bytes_out: over its sockets.
    """

    outcomes: dict[str, int]
    cpu_s: float
    wall_s: float
    stages: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    trips: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


def run(folder: Path, urls: Sequence[str], python: str = sys.executable) -> Used:
    """The mill over these addresses, without delay, with its data in `folder`. Raises CalledProcessError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "list").write_text("\n".join(urls))
    (folder / "sources.toml").write_text('[[source]]\nname = "bench"\nkind = "list"\npath = "list"\n')
    variables = {"NEWSMILL_FETCH__DELAY_S": "0", "NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8"}
    words = ["run", "--json", "--sources", str(folder / "sources.toml"), "--data", str(folder / "data")]
    before, started = _children_cpu_s(), time.monotonic()
    mill = subprocess.Popen(
        [python, "-m", "workers.commands.main", *words],
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    seen: dict[int, tuple[str, float]] = {}
    told: dict[str, Any] = {}
    while mill.poll() is None:
        for pid in _tree(mill.pid):
            if one := _process(pid):
                known = seen.get(pid, ("run",))[0]
                stage = known if known != "run" else one[0] or seen.get(one[1], ("run",))[0]
                seen[pid] = (stage, one[2])
        told = _asked(folder / "data" / "broker" / "server.json") or told
        time.sleep(LOOK_S)
    out = mill.communicate()[0]
    if mill.returncode:
        raise subprocess.CalledProcessError(mill.returncode, words, out)
    used = Used(json.loads(out)["outcomes"], _children_cpu_s() - before, time.monotonic() - started)
    for stage, cpu in seen.values():
        used.stages[stage] += cpu
    used.commands.update(told.get("commands", {}))
    used.trips, used.bytes_in, used.bytes_out = (int(told.get(name, 0)) for name in ("trips", "in", "out"))
    return used


def _children_cpu_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _tree(root: int) -> list[int]:
    """The process and all below it; those whose parent has died are not found."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _process(pid: int) -> tuple[str, int, float] | None:
    """The stage that a process names in its command, or nothing; its parent; the CPU seconds that it has used."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ").split()
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    except OSError:
        return None
    fields = rest.split()
    used = sum(map(int, fields[11:13])) / TICKS
    stage = next((stage for stage in STAGES if stage in words or stage in name), "")
    return "redis" if name in SERVERS else stage, int(fields[1]), used


def _asked(card: Path) -> dict[str, Any] | None:
    """What the mill's own broker was asked so far."""
    try:
        with redis.Redis.from_url(json.loads(card.read_text())["url"], socket_timeout=2) as client:
            commands = {name.removeprefix("cmdstat_"): of["calls"] for name, of in client.info("commandstats").items()}
            stats = client.info("stats")
    except (OSError, ValueError, redis.RedisError):
        return None
    sockets = {"in": stats["total_net_input_bytes"], "out": stats["total_net_output_bytes"]}
    return {"commands": commands, "trips": stats["total_reads_processed"], **sockets}
