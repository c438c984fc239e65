"""No secret is shown: every setting that may hold one is marked, and its value found wherever it could come out."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from newsmill import settings
from newsmill.redaction import HIDDEN, Secret, mark_of, redacted, without_users
from newsmill.search.opensearch.client import OpenSearchOptions
from newsmill.settings import BadSettings, LogSettings, Settings, read_settings
from workers.runtime import logs
from workers.runtime.stores import object_options
from workers.runtime.wiring import Wiring

MARKER = "mArkEr7x"
NOWHERE = Path("/nonexistent")
LOOKS_SECRET = re.compile("password|secret|token|key|url|endpoint|credential")
NO_SECRETS = {
    "fetch.robots_token": "the name of our product, sent to everybody",
    "stores.s3_access_key_id": "a name; its secret is beside it",
}


def fields(
    model: type[BaseModel] = Settings, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], Secret | None]]:
    found: list[tuple[tuple[str, ...], Secret | None]] = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found += fields(field.annotation, (*path, name))
        else:
            found.append(((*path, name), mark_of(field)))
    return found


SECRETS = [(path, mark) for path, mark in fields() if mark]
VARIABLES = {path: "NEWSMILL_" + "__".join(path).upper() for path, _ in SECRETS}


def test_every_setting_that_sounds_like_a_secret_is_marked() -> None:
    unmarked = {".".join(path) for path, mark in fields() if LOOKS_SECRET.search(path[-1]) and not mark}
    assert unmarked == set(NO_SECRETS)
    assert len(SECRETS) >= 7


GOOD = {
    "redis_url": f"redis://user:{MARKER}@127.0.0.1:1/0",
    "broker.url": f"amqp://user:{MARKER}@127.0.0.1:1//",
    "search.url": f"https://user:{MARKER}@127.0.0.1:1,https://user:{MARKER}@127.0.0.2:1",
    "search.password": MARKER,
    "stores.raw_url": f"s3://user:{MARKER}@bucket/raw",
    "stores.documents_url": f"s3://user:{MARKER}@bucket/documents",
    "stores.s3_endpoint": f"http://user:{MARKER}@127.0.0.1:1",
    "stores.s3_secret_access_key": MARKER,
    "web.password": MARKER,
    "web.once": MARKER,
}


def seeded() -> Settings:
    environment = {VARIABLES[tuple(name.split("."))]: value for name, value in GOOD.items()}
    return read_settings(environment | {"NEWSMILL_STORES__S3_ACCESS_KEY_ID": "id"}, NOWHERE)


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(settings, "_chosen", [])
    monkeypatch.setattr(settings, "_hidden", set())
    made = seeded()
    settings.use(made)
    return made


def test_the_table_has_every_secret() -> None:
    assert {".".join(path) for path, _ in SECRETS} == set(GOOD)


MISTAKES = [
    *(f"{scheme}{MARKER}@host" for scheme in ("", "http//:", "http://:", "redis:/:", "://:", "redis://a:b:")),
    MARKER,
    f"redis://:{MARKER}@[::1",
    f"redis://:{MARKER}@host:port/0",
    f"nonsense {MARKER}",
]


@pytest.mark.parametrize("path", VARIABLES, ids=".".join)
def test_a_mistaken_setting_is_named_without_its_value(tmp_path: Path, path: tuple[str, ...]) -> None:
    variable = VARIABLES[path]
    table = f"[{path[0]}]\n" if len(path) > 1 else ""
    given: list[tuple[dict[str, str], str]] = [({variable: value}, "") for value in MISTAKES]
    given += [({f"{variable}_FILE": MARKER}, ""), ({f"{variable}S": MARKER}, "")]
    given += [({}, f'{table}{path[-1]} = ["{MARKER}"]\n'), ({}, f'{table}{path[-1]} = {{ a = "{MARKER}" }}\n')]
    given += [({}, f'{table}{path[-1]} = "{MARKER}\n'), ({}, f'{table}{path[-1]}s = "{MARKER}"\n')]
    given += [({"NEWSMILL_STORES__S3_SECRET_ACCESS_KEY": MARKER}, ""), ({"NEWSMILL_STORES": MARKER}, "")]
    told = [_told(environment, text, tmp_path) for environment, text in given]
    assert not [one for one in told if MARKER in one]
    assert len([one for one in told if one]) >= 7


def _told(environment: dict[str, str], text: str, folder: Path) -> str:
    """The complaint, or how the settings show themselves; nothing where the marker is a folder's name."""
    (folder / "newsmill.toml").write_text(text)
    try:
        made = read_settings(environment, folder)
    except BadSettings as error:
        return str(error)
    return repr(made) if all("@" in value for value in environment.values()) else ""


def test_an_address_with_a_password_in_the_wrong_place_is_shown_without_it() -> None:
    with pytest.raises(BadSettings) as caught:
        read_settings({"NEWSMILL_BROKER__PORT": f"redis://user:{MARKER}@host/0"}, NOWHERE)
    assert MARKER not in str(caught.value)
    assert "broker.port" in str(caught.value)


def test_no_representation_has_a_secret(used: Settings) -> None:
    options = OpenSearchOptions(username="u", password=used.search.password)
    shown: list[Any] = [used, used.search, used.stores, used.broker, Wiring(used), options]
    shown.append(object_options(used, "s3://bucket"))
    for thing in shown:
        for text in (repr(thing), str(thing), f"{thing}"):
            assert MARKER not in text, type(thing)


def test_no_log_and_no_traceback_has_a_secret(used: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        for kind in ("text", "json"):
            logs.configure(LogSettings(format=kind))
            for value in GOOD.values():
                logging.getLogger("library").warning("connecting to %s", value)
                try:
                    raise ValueError(f"bad {value!r}")
                except ValueError:
                    logging.getLogger("library").exception("it failed")
    finally:
        root.handlers[:], root.level = before
    told = capsys.readouterr().err
    assert told.count("connecting") == 2 * len(GOOD)
    assert MARKER not in told


def test_nor_has_a_crash_of_the_command(used: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    from workers.commands.main import _told_safely

    try:
        raise RuntimeError(GOOD["redis_url"])
    except RuntimeError as error:
        _told_safely(type(error), error, error.__traceback__)
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert MARKER not in told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://:p@host:1/0 and https://u:p@x/y", f"redis://{HIDDEN}@host:1/0 and https://{HIDDEN}@x/y"),
        ("redis://:p@ss@host", f"redis://{HIDDEN}@host"),
        ("https://user@host/", f"https://{HIDDEN}@host/"),
        ("https://host/a@b", "https://host/a@b"),
        ("mail@example.org", "mail@example.org"),
        ("medium.com/@name", "medium.com/@name"),
    ],
)
def test_addresses_lose_their_users(text: str, shown: str) -> None:
    assert without_users(text) == shown


@given(st.text(min_size=3), st.text(), st.text())
def test_what_is_hidden_is_not_in_what_is_shown(secret: str, before: str, after: str) -> None:
    forms = Secret().hidden(secret)
    shown = redacted(f"{before}{secret}{after}", forms)
    assert secret not in shown.replace(HIDDEN, "\0") or secret in HIDDEN
