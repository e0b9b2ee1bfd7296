"""What programs read of the record over the REST API: coded facts, and with a scope of its own what is not coded."""

from collections.abc import Callable
from typing import Any

from mithaq.errors import Refusal
from mithaq.formats.rest import values
from mithaq.formats.rest.operations import READ_TEXTS
from mithaq.instrument import law
from mithaq.moments import Moment
from mithaq.notices import book
from mithaq.notices.book import due_first
from mithaq.notices.fields import part_schema
from mithaq_node import queries
from mithaq_node.api import telling
from mithaq_node.api.rest import Asked, cursor
from mithaq_node.queries import commitments, crossings, incidents, ledgers, meetings, walking
from mithaq_node.services import clock, outward, reads


def bearer(asked: Asked) -> values.Bearer:
    """Whose token this is."""
    token, sealed = asked.token, queries.sealed()
    return values.Bearer(
        officer=token.officer.name,
        role=token.officer.role,
        authority=token.officer.authority,
        scopes=sorted(asked.scopes),
        expires=str(Moment(int(token.expires_at.timestamp()))),
        party=queries.own_party().code,
        instrument=sealed.law.id,
        law=sealed.law_digest,
        now=_now(),
    )


def kinds(asked: Asked) -> values.Kinds:
    """The kinds of the instrument in force."""
    return values.Kinds(items=[values.Kind(**_kind(each)) for each in queries.law().kinds])


def kind(asked: Asked) -> values.KindDescribed:
    """One kind, with a schema for each part of its notices."""
    known, name = queries.law(), asked.given["kind"]
    found = known.kind(name)
    if found is None:
        raise Refusal("api.no-kind", kind=name)
    parts = dict.fromkeys(field.part for field in found.fields)
    return values.KindDescribed(**_kind(found), parts={part: part_schema(found, part, known) for part in parts})


def notices(asked: Asked) -> values.Notices:
    """Notices in the order of each log."""
    party, kind = asked.given.get("party"), asked.given.get("kind")
    found = _walked(asked, lambda each: party in (None, each.party) and kind in (None, each.kind))
    reads.list_read(asked.officer, "notices")
    return values.Notices(
        items=[telling.notice(each) for each in found.notices],
        next=asked.next(walking.written(found.place)) if found.more else None,
        cursor=cursor(walking.written(found.place)),
    )


def notice(asked: Asked) -> values.NoticeWhole:
    """One notice; what of it is not coded is written down as read before it is sent."""
    view = incidents.notice(asked.given["number"], _now())
    with_texts = READ_TEXTS in asked.scopes
    reads.list_read(asked.officer, "notices")
    if with_texts:
        reads.shown(asked.officer, [view])
    return telling.whole(view, with_texts=with_texts)


def proof(asked: Asked) -> bytes:
    """The proof of one notice as a file."""
    number = incidents.notice(asked.given["number"], _now()).notice.number
    reads.list_read(asked.officer, "notices")
    return outward.proof(number=number)


def incidents_of(asked: Asked) -> values.Incidents:
    """Incidents in the order in which each was opened in its log."""
    every = ledgers.book().incidents
    party, state = asked.given.get("party"), asked.given.get("state")

    def keeps(each: book.Notice) -> bool:
        found = every.get(each.number)
        return found is not None and party in (None, found.party) and state in (None, str(found.state))

    found = _walked(asked, keeps)
    reads.list_read(asked.officer, "incidents")
    return values.Incidents(
        items=[telling.incident(every[each.number]) for each in found.notices],
        next=asked.next(walking.written(found.place)) if found.more else None,
        cursor=cursor(walking.written(found.place)),
    )


def incident(asked: Asked) -> values.Incident:
    """The incident to which a notice belongs."""
    number, known = asked.given["number"], ledgers.book()
    member = known.notices.get(number)
    found = known.incidents.get(member.thread) if member else None
    if found is None:
        raise Refusal("desk.no-incident", number=number)
    reads.list_read(asked.officer, "incidents")
    return telling.incident(found)


def clocks(asked: Asked) -> values.Clocks:
    """What somebody owes, what is due first in front."""
    behind = asked.after(tuple[str, str, str, str], ("", "", "", ""))
    party, now = asked.given.get("party"), _now()
    found = [each for each in ledgers.book().running if due_first(each) > behind and party in (None, each.party)]
    page = found[: asked.limit]
    more = len(found) > len(page)
    reads.list_read(asked.officer, "clocks")
    return values.Clocks(
        items=[telling.clock_now(each, now) for each in page], next=asked.next(due_first(page[-1])) if more else None
    )


def crossings_of(asked: Asked) -> values.Crossings:
    """Every crossing."""
    found = crossings.crossings(_now())
    reads.list_read(asked.officer, "crossings")
    return values.Crossings(items=[telling.crossing(each) for each in found])


def crossing(asked: Asked) -> values.Crossing:
    """One crossing."""
    found = crossings.crossing(asked.given["crossing"], _now())
    reads.list_read(asked.officer, "crossings")
    return telling.crossing(found)


def commitments_of(asked: Asked) -> values.Commitments:
    """Every commitment."""
    found = commitments.lines(_now())
    reads.list_read(asked.officer, "commitments")
    return values.Commitments(items=[telling.commitment(each) for each in found])


def commitment(asked: Asked) -> values.Commitment:
    """One commitment."""
    found, *_ = commitments.commitment(asked.given["commitment"], _now())
    reads.list_read(asked.officer, "commitments")
    return telling.commitment(found)


def meetings_of(asked: Asked) -> values.Meetings:
    """Meetings, from behind the one whose number the cursor names."""
    every, behind = meetings.every(), asked.after(str, "")
    places = [place for place, each in enumerate(every, 1) if each.number == behind]
    if behind and not places:
        raise Refusal("api.bad-cursor", value=asked.given["after"])
    start = places[0] if places else 0
    page, now = every[start : start + asked.limit], _now()
    more = len(every) > start + len(page)
    reads.list_read(asked.officer, "meetings")
    return values.Meetings(
        items=[telling.meeting(each, now) for each in page], next=asked.next(page[-1].number) if more else None
    )


def meeting(asked: Asked) -> values.Meeting:
    """The meeting that a notice called."""
    found = meetings.one(asked.given["number"])
    reads.list_read(asked.officer, "meetings")
    return telling.meeting(found, _now())


def _walked(asked: Asked, keeps: Callable[[book.Notice], bool]) -> walking.Stretch:
    place = walking.place(asked.after(dict[str, int], {}))
    if place is None:
        raise Refusal("api.bad-cursor", value=asked.given["after"])
    return walking.walk(place, asked.limit, keeps)


def _kind(found: law.Kind) -> dict[str, Any]:
    return {
        "name": found.name,
        "role": found.role,
        "release": found.release,
        "precedence": found.precedence,
        "refers": list(found.refers),
        "label": dict(queries.words().labels.get(f"kind.{found.name}", {})),
    }


def _now() -> str:
    return str(clock.now())
