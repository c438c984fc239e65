"""The architecture as tests: who may import what, and that the pipeline is as pipeline.py says."""

import ast
from pathlib import Path

import pytest

from workers.pipeline import STAGES, TICK_TASK

ROOT = Path(__file__).parents[2] / "workers"
EDGES = {
    "celery",
    "kombu",
    "billiard",
    "redis",
    "httpx",
    "httpcore",
    "obstore",
    "opensearchpy",
    "sqlite3",
    "socket",
    "asyncio",
}
# Modules that touch the world. Everything else decides on values alone.
EDGE_MODULES = {
    "app", "cli", "confined", "confined.__main__", "heart", "hints", "logs", "mill", "settings", "step",
    "terminal", "worker",
    "demo.__main__", "demo.server",
    "fetch.client", "fetch.downloads", "fetch.explain", "fetch.gate", "fetch.network", "fetch.render",
    "fetch.robots_confined", "fetch.robots_kept", "fetch.step",
    "fetch.tasks", "fetch.transport", "fetch.turns",
    "frontier", "frontier.frontier",
    "index.copies", "index.reindex", "index.step", "index.tasks",
    "ops.access", "ops.audit", "ops.broker", "ops.export", "ops.fleet", "ops.keeping", "ops.keeping_cli", "ops.metrics",
    "ops.plan", "ops.problems", "ops.replay", "ops.retention", "ops.run", "ops.show", "ops.verbs",
    "parse.step", "parse.tasks",
    "produce.cli", "produce.configured", "produce.documents", "produce.probe", "produce.register", "produce.step",
    "produce.table", "produce.tasks", "produce.verbs",
}  # fmt: skip
SETTINGS_READERS = {
    "app", "cli", "mill", "worker", "ops.access", "ops.plan", "ops.problems", "ops.run", "produce.cli",
}  # fmt: skip


def modules() -> dict[str, Path]:
    files = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in ROOT.rglob("*.py")
    }
    return {name: path for name, path in files.items() if not name.startswith("stores")}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    """Full names of what a module imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


PURE = sorted(set(modules()) - EDGE_MODULES)


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_touch_nothing(name: str):
    imported = imports(modules()[name])
    assert not {i for i in imported if i.split(".")[0] in EDGES}
    assert not {i for i in imported if i.startswith("workers.") and i.removeprefix("workers.") in EDGE_MODULES}


@pytest.mark.parametrize("name", sorted(modules()))
def test_the_environment_is_read_in_one_place(name: str):
    text = modules()[name].read_text("utf-8")
    if name in ("settings", "worker", "ops.fleet", "ops.run"):
        return  # the reader; the variable from a supervisor; the environment handed on to children
    assert "os.environ" not in text
    assert "getenv" not in text


def test_every_edge_module_exists():
    assert {m for m in EDGE_MODULES if m not in modules()} <= {"produce.cli"}


def test_a_stage_is_its_folder_its_queue_and_its_task_prefix():
    for stage, spec in STAGES.items():
        assert spec.task.startswith(f"{stage}.")
        assert (ROOT / stage / "tasks.py").exists()
        assert (ROOT / stage / "step.py").exists()
        assert spec.time_limit_s < spec.lease_s
    assert TICK_TASK.startswith("produce.")


def test_every_lua_script_says_what_it_takes():
    for script in (ROOT / "frontier" / "lua").glob("*.lua"):
        text = script.read_text()
        assert text.startswith("-- "), script
        if script.name != "prelude.lua":
            assert "ARGV: " in text, script
