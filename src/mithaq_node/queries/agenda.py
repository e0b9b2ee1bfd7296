"""What is open now, by the subjects that a call to a meeting may name."""

from collections.abc import Mapping
from dataclasses import dataclass

from mithaq.followup import agenda, report
from mithaq.followup.meetings import ANSWERED, CALLED
from mithaq.followup.report import Paper, Point
from mithaq.instrument.law import Kind, Text
from mithaq_node.queries import instrument, ledgers

AGENDA = "agenda"
"""The field of a call and of an answer that names the subjects."""

MOST_SHOWN = 12
"""Points of one subject beside a form; the agenda pack holds them all."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject, and what is open under it."""

    subject: str
    points: tuple[tuple[Point, Text | None], ...]
    """Each point, and the words of its commitment where it is one."""

    @property
    def shown(self) -> tuple[tuple[Point, Text | None], ...]:
        return self.points[:MOST_SHOWN]

    @property
    def more(self) -> int:
        """How many points are not shown."""
        return len(self.points) - len(self.shown)

    @property
    def count(self) -> int:
        return sum(point.count for point, _ in self.points)


@dataclass(frozen=True, slots=True)
class Offer:
    """What an officer is offered who fills in an agenda."""

    topics: tuple[Topic, ...]
    pressing: tuple[str, ...]
    """The subjects that this node proposes."""

    @property
    def counts(self) -> Mapping[str, int]:
        return {topic.subject: topic.count for topic in self.topics}


def offered(kind: Kind, now: str) -> Offer | None:
    """What is open at `now` for the agenda of a notice of this kind; None where the kind has none."""
    field = next((each for each in kind.fields if each.name == AGENDA), None)
    if field is None or not {CALLED, ANSWERED}.intersection(kind.facets):
        return None
    law = instrument.law()
    parties = (party.code for party in instrument.parties())
    found = report.report(Paper.AGENDA, ledgers.book(), law, parties, now)
    open_now = agenda.offered(found, law.codes.get(field.codes, ()))
    measures = {each.id: each.measure for each in law.commitments}
    topics = (
        Topic(subject, tuple((point, measures.get(point.name)) for point in points))
        for subject, points in open_now.items()
    )
    return Offer(tuple(topics), tuple(agenda.pressing(open_now, field.limit)))
