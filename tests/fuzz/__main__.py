"""A longer run: `python -m tests.fuzz [--seconds N] [--seed N] [TARGET ...]`, N seconds for each target."""

import argparse
import faulthandler
import sys

from tests.fuzz import driver, pages
from tests.fuzz.targets import TARGETS

HANG_S = 120  # an input that takes longer ends the run with the place it hangs at


def main() -> int:
    names = ["extract", *TARGETS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1, help="the number of the first input, in millions")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(names)}; all if none is named")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(names):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    faulthandler.enable()
    failed = False
    for name in options.targets or names:
        faulthandler.dump_traceback_later(options.seconds + HANG_S, exit=True)
        first = options.seed * 1_000_000
        report = (
            pages.run(first, options.seconds)
            if name == "extract"
            else driver.run(TARGETS[name], first, options.seconds)
        )
        print(f"{name}: {report}", flush=True)
        failed = failed or bool(report.failures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
