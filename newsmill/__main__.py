"""The command `newsmill`: starts the application that comes with the library, if the package `workers` is that one.

The library itself never imports `workers`; this is the door of the house. The name is a common one, so that another
package of it may stand before ours: then this says so in one line, where an import would end in a traceback.
"""

import gc
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

# Objects that are made until the collector looks (Python's own: 700): what is imported stays, and looking at it again
# and again took a tenth of a command's CPU.
COLLECT_AFTER = 100_000
OURS = Path(__file__).resolve().parents[1] / "workers"


def foreign_workers() -> str:
    """Where the package `workers` comes from, if it is not ours; empty if it is."""
    spec = find_spec("workers")
    places = list(spec.submodule_search_locations or [spec.origin or "?"]) if spec else ["nowhere"]
    return "" if Path(places[0]).resolve() == OURS else places[0]


def main() -> None:
    """Runs the command; ends with 2 if another `workers` hides ours."""
    if place := foreign_workers():
        sys.stderr.write(
            f"newsmill: the package `workers` is found in {place}, not in {OURS}: move or uninstall the other one\n"
        )
        sys.exit(2)
    gc.set_threshold(COLLECT_AFTER)
    import_module("workers.commands.main").main()


if __name__ == "__main__":
    main()
