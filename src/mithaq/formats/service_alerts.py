"""GTFS-Realtime Service Alerts 2.0: statements about crossings and stretches as passengers' planners read them.

A feed is whole (`FULL_DATASET`): what is not in it is over. Identifiers of stops and routes are those of the
instrument: a crossing or a station is a stop, a stretch a route (`docs/how-to/service-alerts.md`); an operator that
publishes a schedule uses the same ones, or maps them to its own. Nothing here says which of two parties is right: each
statement is an alert of its own that names who makes it.

A period is said in the two fields that the format has for it now, and in `active_period`, which it keeps for older
planners, because these read nothing else.

Rules that the format sets, and that are kept here: every alert has at least one informed entity with at least one
identifier; a period never ends before it begins; times are seconds since 1970; a text stands once in each language.
Source: https://gtfs.org/documentation/realtime/reference/
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from google.transit import gtfs_realtime_pb2 as gtfs

from mithaq.moments import Moment

VERSION = "2.0"
MEDIA_TYPE = "application/x-protobuf"

Text = Mapping[str, str]
"""Language to text."""

CAUSES: Mapping[str, int] = {
    "construction": gtfs.Alert.CONSTRUCTION,
    "clearance": gtfs.Alert.OTHER_CAUSE,
    "works": gtfs.Alert.MAINTENANCE,
    "weather": gtfs.Alert.WEATHER,
    "flood": gtfs.Alert.WEATHER,
    "accident": gtfs.Alert.ACCIDENT,
    "technical": gtfs.Alert.TECHNICAL_PROBLEM,
    "health": gtfs.Alert.MEDICAL_EMERGENCY,
    "holiday": gtfs.Alert.HOLIDAY,
    "season": gtfs.Alert.SPECIAL_EVENT,
}
"""The reasons that the format knows a cause for; every other is `OTHER_CAUSE`, none `UNKNOWN_CAUSE`."""

EFFECTS: Mapping[str, int] = {
    "no-service": gtfs.Alert.NO_SERVICE,
    "reduced": gtfs.Alert.REDUCED_SERVICE,
    "delays": gtfs.Alert.SIGNIFICANT_DELAYS,
    "another-way": gtfs.Alert.DETOUR,
    "changed": gtfs.Alert.MODIFIED_SERVICE,
    "station-closed": gtfs.Alert.NO_SERVICE,
}
"""The coded effects of a disruption."""

STATES: Mapping[str, int] = {"closed": gtfs.Alert.NO_SERVICE, "restricted": gtfs.Alert.REDUCED_SERVICE}
"""The effect of a state, where no effect is stated."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One party's statement, for passengers. At least one of `stops` and `routes` is not empty."""

    id: str
    state: str
    reason: str
    effect: str
    """Empty where none is stated."""
    since: Moment
    until: Moment | None
    stops: tuple[str, ...]
    routes: tuple[str, ...]
    header: Text
    description: Text


def feed(alerts: Iterable[Alert], at: Moment) -> bytes:
    """A whole feed as it is at a moment, in the order of the alerts' identifiers."""
    message = gtfs.FeedMessage()
    message.header.gtfs_realtime_version = VERSION
    message.header.incrementality = gtfs.FeedHeader.FULL_DATASET
    message.header.timestamp = at.seconds
    for alert in sorted(alerts, key=lambda each: each.id):
        _add(message, alert)
    encoded: bytes = message.SerializeToString(deterministic=True)
    return encoded


def _add(message: gtfs.FeedMessage, alert: Alert) -> None:
    entity = message.entity.add(id=alert.id)
    made = entity.alert
    made.cause = CAUSES.get(alert.reason, gtfs.Alert.OTHER_CAUSE if alert.reason else gtfs.Alert.UNKNOWN_CAUSE)
    made.effect = EFFECTS.get(alert.effect, STATES.get(alert.state, gtfs.Alert.OTHER_EFFECT))
    for periods in (made.impact_period, made.communication_period, made.active_period):
        period = periods.add(start=alert.since.seconds)
        if alert.until is not None and alert.until.seconds >= alert.since.seconds:
            period.end = alert.until.seconds
    for route in alert.routes:
        made.informed_entity.add(route_id=route)
    for stop in alert.stops:
        made.informed_entity.add(stop_id=stop)
    for text, said in ((made.header_text, alert.header), (made.description_text, alert.description)):
        for language in sorted(said):
            text.translation.add(text=said[language], language=language)
