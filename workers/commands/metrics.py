"""The ledger's figures for Prometheus, for all workers together: they live in Redis, so one exporter is enough.

Names: newsmill_<what>, with the words of the design as labels (stage, outcome). Counters never fall, unlike the
outcomes in `status`, from which an address is taken back when it is looked at again.
"""

import signal
import threading
from collections.abc import Iterator, Mapping

import redis
from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from newsmill.ledger.measured import histogram
from newsmill.ledger.presence import BEAT
from newsmill.outcomes import Outcome
from workers.pipeline import STAGES
from workers.runtime.figures import Status, status_of
from workers.runtime.verdict import StatusWord, living, verdict
from workers.runtime.wiring import Wiring


class Ledger(Collector):
    """Reads one snapshot a scrape."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client."""
        up = GaugeMetricFamily("newsmill_up", "1 if the ledger in Redis answers")
        try:
            snapshot = self.wiring.frontier.snapshot()
        except (redis.RedisError, OSError):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        status = status_of(snapshot, self.wiring.settings.frontier.window)
        yield CounterMetricFamily("newsmill_accepted", "Addresses ever accepted", status.accepted)
        settled = CounterMetricFamily("newsmill_settled", "Ends of addresses, each counted once", labels=["outcome"])
        current = GaugeMetricFamily("newsmill_outcome", "Addresses that are in this outcome now", labels=["outcome"])
        for outcome in Outcome:
            settled.add_metric([outcome], int(snapshot["counters"].get(f"settled:{outcome}", 0)))
            current.add_metric([outcome], status.outcomes[outcome])
        yield settled
        yield current
        depth = GaugeMetricFamily("newsmill_stage", "Entries of a stage", labels=["stage", "state"])
        for stage, figures in {"produce": status.polls, **status.stages}.items():
            depth.add_metric([stage, "waiting"], figures.waiting)
            depth.add_metric([stage, "active"], figures.active)
        yield depth
        yield GaugeMetricFamily("newsmill_sources", "Sources that rest until their next poll", status.sources)
        unwell = GaugeMetricFamily("newsmill_sources_unwell", "Sources an operator should look at", labels=["state"])
        for state, count in status.unwell.items():
            unwell.add_metric([state], count)
        yield unwell
        if status.freshness.articles:  # absent, not 0, while there is none
            quantiles = {"0.5": status.freshness.p50_s, "0.95": status.freshness.p95_s}
            yield _gauge("newsmill_freshness_seconds", "Publication to search, last days", "quantile", values=quantiles)
        yield from _operations(status)
        yield from _measured(self.wiring)
        yield GaugeMetricFamily("newsmill_window", "Pages that may be in progress (backpressure)", status.window)
        yield GaugeMetricFamily("newsmill_in_progress", "Pages in progress", status.in_progress)
        yield GaugeMetricFamily("newsmill_stalls", "Places that stand still though there is work", len(status.stalls))
        yield GaugeMetricFamily("newsmill_faults", "What does not fit in the ledger, by its own audit", status.faults)
        yield GaugeMetricFamily("newsmill_unbalanced", "1 if the ledger's figures do not add up", not status.balanced)


def _gauge(name: str, told: str, label: str, *, values: Mapping[str, float]) -> GaugeMetricFamily:
    found = GaugeMetricFamily(name, told, labels=[label])
    for key, value in values.items():
        found.add_metric([key], value)
    return found


def _operations(status: Status) -> Iterator[Metric]:
    """What an operator is woken for."""
    alive = living(status.workers, status.now)
    of_queue = {queue: float(alive.get(queue, 0)) for queue in (*map(str, STAGES), BEAT)}
    yield _gauge("newsmill_workers", "Workers that live, by stage; beat among them", "stage", values=of_queue)
    word = verdict(status, ()).word
    words = {str(each): float(word is each) for each in StatusWord}
    yield _gauge("newsmill_verdict", "1 for what `newsmill status` says, but for search", "word", values=words)
    if status.ticked:
        age_s = max(status.now - status.ticked, 0.0)
        yield GaugeMetricFamily("newsmill_tick_age_seconds", "Since the ledger was looked after last", age_s)
    reason = status.window_reason.split(":")[0]
    limits = {name: float(reason == name) for name in ("disk", "parse", "index")}
    yield _gauge("newsmill_window_limited", "1 for what keeps the window small", "by", values=limits)
    if status.free_mb is not None:
        yield GaugeMetricFamily("newsmill_disk_free_bytes", "On the disk of the raw pages", status.free_mb * 1e6)
    aside: dict[str, float] = dict.fromkeys(("site", "source", "ip"), 0.0)
    for group, hosts in status.aside.items():
        kind = group.split(":")[0].removeprefix("poll:")
        if kind in aside:
            aside[kind] += hosts
    yield _gauge("newsmill_hosts_aside", "Hosts put aside since their group has its share", "of", values=aside)


def _measured(wiring: Wiring) -> Iterator[Metric]:
    """Durations, answers, bytes, and what the ledger itself takes."""
    kept = wiring.frontier.measured()
    times = HistogramMetricFamily(
        "newsmill_stage_seconds", "From claim to move, in fetch of the request", labels=["stage"]
    )
    for stage in map(str, STAGES):
        buckets, total_s = histogram(kept, stage)
        times.add_metric([stage], buckets, total_s)
    yield times
    answers = CounterMetricFamily("newsmill_answers", "Answers to requests for pages, by class", labels=["status"])
    for status in ("1xx", "2xx", "3xx", "4xx", "5xx", "none"):
        answers.add_metric([status], kept.get(f"answers {status}", 0))
    yield answers
    yield CounterMetricFamily("newsmill_fetched_bytes", "Bytes of decoded bodies", kept.get("bytes", 0))
    memory, keys = wiring.frontier.room()
    yield GaugeMetricFamily("newsmill_redis_memory_bytes", "Memory that Redis uses", memory)
    yield GaugeMetricFamily("newsmill_redis_keys", "Keys in it", keys)


def serve(wiring: Wiring, host: str, port: int, *, stop: threading.Event | None = None) -> None:
    """Serves /metrics until SIGINT or SIGTERM (or `stop`). Raises OSError if the port cannot be had."""
    registry = CollectorRegistry()
    registry.register(Ledger(wiring))
    server, thread = start_http_server(port, host, registry)
    stopped = stop or threading.Event()
    if stop is None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    server.shutdown()
    server.server_close()
    thread.join()
