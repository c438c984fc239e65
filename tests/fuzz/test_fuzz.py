"""A short run of every fuzzer, the same each time; `make fuzz` does a longer one. Inputs that once failed stay here."""

import pytest

from tests.fuzz import driver
from tests.fuzz.driver import Target, check, look, made
from tests.fuzz.report import Report
from tests.fuzz.targets import TARGETS

INPUTS = 60  # of each target
FOUND = (("sections", b"<html><a href='http://a.example//'>x</a>"),)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())
def test_broken_inputs_keep_the_promises(target: Target) -> None:
    report = Report()
    for seed in target.seeds:
        check(target, seed, "seed", report)
    for number in range(INPUTS):
        look(target, number, report)
    assert not report.failures, report.failures[0]
    assert made(target, 7) == made(target, 7)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_stays_mended(name: str, data: bytes) -> None:
    report = Report()
    check(TARGETS[name], data, "found", report)
    assert not report.failures, report.failures[0]


def test_a_broken_promise_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "MAX_CPU_S", 0.2)

    def broken(data: bytes) -> None:
        assert b"<" not in data

    def endless(data: bytes) -> None:
        while data:
            pass

    for planted in (broken, endless):
        report = Report()
        check(Target((b"<",), (b"<",), planted), b"<", "planted", report)
        assert len(report.failures) == 1
