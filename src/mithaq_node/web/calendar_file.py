"""An iCalendar file (RFC 5545) in one reader's words: what every calendar that leaves the desk has in common.

Times are in this party's civil time, whose rule travels along as a VTIMEZONE. A file is published to nobody by name: it
holds no organiser, nobody who attends and no address.
"""

from datetime import UTC, datetime, timedelta, timezone

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneStandard

from mithaq import moments
from mithaq_node.web.reader import Reader

CONTENT_TYPE = "text/calendar; charset=utf-8"


def begun(reader: Reader, program: str, name: str) -> Calendar:
    """A file without events, written by `program` (a formal public identifier) and called `name`."""
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", program)
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", f"{mark(reader)}{name}")
    made.add_component(_timezone(_zone(reader)))
    return made


def event(reader: Reader, number: str, party: str, said_at: str, sequence: int) -> Event:
    """An event without its times: that of the notice of this number, by `party`, as it was said at `said_at`.

    `sequence` never falls while the record grows, and rises with every change.
    """
    made, known = Event(), reader.law.party(party)
    said = instant(said_at)
    made.add("uid", f"{number.replace(' ', '')}@{reader.law.id}.{known.domain if known else party}")
    made.add("dtstamp", said)
    made.add("last-modified", said)
    made.add("sequence", sequence)
    made.add("class", "CONFIDENTIAL")
    return made


def civil(reader: Reader, moment: datetime) -> datetime:
    """A moment in this party's civil time."""
    return moment.astimezone(_zone(reader))


def instant(moment: str) -> datetime:
    """A canonical moment as a `datetime` of UTC."""
    return datetime.fromtimestamp(moments.parse(moment).seconds, UTC)


def mark(reader: Reader) -> str:
    """What stands before everything where nothing of it is real."""
    if reader.law.exercise:
        return f"{_('EXERCISE')} · "
    return f"{_('Demonstration')} · " if reader.law.demo or settings.NODE.demo else ""


def _zone(reader: Reader) -> timezone:
    minutes = reader.party.utc_offset
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return timezone(timedelta(minutes=minutes), f"UTC{sign}{hours:02}:{rest:02}")


def _timezone(zone: timezone) -> Timezone:
    """The civil time of the instrument: one offset, the whole year."""
    component, rule = Timezone(), TimezoneStandard()
    component.add("tzid", str(zone))
    rule.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001  # a rule begins in the civil time that it is the rule of
    rule.add("tzoffsetfrom", zone.utcoffset(None))
    rule.add("tzoffsetto", zone.utcoffset(None))
    rule.add("tzname", str(zone))
    component.add_component(rule)
    return component
