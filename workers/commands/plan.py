"""What a command is to work on: sources and addresses, read from files, arguments and stdin."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from newsmill.settings import BadSettings, Settings, settings
from newsmill.sources.config import BadSources, SourceConfig, parse_sources
from newsmill.sources.contact import contact_problem
from newsmill.sources.formats.lists import ListReader
from newsmill.urls.canonical import BadAddress, canonicalize
from workers.desk.problems import BadInput
from workers.local.plan import RunPlan, plan_demo
from workers.runtime.wiring import not_installed


def read_sources(file: Path) -> tuple[SourceConfig, ...]:
    """The sources in `file`. Raises BadInput if it cannot be read, BadSources with all that is wrong in it."""
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise BadInput(f"cannot read the sources file {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"the sources file {file} is not UTF-8 text: {error}") from error
    return parse_sources(text, str(file))


def read_addresses(words: Sequence[str]) -> tuple[str, ...]:
    """Canonical addresses, each once, in order; "-" stands for stdin. Raises BadInput with all bad ones."""
    found: dict[str, None] = {}
    problems = []
    for word in words:
        if word == "-":
            reader = ListReader()
            found |= dict.fromkeys(reader.addresses(iter(sys.stdin)))
            problems += [f"stdin, {bad}" for bad in reader.bad]
            continue
        try:
            found[canonicalize(word)] = None
        except BadAddress as error:
            problems.append(str(error))
    if problems:
        raise BadInput("\n".join(problems))
    return tuple(found)


def check_contact(s: Settings, urls: Iterable[str]) -> None:
    """Sites of others must be able to reach us. Raises BadInput for real ones without a User-Agent of our own."""
    if problem := contact_problem(urls, "user_agent" in s.fetch.model_fields_set):
        raise BadInput(problem)


def make_plan(s: Settings, sources: Path | None, words: Sequence[str], *, default: Path, demo: bool) -> RunPlan:
    """What to ingest: the named sources and addresses; else those of the default file; else the demo site."""
    addresses = read_addresses(words)
    check_contact(s, addresses)
    if demo:
        return plan_demo(s)
    if sources is not None:
        found = read_sources(sources)
        if not found and not addresses:
            raise BadInput(f"there is no source in {sources}: add a [[source]] table, or name addresses")
        check_contact(s, (source.url for source in found if source.enabled))
        return RunPlan(found, addresses, sources.parent)
    if addresses:
        return RunPlan((), addresses)
    configured = read_sources(default) if default.exists() else ()
    if any(source.enabled for source in configured):
        check_contact(s, (source.url for source in configured if source.enabled))
        return RunPlan(configured, (), default.parent)
    return plan_demo(s)


def plan_to_stay(s: Settings, sources: Path | None, default: Path) -> RunPlan:
    """What a mill that stays begins with: the sources of the file, which may have none yet."""
    file = sources or default
    found = read_sources(file) if sources is not None or default.exists() else ()
    check_contact(s, (source.url for source in found if source.enabled))
    return RunPlan(found, (), file.parent)


def check_all(sources: Path, needed: bool) -> list[str]:
    """All that is wrong with the configuration and the sources file; the latter may be missing unless it is needed."""
    problems: list[str] = []
    try:
        problems += not_installed(settings())
    except BadSettings as error:
        problems += str(error).splitlines()
    if needed or sources.exists():
        try:
            read_sources(sources)
        except (BadInput, BadSources) as error:
            problems += str(error).splitlines()
    return problems
