"""The ledger's figures for Prometheus, for all workers together: they live in Redis, so one exporter is enough.

Names: newsmill_<what>, with the words of the design as labels (stage, outcome). Counters never fall, unlike the
outcomes in `status`, from which an address is taken back when it is looked at again.
"""

import signal
import threading
from collections.abc import Iterator

import redis
from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from newsmill.outcomes import Outcome
from workers.runtime.figures import status_of
from workers.runtime.wiring import Mill


class Ledger(Collector):
    """Reads one snapshot a scrape."""

    def __init__(self, mill: Mill) -> None:
        self.mill = mill

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("newsmill_up", "1 if the ledger in Redis answers")
        try:
            snapshot = self.mill.frontier.snapshot()
        except (redis.RedisError, OSError):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        status = status_of(snapshot, self.mill.settings.frontier.window)
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
        delay = GaugeMetricFamily("newsmill_freshness_seconds", "Publication to search, last days", labels=["quantile"])
        delay.add_metric(["0.5"], status.freshness.p50_s)
        delay.add_metric(["0.95"], status.freshness.p95_s)
        yield delay
        yield GaugeMetricFamily("newsmill_window", "Pages that may be in progress (backpressure)", status.window)
        yield GaugeMetricFamily("newsmill_in_progress", "Pages in progress", status.in_progress)
        yield GaugeMetricFamily("newsmill_stalls", "Places that stand still though there is work", len(status.stalls))
        yield GaugeMetricFamily("newsmill_faults", "What does not fit in the ledger, by its own audit", status.faults)
        yield GaugeMetricFamily("newsmill_unbalanced", "1 if the ledger's figures do not add up", not status.balanced)


def serve(mill: Mill, host: str, port: int, stop: threading.Event | None = None) -> None:
    """Serves /metrics until SIGINT or SIGTERM (or `stop`). Raises OSError if the port cannot be had."""
    registry = CollectorRegistry()
    registry.register(Ledger(mill))
    server, thread = start_http_server(port, host, registry)
    stopped = stop or threading.Event()
    if stop is None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    server.shutdown()
    server.server_close()
    thread.join()
