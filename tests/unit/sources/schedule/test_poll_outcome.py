"""What a poll leaves in the ledger."""

from datetime import UTC, datetime, timedelta

from newsmill.sources.schedule.poll_outcome import NEVER_S, PollEnded, failed, health_of, rhythm_of, succeeded
from newsmill.sources.schedule.schedule import DEAD_CRASHES, Bounds, State, Wishes

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOURLY = [NOW - timedelta(hours=n) for n in range(100)]


def applied(known: dict[str, str], ended: PollEnded) -> dict[str, str]:
    return {name: value for name, value in (known | dict(ended.fields)).items() if value}


def fail(known: dict[str, str], now: datetime, status: int) -> PollEnded:
    return failed(known, "s", Bounds(), now=now, asked=Wishes(), reason="no", status=status)


def test_a_source_learns_from_poll_to_poll() -> None:
    first = succeeded({}, "s", Bounds(), now=NOW, asked=Wishes(), dates=HOURLY)
    known = applied({}, first)
    assert known["why"].startswith("publishes about")
    assert known["polls"] == "1"
    later = NOW + timedelta(hours=1)
    second = applied(known, succeeded(known, "s", Bounds(), now=later, asked=Wishes(), dates=[*HOURLY, later]))
    assert second["polls"] == "2"
    assert rhythm_of(second).newest == later.timestamp()
    assert health_of(second, later).state is State.OK
    assert health_of(second, later + timedelta(days=3)).state is State.SILENT


def test_failures_are_counted_from_the_first_and_forgotten_with_a_success() -> None:
    known = applied({}, fail({}, NOW, 500))
    known = applied(known, fail(known, NOW + timedelta(hours=1), 0))
    assert (known["fails"], known["failing_since"]) == ("2", f"{NOW.timestamp():.0f}")
    assert "status" not in known
    known = applied(known, succeeded(known, "s", Bounds(), now=NOW + timedelta(hours=2), asked=Wishes()))
    assert not known.keys() & {"fails", "failing_since", "status", "problem"}


def test_a_source_that_is_gone_is_retired() -> None:
    ended = fail({}, NOW, 410)
    assert ended.wait_s == NEVER_S
    assert ended.fields["retired"] == "gone for good (410)"
    known: dict[str, str] = {}
    for day in range(30):
        ended = fail(known, NOW + timedelta(days=day), 404)
        known = applied(known, ended)
    assert known["retired"] == "not found (404) for 4w"


def test_a_source_whose_document_cannot_be_read_within_the_limits_is_retired_after_some_tries() -> None:
    known: dict[str, str] = {}

    def crash() -> PollEnded:
        return failed(
            known,
            "s",
            Bounds(),
            now=NOW,
            asked=Wishes(),
            reason="reading it took more than 10 s",
            status=200,
            crashed=True,
        )

    known = applied(applied({}, crash()), fail({}, NOW, 500))
    assert "crashed" not in known, "only those in a row count"
    for _ in range(DEAD_CRASHES - 1):
        ended = crash()
        assert ended.wait_s < NEVER_S
        known = applied(known, ended)
        assert health_of(known, NOW).state is State.FAILING
    assert crash().wait_s == NEVER_S
    known = applied(known, crash())
    assert known["retired"] == f"reading it took more than 10 s, {DEAD_CRASHES} polls in a row"
    assert "crashed" not in applied(known, succeeded(known, "s", Bounds(), now=NOW, asked=Wishes()))


def test_a_rhythm_of_another_version_is_begun_anew() -> None:
    assert succeeded({"rhythm": "[1,2]"}, "s", Bounds(), now=NOW, asked=Wishes(), dates=HOURLY).health.state is State.OK
