"""A short run of the fuzzer (tests/fuzz/pages.py); `make fuzz` does a longer one."""

from tests.fuzz.pages import look, made
from tests.fuzz.report import Report

PAGES = 100


def test_broken_pages_get_an_answer_within_the_bounds() -> None:
    report = Report()
    for number in range(PAGES):
        look(number, report)
    assert not report.failures, report.failures[0]


def test_a_number_makes_the_same_page() -> None:
    assert made(7) == made(7)
