"""For operators: is the process alive, is it ready, and the figures."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from feedsvc import subscribing
from feedsvc.errors import StoreError
from feedsvc.model import Subscription
from feedsvc.revisions import REFUSED
from feedsvc.store import Store
from feedsvc.web.following import Following

#: the store is looked at several times a second; after this long, what is served may be old
STALE_S = 10.0


def health(store: Store, following: Following) -> Blueprint:
    """Return the routes `/healthz`, `/readyz` and `/metrics`."""
    blueprint = Blueprint("health", __name__)
    registry = CollectorRegistry()
    registry.register(_Figures(store, following))

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return _text("ok\n")

    @blueprint.get("/readyz")
    def readyz() -> Response:
        # First, since a store that hangs would let this request hang as well.
        if (age := time.monotonic() - following.looked_at) > STALE_S:
            return _text(f"the store has not been read for {age:.0f} s\n", 503)
        try:
            with store.read() as tx:
                refused = tx.notes.get(REFUSED)
        except StoreError as error:
            return _text(f"the store cannot be read: {error}\n", 503)
        if not following.view.served.documents:
            return _text("the first documents are being written\n", 503)
        number = following.view.in_force.number
        if refused is None:
            return _text(f"ready; configuration revision {number}\n")
        # Ready all the same: the last good configuration is in force.
        return _text(f"ready; configuration revision {number}; the folder is broken and not in force:\n{refused}\n")

    @blueprint.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _text(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})


class _Figures(Collector):
    """Reads the store when Prometheus asks: the figures are the same from every process."""

    def __init__(self, store: Store, following: Following) -> None:
        self._store, self._following = store, following

    def collect(self) -> Iterator[Metric]:
        with self._store.read() as tx:
            states, latest = tx.schedule.states(), tx.attempts.latest()
            sequence, counts = tx.changes.last_sequence(), tx.stories.counts("category")
            total = sum(tx.stories.counts("all").values())
            subscriptions = tx.subscriptions.all()
        configured = {source.id for source in self._following.view.in_force.settings.sources}
        success = GaugeMetricFamily(
            "feedsvc_source_last_success_timestamp_seconds", "When the source was last read.", labels=["source"]
        )
        failures = GaugeMetricFamily("feedsvc_source_failures", "Failed polls in a row.", labels=["source"])
        due = GaugeMetricFamily(
            "feedsvc_source_next_fetch_timestamp_seconds", "When the source is to be polled next.", labels=["source"]
        )
        degraded = GaugeMetricFamily(
            "feedsvc_source_degraded", "1: the source is read, and not as usual.", labels=["source"]
        )
        held = GaugeMetricFamily("feedsvc_source_held", "1: the source is held back.", labels=["source"])
        seconds = GaugeMetricFamily("feedsvc_source_poll_seconds", "How long the last poll took.", labels=["source"])
        for id, state in sorted(states.items()):
            if id not in configured:
                continue
            failures.add_metric([id], state.failures)
            degraded.add_metric([id], state.degraded is not None)
            held.add_metric([id], state.held is not None)
            if state.last_success_at is not None:
                success.add_metric([id], state.last_success_at.timestamp())
            if state.next_fetch_at is not None:
                due.add_metric([id], state.next_fetch_at.timestamp())
            if id in latest:
                seconds.add_metric([id], latest[id].seconds)
        stories = GaugeMetricFamily("feedsvc_category_stories", "Announced stories.", labels=["category"])
        for id, count in sorted(counts.items()):
            stories.add_metric([id], count)
        yield from (success, failures, degraded, held, due, seconds, stories)
        yield from _hubs([each for each in subscriptions if each.state != "leaving"], datetime.now(UTC))
        yield GaugeMetricFamily("feedsvc_stories", "Announced stories in all.", value=total)
        yield GaugeMetricFamily("feedsvc_change_sequence", "The last sequence of the change log.", value=sequence)
        yield GaugeMetricFamily(
            "feedsvc_documents", "Documents held in memory.", value=len(self._following.view.served.documents)
        )
        yield GaugeMetricFamily(
            "feedsvc_configuration_revision", "The revision in force.", value=self._following.view.in_force.number
        )


def _hubs(subscriptions: Iterable[Subscription], now: datetime) -> tuple[Metric, Metric]:
    pushed = GaugeMetricFamily("feedsvc_source_pushed", "1: a hub has shown that it pushes.", labels=["source"])
    rejected = CounterMetricFamily("feedsvc_pushes_rejected", "Pushes without a valid signature.", labels=["source"])
    for each in subscriptions:
        pushed.add_metric([each.source_id], subscribing.is_proven(each, now))
        rejected.add_metric([each.source_id], each.rejected)
    return pushed, rejected
