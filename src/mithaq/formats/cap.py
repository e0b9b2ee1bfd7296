"""Common Alerting Protocol 1.2: one message as programs of civil defence read it, and the Atom feed of messages.

Rules of the specification that its schema does not see are kept here, because published services break them: times
carry an offset and never `Z`, UTC being `-00:00`; identifiers and senders hold neither space nor comma; positions are
written latitude first; a ring is closed, simple and of at most some hundreds of corners (`mithaq.formats.rings`); each
area has one polygon or one circle, because several in one break readers in use; a polygon holds no line break; and
whatever updates or cancels names what it follows. Nothing is read here: this module writes XML and parses none.
Source: OASIS CAP v1.2, https://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2-os.html; RFC 4287.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from mithaq import moments
from mithaq.errors import Fault
from mithaq.formats import rings
from mithaq.moments import Moment
from mithaq.places import Position

MEDIA_TYPE = "application/cap+xml"
ATOM = "application/atom+xml"
ALERT, UPDATE, CANCEL = "Alert", "Update", "Cancel"
ACTUAL, TEST = "Actual", "Test"
_CAP: Final = "urn:oasis:names:tc:emergency:cap:1.2"
_FEED: Final = "http://www.w3.org/2005/Atom"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_HEADLINE = 160
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Reference:
    """A message that another one follows."""

    sender: str
    identifier: str
    sent: str


@dataclass(frozen=True, slots=True)
class Circle:
    """A position in microdegrees, longitude first, and a radius in metres."""

    at: Position
    radius: int


@dataclass(frozen=True, slots=True)
class Area:
    """Where: in words, and as one polygon or one circle, or as neither. `ring` is in microdegrees, longitude first,
    closed or not."""

    words: str
    ring: tuple[Position, ...] = ()
    circle: Circle | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """What a message says in one language."""

    language: str
    category: str
    event: str
    urgency: str
    severity: str
    certainty: str
    onset: str
    """With its offset, as `stamp` writes it; so is `expires`."""
    expires: str
    sender: str
    headline: str
    description: str
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message. A cancellation says nothing but what it follows."""

    identifier: str
    sender: str
    sent: str
    status: str
    type: str
    note: str
    references: tuple[Reference, ...]
    infos: tuple[Info, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as the feed lists it; `address` is where it is read."""

    id: str
    title: str
    updated: str
    summary: str
    address: str


def stamp(moment: Moment, utc_offset: int) -> str:
    """An instant as the specification wants it: civil time and the offset, in minutes; UTC is `-00:00`."""
    sign, minutes = ("+", utc_offset) if utc_offset > 0 else ("-", -utc_offset)
    civil = f"{moments.civil_day(moment, utc_offset)}T{moments.civil_time(moment, utc_offset)}"
    return f"{civil}:{moment.seconds % 60:02}{sign}{minutes // 60:02}:{minutes % 60:02}"


def write(message: Message) -> bytes:
    """The message as XML in UTF-8: the same bytes for the same message."""
    _check(message)
    alert = ElementTree.Element("alert", {"xmlns": _CAP})
    _put(alert, "identifier", message.identifier)
    _put(alert, "sender", message.sender)
    _put(alert, "sent", message.sent)
    _put(alert, "status", message.status)
    _put(alert, "msgType", message.type)
    _put(alert, "scope", "Public")
    if message.note:
        _put(alert, "note", message.note)
    if message.references:
        _put(
            alert, "references", " ".join(f"{each.sender},{each.identifier},{each.sent}" for each in message.references)
        )
    for info in message.infos:
        _info(ElementTree.SubElement(alert, "info"), info)
    return _written(alert)


def feed(
    id: str, title: str, author: str, language: str, address: str, updated: str, entries: Iterable[Entry]
) -> bytes:
    """A feed of messages, each linked at its own address under the media type of CAP. `updated` is a canonical moment
    and stands where there is no entry."""
    listed = list(entries)
    made = ElementTree.Element("feed", {"xmlns": _FEED, "xml:lang": language})
    _put(made, "id", id)
    _put(made, "title", title)
    _put(made, "updated", max((each.updated for each in listed), default=updated))
    ElementTree.SubElement(made, "link", {"rel": "self", "type": ATOM, "href": address})
    _put(ElementTree.SubElement(made, "author"), "name", author)
    for each in listed:
        entry = ElementTree.SubElement(made, "entry")
        _put(entry, "id", each.id)
        _put(entry, "title", each.title)
        _put(entry, "updated", each.updated)
        _put(entry, "summary", each.summary)
        ElementTree.SubElement(entry, "link", {"rel": "alternate", "type": MEDIA_TYPE, "href": each.address})
    return _written(made)


def _info(into: ElementTree.Element, info: Info) -> None:
    """In the order that the schema sets."""
    _put(into, "language", info.language)
    _put(into, "category", info.category)
    _put(into, "event", info.event)
    _put(into, "urgency", info.urgency)
    _put(into, "severity", info.severity)
    _put(into, "certainty", info.certainty)
    _put(into, "onset", info.onset)
    _put(into, "expires", info.expires)
    _put(into, "senderName", info.sender)
    _put(into, "headline", info.headline[:_LONGEST_HEADLINE])
    _put(into, "description", info.description)
    for area in info.areas:
        _area(ElementTree.SubElement(into, "area"), area)


def _area(into: ElementTree.Element, area: Area) -> None:
    _put(into, "areaDesc", area.words)
    ring = rings.outline(area.ring) if area.ring else ()
    if ring:
        _put(into, "polygon", " ".join(_position(each) for each in ring))
    elif area.circle is not None:
        _put(into, "circle", f"{_position(area.circle.at)} {_decimal(area.circle.radius * 1_000)}")


def _position(at: Position) -> str:
    """Latitude first, which GeoJSON has last."""
    return f"{_decimal(at[1])},{_decimal(at[0])}"


def _decimal(millionths: int) -> str:
    """A decimal number without an exponent."""
    sign, size = "-" if millionths < 0 else "", abs(millionths)
    return f"{sign}{size // _MICRO}.{size % _MICRO:06}".rstrip("0").rstrip(".")


def _check(message: Message) -> None:
    """What we make keeps the rules; what does not is our own fault."""
    names = [message.identifier, message.sender, *(each.identifier for each in message.references)]
    for name in names:
        if not _NAME.fullmatch(name):
            raise Fault("an identifier of letters, digits, dots and hyphens", name[:80], "tell who made this program")
    if (message.type == ALERT) == bool(message.references):
        raise Fault(
            "an update or a cancellation that names what it follows", message.type, "tell who made this program"
        )


def _put(parent: ElementTree.Element, name: str, text: str) -> None:
    """An element with a text; what no XML may hold is left out of it."""
    ElementTree.SubElement(parent, name).text = _NOT_XML.sub("", text)


def _written(root: ElementTree.Element) -> bytes:
    encoded: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return encoded
