"""What an operator's own monitoring asks: does the process live, can it serve, and the measures of the node.

`/healthz` and `/readyz` say yes or no to anybody who reaches the desk's address. `/metrics` says how far the other side
lags and how full the disks are, so only the addresses that node.toml names read it; to all others it is not there. None
of them says anything of what was filed.
"""

import contextlib
from collections.abc import Iterable, Mapping
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector, CollectorRegistry

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_node.queries import health
from mithaq_node.queries.health import Measures
from mithaq_node.services import clock
from mithaq_node.web.accounts.session import address_of

UNAVAILABLE = 503


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether pages can be served, and which of the things they need are there; 503 when one is not."""
    checks = health.readiness()
    ready = all(checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else UNAVAILABLE)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The measures in Prometheus's text format, version 0.0.4."""
    if not _may_read(address_of(request)):
        raise Http404
    told = [_room(health.free()), _backup(health.last_backup())]
    with contextlib.suppress(DatabaseError, Refusal):  # `/readyz` says what is missing; the disks are told all the same
        told += _of_record(health.measures(str(clock.now())))
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Told(told))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(address: str) -> bool:
    try:
        asked = ip_address(address)
    except ValueError:  # a server that listens on a socket in a file has no addresses
        return False
    return any(asked in network for network in settings.NODE.metrics)


class _Told(Collector):
    """Metrics that were taken already, as the registry asks for them."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _of_record(found: Measures) -> list[Metric]:
    about = {"version": found.version, "party": found.party, "instrument": found.instrument, "engine": found.engine}
    links = [({"party": each.party, "audience": each.audience or "all"}, each) for each in found.links]
    return [
        _gauge("mithaq_info", "What runs here.", (about, 1)),
        _gauge(
            "mithaq_log_entries", "Leaves that this node holds of a log.",
            *(({"log": origin}, size) for origin, size in found.logs.items()),
        ),
        _gauge(
            "mithaq_link_entries_behind", "Leaves of our log that the counterpart has not said to hold.",
            *((labels, each.ours - each.held) for labels, each in links),
        ),
        _gauge(
            "mithaq_link_stopped", "1 where a link was stopped, because what came contradicts the record.",
            *((labels, int(each.stopped is not None)) for labels, each in links),
        ),
        _gauge(
            "mithaq_link_heard_timestamp_seconds", "When the counterpart was last heard; absent where it never was.",
            *((labels, moments.parse(each.heard).seconds) for labels, each in links if each.heard),
        ),
        _gauge("mithaq_database_bytes", "Bytes of the database.", ({}, found.database)),
        _gauge(
            "mithaq_standby_wait_seconds", "How long the longest commit has waited for a standby; PostgreSQL only.",
            *(({}, each) for each in (found.waiting,) if each is not None),
        ),
    ]  # fmt: skip


def _room(free: Mapping[str, int]) -> Metric:
    samples = (({"place": place}, room) for place, room in free.items())
    return _gauge("mithaq_disk_free_bytes", "Bytes free where data, fence and the keys of parts lie.", *samples)


def _backup(last: Moment | None) -> Metric:
    samples: list[tuple[dict[str, str], int]] = [] if last is None else [({}, last.seconds)]
    return _gauge("mithaq_backup_timestamp_seconds", "When the last backup was taken; absent before it.", *samples)


def _gauge(name: str, what: str, *samples: tuple[dict[str, str], float]) -> Metric:
    metric = GaugeMetricFamily(name, what, labels=list(samples[0][0]) if samples else [])
    for labels, value in samples:
        metric.add_metric(list(labels.values()), value)
    return metric
