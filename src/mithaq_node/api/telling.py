"""What the record says, as the values that the REST API sends."""

from collections.abc import Iterable, Mapping
from typing import Any

from mithaq.followup.meetings import Meeting
from mithaq.formats.rest import values
from mithaq.instrument.law import Crossing
from mithaq.instrument.statement import Statement
from mithaq.notices import book
from mithaq.notices.clocks import clock_display, seconds_left
from mithaq.notices.parts import FACTS
from mithaq_node.queries import commitments, crossings, incidents, instrument


def notice(found: book.Notice) -> values.Notice:
    """A notice as it stands in a list."""
    return values.Notice(**_notice(found))


def whole(view: incidents.NoticeView, *, with_texts: bool) -> values.NoticeWhole:
    """A notice with its parts; those that are not coded stay closed without `with_texts`."""
    return values.NoticeWhole(
        **_notice(view.notice),
        officers=list(view.officers),
        parts=[_part(each, with_texts) for each in view.parts if each.retention != FACTS],
        clocks=[clock(each.clock) for each in view.clocks],
    )


def incident(found: book.Incident) -> values.Incident:
    """An incident with both accounts."""
    return values.Incident(
        number=found.number,
        state=str(found.state),
        party=found.party,
        opened=found.opened_at,
        notices=[each.number for each in found.notices],
        accounts={
            party: {name: values.Account(value=said.value, number=said.number) for name, said in account.items()}
            for party, account in found.accounts.items()
        },
        differences=[each.field for each in found.differences],
        clocks=[clock(each) for each in found.clocks],
        closed_by=sorted(found.closed_by),
    )


def clock(found: book.Clock) -> values.Clock:
    """A clock as the record has it."""
    return values.Clock(**_clock(found))


def clock_now(found: book.Clock, now: str) -> values.ClockNow:
    """A clock as it stands at `now`."""
    return values.ClockNow(**_clock(found), state=str(clock_display(found, now)), seconds_left=seconds_left(found, now))


def crossing(view: crossings.CrossingView) -> values.Crossing:
    """A crossing, direction by direction."""
    found: Crossing = view.crossing
    return values.Crossing(
        id=found.id,
        sector=found.sector,
        carries=list(found.carries),
        mismatch=view.mismatch,
        lines=[
            values.Line(
                direction=line.direction,
                traffic=line.traffic,
                mismatch=line.state is not None and line.state.mismatch,
                statements=_statements(line.state.statements.values() if line.state else ()),
                ahead=_statements(line.ahead),
            )
            for line in view.lines
        ],
    )


def commitment(line: commitments.Line) -> values.Commitment:
    """A commitment with the score of each column."""
    found = line.standing.commitment
    return values.Commitment(
        id=found.id,
        article=found.article,
        owners=list(found.owners),
        measure=dict(found.measure),
        evidence=found.evidence,
        due=found.due,
        needs=list(found.needs),
        waits_for=[each.commitment.id for each in line.waits_for],
        scores=[
            values.Score(
                column=cell.column or "committee",
                score=cell.score,
                number=cell.statement.number if cell.statement else None,
                at=cell.statement.at if cell.statement else None,
            )
            for cell in line.cells
        ],
        differs=line.differs,
        slow=line.slowdown is not None,
    )


def meeting(found: Meeting, now: str) -> values.Meeting:
    """A meeting with what it decided, and each party's score of that at `now`."""
    parties = [party.code for party in instrument.parties()]
    return values.Meeting(
        number=found.number,
        party=found.call.party,
        state=str(found.state),
        starts=found.proposal.starts,
        venue=found.proposal.venue,
        proposed_by=found.proposal.party,
        accepted=sorted(found.accepted),
        agenda={party: list(subjects) for party, subjects in found.agenda.items()},
        held=[each.number for each in found.held],
        statements=[each.number for each in found.statements],
        decisions=[
            values.Decision(
                number=each.number,
                party=each.party,
                at=each.at,
                facts=dict(each.facts),
                scores={party: each.standing.score(party, now) for party in parties},
            )
            for each in found.decisions
        ],
    )


def _notice(found: book.Notice) -> dict[str, Any]:
    return {
        "number": found.number,
        "party": found.party,
        "kind": found.kind,
        "role": found.role,
        "precedence": found.precedence,
        "release": found.release,
        "at": found.at,
        "log": found.log,
        "index": found.index,
        "facts": _facts(found.facts),
        "stated": _facts(found.stated),
        "conforms": found.conforms,
        "refused_for": [each.code for each in found.refusals],
        "refers": list(found.refers),
        "thread": found.thread,
        "ladder": {addressee: _ladder(each) for addressee, each in found.ladder.items()},
        "corrected_by": list(found.corrected_by),
        "withdrawn_by": found.withdrawn_by,
    }


def _clock(found: book.Clock) -> dict[str, Any]:
    return {
        "id": found.id,
        "notice": found.notice,
        "party": found.party,
        "started": found.started,
        "due": None if found.has_no_due else found.due,
        "left": found.left if found.has_no_due else None,
        "stood": [(begin, end or None) for begin, end in found.stood],
        "stopped": found.stopped,
        "stopped_by": found.stopped_by,
        "disputed": found.disputed,
        "voided": found.voided,
    }


def _facts(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if found is None else dict(found)


def _ladder(found: book.Ladder) -> values.Ladder:
    sealed = _step(found.sealed)
    assert sealed is not None  # every notice stands in a log
    return values.Ladder(
        sealed=sealed,
        delivered=_step(found.delivered),
        readable=_step(found.readable),
        opened=_step(found.opened),
        answered=_step(found.answered),
    )


def _step(found: book.Step | None) -> values.Step | None:
    return None if found is None else values.Step(log=found.log, index=found.index, at=found.at)


def _part(found: incidents.Part, with_texts: bool) -> values.Part:
    state = "erased" if found.erased else "missing" if found.body is None else "held" if with_texts else "closed"
    return values.Part(
        number=found.number,
        retention=found.retention,
        size=found.size,
        commitment=found.commitment,
        state=state,
        content=dict(found.values) if state == "held" else None,
    )


def _statements(found: Iterable[Statement]) -> list[values.Statement]:
    return [
        values.Statement(party=each.party, number=each.number, at=each.at, facts=dict(each.facts)) for each in found
    ]
