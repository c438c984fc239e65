"""Settings: defaults, files, variables, and all problems at once."""

import tomllib
from pathlib import Path

import pytest

from newsmill.settings import BadSettings, Settings, read_settings

CONFIG = Path(__file__).parents[2] / "config" / "newsmill.toml"
NOWHERE = Path("/nonexistent")


def uncommented() -> str:
    lines = CONFIG.read_text().splitlines()
    return "\n".join(
        line[2:] if line.startswith("# ") and " = " in line and _is_key(line[2:]) else line for line in lines
    )


def _is_key(line: str) -> bool:
    return line.split(" = ")[0].isidentifier()


def test_the_commented_file_shows_every_key_with_its_default():
    shown = tomllib.loads(uncommented())
    made = read_settings({}, NOWHERE)
    for name, field in Settings.model_fields.items():
        group = getattr(made, name)
        if hasattr(group, "model_fields_set"):
            assert set(shown[name]) == set(type(group).model_fields), name
        else:
            assert name in shown, name
        del field
    assert Settings.model_validate(shown) == made


def test_a_variable_wins_over_the_file_and_a_secret_comes_from_a_file(tmp_path: Path):
    (tmp_path / "newsmill.toml").write_text("[fetch]\ndelay_s = 3\nconnect_s = 4\n")
    (tmp_path / "secret").write_text("redis://:pass@host/0\n")
    made = read_settings(
        {"NEWSMILL_FETCH__DELAY_S": "0.5", "NEWSMILL_REDIS_URL_FILE": str(tmp_path / "secret")}, tmp_path
    )
    assert (made.fetch.delay_s, made.fetch.connect_s, made.redis_url) == (0.5, 4, "redis://:pass@host/0")


def test_networks_come_comma_separated():
    made = read_settings({"NEWSMILL_FETCH__ALLOW_NETWORKS": "127.0.0.0/8, ::1/128"}, NOWHERE)
    assert [str(n) for n in made.fetch.allow_networks] == ["127.0.0.0/8", "::1/128"]


@pytest.mark.parametrize(
    ("environ", "text", "says"),
    [
        ({"NEWSMILL_FETCH__DELY_S": "1"}, "", ["NEWSMILL_FETCH__DELY_S", "NEWSMILL_FETCH__DELAY_S"]),
        ({}, "[fetch]\ndely_s = 1\n", ["fetch.dely_s", "delay_s"]),
        ({}, "[fetsh]\ndelay_s = 1\n", ["fetsh", "fetch"]),
        ({}, "[fetch]\ndelay_s = -1\n", ["fetch.delay_s", "greater than or equal to 0"]),
        ({}, "[fetch\n", ["newsmill.toml", "line 1"]),
        ({"NEWSMILL_FETCH__DELAY_S": "fast"}, "", ["fetch.delay_s", "fast"]),
        ({"NEWSMILL_FETCH__ALLOW_NETWORKS": "10.0.0.0/99"}, "", ["allow_networks", "10.0.0.0/99"]),
        ({"NEWSMILL_REDIS_URL": "http://x"}, "", ["redis_url", "redis://"]),
        ({"NEWSMILL_REDIS_URL": "sentinel://a:26379;sentinel://b:26379"}, "", ["redis_url", "Sentinel"]),
        ({"NEWSMILL_REDIS_URL_FILE": "/nonexistent/x"}, "", ["NEWSMILL_REDIS_URL_FILE", "/nonexistent/x"]),
        ({"NEWSMILL_FETCH__DELY_S": "1", "NEWSMILL_FETCH__READ_S": "x"}, "[a]\nb = 1\n", ["DELY_S", "read_s", "key a"]),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, environ: dict[str, str], text: str, says: list[str]):
    (tmp_path / "newsmill.toml").write_text(text)
    with pytest.raises(BadSettings) as caught:
        read_settings(environ, tmp_path)
    for part in says:
        assert part in str(caught.value)


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        read_settings({}, NOWHERE).fetch.delay_s = 0  # type: ignore[misc]
