"""The walls of the house: which folder may import which, and what each may touch of the world."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from newsmill.ledger.stages import LEASE_S, RENEW_S, REQUEST_S, TASK_S
from newsmill.ledger.window import SMALLEST
from workers.pipeline import BATCH, STAGES, TICK_TASK

ROOT = Path(__file__).parents[2]
TOPS = ("newsmill", "workers", "training")

VALUES = {"newsmill.model", "newsmill.outcomes"}
PURE = {"newsmill.text", "newsmill.urls"}
STAGE_TOOLS = {
    "workers.app",
    "workers.pipeline",
    "workers.runtime",
    "newsmill.ledger",
    "newsmill.model",
    "newsmill.urls",
}

# folder (or single module at the top of a package) -> what it may import. A floor uses those below it, and nothing of
# its own floor; whoever adds a folder adds a line.
MAY: dict[str, set[str]] = {
    # 0
    "newsmill.__main__": set(),  # starts `workers`, by its name
    "newsmill.confined": set(),
    "newsmill.extras": set(),
    "newsmill.doors": {"newsmill.extras"},
    "newsmill.model": set(),
    "newsmill.outcomes": set(),
    "newsmill.redaction": set(),
    "newsmill.text": set(),
    "newsmill.urls": set(),
    # 1
    "newsmill.demo": VALUES,
    "newsmill.extraction": {"newsmill.model"} | PURE,
    "newsmill.http": PURE,
    "newsmill.ledger": VALUES | PURE,
    "newsmill.settings": {"newsmill.redaction"},
    # 2
    "newsmill.policy": {"newsmill.http", "newsmill.urls"},
    "newsmill.stores": {"newsmill.http", "newsmill.model", "newsmill.redaction", "newsmill.urls"},
    # 3
    "newsmill.download": {"newsmill.confined", "newsmill.http", "newsmill.policy", "newsmill.urls"},
    "newsmill.search": {"newsmill.doors", "newsmill.model", "newsmill.redaction", "newsmill.stores", "newsmill.text"},
    "newsmill.sources": {"newsmill.confined", "newsmill.doors", "newsmill.ledger", "newsmill.model", "newsmill.policy"}
    | PURE,
    "training": {"newsmill.extraction", "newsmill.model", "newsmill.search"} | PURE,
    # 4
    "newsmill.testing": {"newsmill.model", "newsmill.search", "newsmill.sources", "newsmill.stores"},
    "workers.pipeline": {"newsmill.ledger"},
    "workers.runtime": {
        *("newsmill.confined", "newsmill.doors", "newsmill.download", "newsmill.extraction", "newsmill.extras"),
        *("newsmill.http", "newsmill.ledger", "newsmill.sources"),
        *("newsmill.policy", "newsmill.redaction", "newsmill.search", "newsmill.settings", "newsmill.stores"),
        "workers.pipeline",
        *VALUES,
        *PURE,
    },
    # 5
    "workers.app": {"newsmill.settings", "workers.runtime"},
    "workers.local": {
        *("newsmill.demo", "newsmill.doors", "newsmill.download", "newsmill.ledger", "newsmill.settings"),
        "newsmill.sources",
        *("newsmill.urls", "workers.pipeline", "workers.runtime"),
    },
    # 6: stages never import stages
    "workers.produce": STAGE_TOOLS
    | {"newsmill.confined", "newsmill.doors", "newsmill.http", "newsmill.policy", "newsmill.settings"}
    | {"newsmill.sources"},
    "workers.fetch": STAGE_TOOLS
    | {"newsmill.http", "newsmill.outcomes", "newsmill.policy", "newsmill.sources", "newsmill.stores"},
    "workers.parse": STAGE_TOOLS
    | {"newsmill.download", "newsmill.extraction", "newsmill.outcomes", "newsmill.policy", "newsmill.sources"}
    | {"newsmill.stores", "newsmill.text"},
    "workers.index": STAGE_TOOLS
    | {"newsmill.extraction", "newsmill.outcomes", "newsmill.search", "newsmill.stores", "newsmill.text"},
    # 6 too: what is shown and done there, as values
    "workers.desk": {
        *("newsmill.download", "newsmill.extras", "newsmill.http", "newsmill.ledger", *VALUES),
        *("newsmill.policy", "newsmill.search", "newsmill.settings", "newsmill.sources", "newsmill.stores"),
        *("newsmill.urls", "workers.runtime"),
    },
    # 7: webhooks
    "workers.notify": {
        *("newsmill.http", "newsmill.ledger", "newsmill.search", "workers.desk", "workers.runtime"),
    },
    # 8: the console; it prints nothing
    "workers.web": {
        *("newsmill.ledger", "newsmill.policy", "newsmill.redaction", "newsmill.search", "newsmill.settings"),
        *("newsmill.sources", "newsmill.stores", "newsmill.urls", "workers.desk", "workers.notify", "workers.runtime"),
        *VALUES,
    },
    # 9
    "workers.commands": {
        *("newsmill.demo", "newsmill.download", "newsmill.extraction", "newsmill.http"),
        *(
            "newsmill.ledger",
            "newsmill.policy",
            "newsmill.search",
            "newsmill.settings",
            "newsmill.sources",
            "newsmill.stores",
        ),
        *("workers.desk", "workers.local", "workers.pipeline", "workers.runtime", "workers.web"),
        *VALUES,
        *PURE,
    },
}

WORLD = {"celery", "kombu", "billiard", "redis", "httpx", "httpcore", "obstore", "opensearchpy", "sqlite3", "socket"}
WORLD |= {"asyncio"}
# folder -> what it may touch of the world; the others decide on values alone.
TOUCHES: dict[str, set[str]] = {
    "newsmill.download": {"asyncio"},
    "newsmill.http": {"asyncio", "httpcore", "httpx", "socket"},
    "newsmill.ledger": {"redis"},
    "newsmill.search": {"opensearchpy", "sqlite3"},
    "newsmill.sources": {"asyncio"},
    "newsmill.stores": {"obstore", "sqlite3"},
    "training": {"sqlite3"},  # plain FTS5, to compare search with
    "workers.commands": {"asyncio", "redis"},
    "workers.desk": {"asyncio"},
    "workers.local": {"celery", "redis", "socket"},
    "workers.parse": {"billiard"},
    "workers.runtime": {"celery", "kombu", "redis", "socket"},
    "workers.notify": {"asyncio"},
    "workers.web": {"asyncio", "redis", "socket"},
}
ENVIRONMENT_READERS = {  # of our own settings; of a supervisor's word; to hand it on to children
    "newsmill.settings",
    "workers.runtime.worker",
    "workers.local.fleet",
    "workers.local.beside",
    "workers.local.fork_server",
}
ARGUMENT_READERS = {
    "newsmill.confined.__main__",
    "workers.runtime.celery_app",
    "workers.runtime.worker",
    "workers.commands.main",
    "workers.local.fork_server",
}


CONNECTING = {  # who opens a connection: the ledger's own, the local broker's and the broker transport's
    "workers.local.broker",
    "workers.runtime.transport",
    "workers.runtime.wiring",
}
REDIS_ERRORS = {"RedisError", "AuthenticationError"}


@cache
def modules() -> dict[str, Path]:
    files = [path for top in TOPS for path in (ROOT / top).rglob("*.py")]
    return {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in files}


def folder(module: str) -> str:
    """The folder of a module, by its first two names; the module itself where it lies at the top."""
    return ".".join(module.split(".")[:2]) if module.split(".")[0] != "training" else "training"


@cache
def imports(module: str) -> frozenset[str]:
    """Full names of what a module imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(modules()[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules() else node.module for name in names}
    return frozenset(found)


def uses(module: str) -> set[str]:
    """The other folders that a module imports from."""
    own = {name for name in imports(module) if name.split(".")[0] in TOPS}
    return {folder(name) for name in own} - {folder(module)}


@pytest.mark.parametrize("module", sorted(m for m in modules() if m not in TOPS))
def test_a_module_stays_within_its_walls(module: str) -> None:
    here = folder(module)
    assert here in MAY, "a new folder: say in MAY what it may import"
    assert uses(module) <= MAY[here]
    touched = {name.split(".")[0] for name in imports(module)} & WORLD
    assert touched <= TOUCHES.get(here, set())


def test_the_table_has_no_arrow_back_up() -> None:
    floor: dict[str, int] = {}
    for here in MAY:  # in the order of the table: whatever is named must have come before
        assert MAY[here] <= floor.keys(), f"{here} may import what stands below it in the table"
        floor[here] = max((floor[other] + 1 for other in MAY[here]), default=0)
    assert max(floor.values()) <= 9


def test_the_table_allows_no_more_than_is_used() -> None:
    used: dict[str, set[str]] = {}
    for module in modules():
        used.setdefault(folder(module), set()).update(uses(module))
    assert {here: may - used.get(here, set()) for here, may in MAY.items() if may - used.get(here, set())} == {}
    touched: dict[str, set[str]] = {}
    for module in modules():
        touched.setdefault(folder(module), set()).update({n.split(".")[0] for n in imports(module)} & WORLD)
    assert {here: may - touched.get(here, set()) for here, may in TOUCHES.items() if may - touched[here]} == {}


@pytest.mark.parametrize("module", sorted(m for m in modules() if not m.startswith("training")))
def test_the_environment_and_the_arguments_are_read_in_few_places(module: str) -> None:
    text = modules()[module].read_text("utf-8")
    if module not in ENVIRONMENT_READERS:
        assert "os.environ" not in text
        assert "getenv" not in text
    if module not in ARGUMENT_READERS:
        assert "sys.argv" not in text


@pytest.mark.parametrize("module", sorted(m for m in modules() if not m.startswith("newsmill.ledger")))
def test_only_the_ledger_names_its_keys_and_touches_its_client(module: str) -> None:
    text = modules()[module].read_text("utf-8")
    assert not re.search(r"(frontier|ledger)\.(client|prefix)\b", text)
    if module not in CONNECTING:  # what else they need of the library is the names of its errors
        assert set(re.findall(r"\bredis\.(?!exceptions|restarted)([A-Za-z_]+)", text)) <= REDIS_ERRORS


def test_a_stage_is_its_folder_its_queue_and_its_task_prefix() -> None:
    for stage, spec in STAGES.items():
        assert spec.task.startswith(f"{stage}.")
        assert (ROOT / "workers" / stage / "tasks.py").exists()
        assert (ROOT / "workers" / stage / "step.py").exists()
    assert TICK_TASK.startswith("produce.")
    assert 3 * RENEW_S < LEASE_S < REQUEST_S <= min(TASK_S.values()), "who lives renews in time; a lease is short"
    assert SMALLEST == 2 * BATCH


def test_every_lua_script_says_what_it_takes() -> None:
    for script in (ROOT / "newsmill" / "ledger" / "lua").glob("*.lua"):
        text = script.read_text()
        assert text.startswith("-- "), script
        if script.name != "prelude.lua":
            assert "ARGV: " in text, script


# Positional parameters that others decide: of a library's interface, or of the public `extract`.
POSITIONAL = {
    "newsmill.http.network:connect_tcp",
    "newsmill:extract",
    "newsmill.extraction.extractor:extract",
    "newsmill.extraction.own:__call__",
}
# One idea that has a form in each store, or in the API, by the same name.
FORMS = {
    "View": "which hits are wanted: of each search store; what metadata looks at",
    "Found": "of each search store, of an address filter, and in the API",
}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text("utf-8"))


def positional(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many parameters a caller may give by place; self and cls aside."""
    names = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


@pytest.mark.parametrize("module", sorted(m for m in modules() if not m.startswith("training")))
def test_what_comes_after_three_parameters_is_named(module: str) -> None:
    """Verbs of the command are called by typer, which names all."""
    functions = [n for n in ast.walk(tree(module)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    many = {f"{module}:{f.name}" for f in functions if positional(f) > 3 and not is_verb(f)}
    assert many == {name for name in POSITIONAL if name.startswith(f"{module}:")}


def is_verb(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(d, ast.Call) and ast.unparse(d.func).endswith((".command", ".callback"))
        for d in function.decorator_list
    )


def test_a_class_has_a_name_of_its_own() -> None:
    """Two things of one name are taken for each other."""
    named: dict[str, set[str]] = {}
    for module in (m for m in modules() if not m.startswith("training")):
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                named.setdefault(node.name, set()).add(module)
    assert {name for name, places in named.items() if len(places) > 1} == FORMS.keys()
