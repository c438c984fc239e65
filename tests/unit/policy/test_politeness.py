import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.http import answer as a
from newsmill.policy.politeness import Happened, HostEvent, HostState, PolitenessOptions, after, delay_s, event_of

OPTIONS = PolitenessOptions(factor=5, delay_min_s=1, delay_max_s=60, backoff_first_s=10, backoff_max_s=3600)
GOOD = HostEvent(Happened.ANSWERED, 0.1)
SLOW = HostEvent(Happened.SLOW_DOWN, 0.1)
DEAD = HostEvent(Happened.NO_ANSWER)
STRAINED = HostEvent(Happened.STRAINED, 0.1)
BROKEN = HostEvent(Happened.BROKEN, 0.1)


def run(*events: HostEvent, state: HostState | None = None) -> list[float]:
    state = state or HostState()
    waits = []
    for event in events:
        turn = after(state, event, OPTIONS)
        state = turn.state
        waits.append(turn.wait_s)
    return waits


def test_the_delay_follows_the_response_time_in_bounds() -> None:
    assert run(HostEvent(Happened.ANSWERED, 0.01)) == [1]
    assert run(HostEvent(Happened.ANSWERED, 2.0)) == [10]
    assert run(HostEvent(Happened.ANSWERED, 50.0)) == [60]


def test_crawl_delay_is_the_least_and_is_capped() -> None:
    assert run(GOOD, state=HostState(crawl_delay_s=7)) == [7]
    assert run(GOOD, state=HostState(crawl_delay_s=999)) == [60]


def test_429_slows_the_host_and_it_recovers_by_itself() -> None:
    waits = run(GOOD, SLOW, *[GOOD] * 8)
    assert waits[0] == 1
    assert waits[1] == 10
    assert 1.5 < waits[2] < 2
    assert waits[-1] == 1


def test_retry_after_is_honoured_and_capped() -> None:
    assert run(HostEvent(Happened.SLOW_DOWN, 0.1, wish_s=100)) == [100]
    assert run(HostEvent(Happened.SLOW_DOWN, 0.1, wish_s=1e9)) == [86400]
    assert run(HostEvent(Happened.SLOW_DOWN, 0.1, wish_s=3)) == [3]  # the host says itself how long


def test_a_dead_host_is_backed_off_parked_and_comes_back() -> None:
    assert run(*[DEAD] * 12) == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]
    state = HostState(fails=2)
    turn = after(state, DEAD, OPTIONS)
    assert turn.parked
    turn = after(turn.state, GOOD, OPTIONS)
    assert not turn.parked
    assert turn.state.fails == 0


def test_single_server_errors_do_not_back_off_but_a_row_of_them_does() -> None:
    assert run(STRAINED, STRAINED, STRAINED) == [1, 1, 40]


def test_broken_pages_slow_nothing_down() -> None:
    assert run(*[BROKEN] * 9) == [1] * 9
    assert run(STRAINED, STRAINED, BROKEN, STRAINED)[2:] == [1, 40]


@pytest.mark.parametrize("event", [GOOD, SLOW, STRAINED, BROKEN])
def test_only_silence_counts_towards_giving_a_host_up(event: HostEvent) -> None:
    state = HostState()
    for happened in [DEAD, DEAD, event]:
        before, state = state.unanswered, after(state, happened, OPTIONS).state
    assert (before, state.unanswered) == (2, 0)
    assert after(state, DEAD, OPTIONS).state.unanswered == 1


def in_the_body(error: a.FetchError) -> a.FetchError:
    error.answered = True
    return error


def test_nothing_asked_nothing_waited() -> None:
    state = HostState(latency_s=3, penalty=2, fails=1)
    turn = after(state, HostEvent(Happened.NOT_ASKED), OPTIONS)
    assert (turn.state, turn.wait_s) == (state, 0)


def fetched(status: int, *headers: tuple[str, str]) -> a.Fetched:
    return a.Fetched("https://x.example/", status, headers, b"", "1.1.1.1", 0, 1, 0.5)


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (fetched(200), HostEvent(Happened.ANSWERED, 0.5)),
        (fetched(404), HostEvent(Happened.ANSWERED, 0.5)),
        (fetched(500), HostEvent(Happened.STRAINED, 0.5)),
        (fetched(503, ("Retry-After", "9")), HostEvent(Happened.SLOW_DOWN, 0.5, 9)),
        (fetched(429), HostEvent(Happened.SLOW_DOWN, 0.5)),
        (a.Refused("x"), DEAD),
        (a.ReadTimeout("x"), DEAD),
        (in_the_body(a.ReadTimeout("x")), HostEvent(Happened.STRAINED)),
        (in_the_body(a.Reset("x")), HostEvent(Happened.STRAINED)),
        (a.TotalTimeout("x"), HostEvent(Happened.STRAINED)),
        (a.BadAnswer("x"), HostEvent(Happened.BROKEN)),
        (a.HeaderTooLarge("x"), HostEvent(Happened.BROKEN)),
        (a.ForbiddenAddress("x"), HostEvent(Happened.NOT_ASKED)),
        (a.NoResources("x"), HostEvent(Happened.NOT_ASKED)),
    ],
)
def test_event_of(answer: a.Fetched | a.FetchError, event: HostEvent) -> None:
    assert event_of(answer, 0) == event


STATES = st.builds(
    HostState,
    latency_s=st.floats(0, 100),
    penalty=st.floats(1, 64),
    fails=st.integers(0, 500),
    unanswered=st.integers(0, 500),
    crawl_delay_s=st.floats(0, 1000),
)
EVENTS = st.builds(
    HostEvent,
    st.sampled_from([Happened.SLOW_DOWN, Happened.NO_ANSWER, Happened.STRAINED, Happened.BROKEN]),
    st.floats(0, 100),
    st.one_of(st.none(), st.floats(0, 1e9)),
)


@given(STATES, EVENTS)
def test_an_error_never_makes_it_faster(state: HostState, event: HostEvent) -> None:
    turn = after(state, event, OPTIONS)
    assert turn.wait_s >= delay_s(state, OPTIONS)
    assert delay_s(turn.state, OPTIONS) >= delay_s(state, OPTIONS)
    assert turn.wait_s <= 86400


@given(STATES)
def test_state_survives_its_hash(state: HostState) -> None:
    loaded = HostState.load(state.dump())
    assert loaded.dump() == state.dump()
    assert loaded.latency_s == pytest.approx(state.latency_s, abs=1e-3)
