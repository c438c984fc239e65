"""How good extraction is, beside other extractors on the same pages: `make quality DATA=wcxb-dev.jsonl.xz NEWS=...`.

Every page is judged by the one committed net that never saw its domain (that in use saw all) and, for metadata,
by weights fitted without its fold. Exits with 1 below the floors of `floors.json`; `--lower-floors` writes them anew.
NEWS: pages of other sets (`training/news.py`), each with floors of its own.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from newsmill.extraction.blocks.features import Features
from newsmill.extraction.blocks.net import WEIGHTS, Pair, load, probabilities
from newsmill.extraction.blocks.statistics import Floats
from newsmill.extraction.extractor import extract, extract_by
from newsmill.text.charset import decode
from training import arbiter
from training.align import f1
from training.data import Sample, fold_of, read, read_news
from training.news import gates, interval

FLOORS = Path(__file__).parent / "floors.json"
MARGIN = 0.005  # below the measured value: what another BLAS may change
KINDS = ("article", "documentation", "service", "forum", "listing", "collection", "product")
Extractor = Callable[[Sample], str]


def newsmill(nets: tuple[Pair, ...]) -> Extractor:
    """Our extractor, each page judged by the nets of its own fold."""

    def run(sample: Sample) -> str:
        def judge(found: Features) -> Floats:
            return probabilities(found, nets[fold_of(sample)])

        return extract_by(judge, sample.html, sample.url or None, content_type=None, now=None).text

    return run


def competitors() -> dict[str, Extractor]:
    """Other extractors with their default settings; only those that are installed (extra `quality`)."""
    found: dict[str, Extractor] = {}
    try:
        import trafilatura

        found["trafilatura"] = lambda sample: trafilatura.extract(decode(sample.html), url=sample.url or None) or ""
    except ImportError:
        print("trafilatura is not installed: pip install newsmill[quality]")
    try:
        from resiliparse.extract.html2text import extract_plain_text

        found["resiliparse"] = lambda sample: extract_plain_text(decode(sample.html), main_content=True)
    except ImportError:
        print("resiliparse is not installed: pip install newsmill[quality]")
    return found


def measure(name: str, run: Extractor, samples: list[Sample]) -> dict[str, float]:
    """Print one row of the table; the means by page type, and CPU ms a page."""
    began = time.process_time()
    texts = [run(sample) for sample in samples]
    spent = (time.process_time() - began) / len(samples) * 1000
    scores = np.array([f1(text, sample.text) for text, sample in zip(texts, samples, strict=True)])
    kinds = np.array([sample.kind for sample in samples])
    row = {"all": float(scores.mean())}
    row |= {kind: float(scores[kinds == kind].mean()) for kind in KINDS if (kinds == kind).any()}
    low, high = interval(scores)
    by_kind = " | ".join(f"{row[kind]:.3f}" for kind in KINDS if kind in row)
    print(f"| {name} | {row['all']:.3f} ({low:.3f}–{high:.3f}) | {by_kind} | {spent:.1f} |", flush=True)
    return row


def below_floors(measured: dict[str, float], *, lower: bool) -> list[str]:
    """What fell below its floor. With `lower`, the floors become what was measured less a margin."""
    if lower:
        pinned = {name: round(value - MARGIN, 3) for name, value in sorted(measured.items())}
        FLOORS.write_text(json.dumps(pinned, indent=1) + "\n", encoding="utf-8")
    floors: dict[str, float] = json.loads(FLOORS.read_text(encoding="utf-8"))
    sets = {name.partition(":")[0] for name in measured}  # without NEWS, its floors are not asked
    return [f"{name}: {measured[name]:.3f} is below its floor {floor}" for name, floor in floors.items()
            if measured.get(name, 0.0) < floor and (":" not in name or name.partition(":")[0] in sets)]  # fmt: skip


def main(path: str, news: str, *, lower: bool) -> int:
    """Print the tables; 0 when nothing fell below its floor."""
    samples = read(path)
    for sample in samples[:50]:
        extract(sample.html)  # warm caches, so that the first row is not charged for imports
    print(f"| extractor | all (95 %) | {' | '.join(KINDS)} | CPU ms |")
    print("|" + " --- |" * (len(KINDS) + 3))
    measured = measure("Newsmill, cross-validated", newsmill(load(WEIGHTS)), samples)
    for name, run in competitors().items():
        measure(name, run, samples)
    others = read_news(news) if news else []
    views = arbiter.views_of(samples)
    made = {task.name: arbiter.cases(samples, task, views) for task in arbiter.TASKS}
    for task in arbiter.TASKS:
        exact, invented = arbiter.report(task, made[task.name])
        measured |= {f"{task.name} exact": exact, f"{task.name} not invented": 1 - invented}
    if others:
        views = arbiter.views_of(others)
        for task in arbiter.TASKS:
            made[task.name] += arbiter.cases(others, task, views)
        measured |= gates(others, load(WEIGHTS), made)
    failures = below_floors(measured, lower=lower)
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    files = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    sys.exit(main(files[0], files[1] if len(files) > 1 else "", lower="--lower-floors" in sys.argv))
