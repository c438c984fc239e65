"""`make chaos SEED=1 KILLS=15`: one seeded run; a row of what came of it is appended to runs.tsv.

Odd seeds hit bare Celery workers, even ones `newsmill up`; `--mode` decides otherwise. Exit code 1: a violation.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import Result, Run

TABLE = Path(__file__).with_name("runs.tsv")
COLUMNS: tuple[str, ...] = ("commit", "seed", "mode", "pages", "kills", "blows", "at_work", "violations", "asked_again")
COLUMNS += ("slowest_seen_s", "slowest_unseen_s", "took_s", "recovery")
TOLD = 20  # violations that are shown


def commit() -> str:
    """The commit that is checked out; with + where files of the mill differ from it."""
    name = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], text=True).strip()
    changed = subprocess.check_output(["git", "status", "--porcelain", "--", "newsmill", "workers"], text=True)
    return name + "+" * bool(changed.strip())


def row(result: Result) -> str:
    values = vars(result) | {"commit": commit(), "violations": len(result.violations)}
    return "\t".join(f"{v:.1f}" if isinstance(v := values[name], float) else str(v) for name in COLUMNS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--mode", choices=["up", "bare"])
    parser.add_argument("--folder", type=Path, help="kept afterwards, with all logs; without it, a temporary one")
    words = parser.parse_args()
    supervised = words.mode == "up" if words.mode else words.seed % 2 == 0
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        result = Run(words.folder or Path(temporary), words.seed, words.kills, supervised=supervised)()
    for violation in result.violations[:TOLD]:
        print(f"VIOLATION {violation}")
    line = row(result)
    print("\t".join(COLUMNS), line, sep="\n")
    if not TABLE.exists():
        TABLE.write_text("\t".join(COLUMNS) + "\n")
    with TABLE.open("a") as table:
        table.write(line + "\n")
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
