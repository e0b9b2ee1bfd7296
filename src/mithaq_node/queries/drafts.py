"""Drafts of this party: what is being written, what awaits its second officer."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind
from mithaq.notices import joint, numbers
from mithaq.notices.book import Notice
from mithaq.notices.parts import Part
from mithaq_node.queries import instrument, ledgers
from mithaq_node.store.models import Draft, DraftState, Officer, Template

UNFINISHED = (DraftState.BEGUN, DraftState.HANDED_BACK)


def draft(draft_id: str) -> Draft:
    """A draft that is not released; refuses one that is not there."""
    found = Draft.objects.filter(pk=draft_id).exclude(state=DraftState.RELEASED).first()
    if found is None:
        raise Refusal("draft.unknown", draft=draft_id[:40])
    return found


def of_program(draft_id: str, officer: Officer | None) -> Draft:
    """A draft in any state, also what is left of a released one; only of those that `officer` began, where one is
    named. Refuses any other as one that is not there."""
    found = Draft.objects.filter(pk=draft_id).select_related("begun_by", "filed_by").first()
    if found is None or (officer is not None and found.begun_by_id != officer.pk):
        raise Refusal("draft.unknown", draft=draft_id[:40])
    return found


def page(after: str, most: int, officer: Officer | None, without: Iterable[str] = ()) -> tuple[Draft, ...]:
    """Drafts that have not left, by identifier, from behind `after`; only those that `officer` began, where one is
    named, and none of the kinds in `without`."""
    found = Draft.objects.exclude(state=DraftState.RELEASED).exclude(kind__in=tuple(without))
    found = found.filter(pk__gt=after).order_by("pk")
    chosen = found if officer is None else found.filter(begun_by=officer)
    return tuple(chosen.select_related("begun_by", "filed_by")[:most])


def number(found: Draft) -> str:
    """The spoken number of the notice that a draft has become; empty while it has not."""
    own = instrument.own_party().code
    return "" if found.entry is None else numbers.spoken(own, found.entry, found.audience)


def content(draft_id: str) -> Mapping[str, Any]:
    """The values of a draft that is not filed; empty for any other and for one that is not there."""
    found = Draft.objects.filter(pk=draft_id, state__in=UNFINISHED).first()
    return dict(found.content) if found else {}


def released_as(draft_id: str) -> str | None:
    """The spoken number of the notice that a draft has become; None while it is a draft, or none."""
    if not Draft.objects.filter(pk=draft_id, state=DraftState.RELEASED).exists():
        return None
    own = instrument.own_party().code
    found = (each for each in ledgers.book().in_order if each.party == own and each.leaf is not None)
    return next((each.number for each in found if each.leaf and each.leaf.header.id == draft_id), None)


def templates(officer: Officer, kind: str = "") -> tuple[Template, ...]:
    """The templates of the desk and of this officer, of one kind or of all."""
    found = Template.objects.filter(Q(shared=True) | Q(made_by=officer)).select_related("made_by")
    return tuple(found.filter(kind=kind) if kind else found)


def unfinished() -> tuple[Draft, ...]:
    """Drafts begun or handed back, the last changed first."""
    return tuple(Draft.objects.filter(state__in=UNFINISHED).select_related("begun_by").order_by("-changed_at"))


def filed() -> tuple[Draft, ...]:
    """Drafts that await release, the longest waiting first."""
    return tuple(Draft.objects.filter(state=DraftState.FILED).select_related("filed_by").order_by("filed_at"))


def waiting() -> int:
    """How many drafts await release."""
    return Draft.objects.filter(state=DraftState.FILED).count()


def parts(found: Draft) -> tuple[Part, ...]:
    """The parts of a filed draft, exactly as committed to."""
    return tuple(Part(part.retention, bytes(part.salt), bytes(part.body)) for part in found.parts.all())


def referred(found: Draft) -> Iterable[Notice]:
    """The notices that a draft refers to, as far as they are held."""
    wanted = {(each["log"], each["id"]) for each in found.references}
    if not wanted:
        return ()
    notices = ledgers.book().in_order
    return tuple(each for each in notices if each.leaf and (each.log, each.leaf.header.id) in wanted)


def under_way() -> Mapping[tuple[str, str, str], Draft]:
    """Every draft that has not left, by its kind and the log and identifier of what it refers to."""
    waiting = Draft.objects.exclude(state=DraftState.RELEASED).order_by("changed_at")
    return {(found.kind, each["log"], each["id"]): found for found in waiting for each in found.references}


def kind_of_parts(kind: Kind, found: Draft) -> Kind:
    """The kind whose fields the parts of a draft have: its own, or that of the joint text that it seals."""
    if not joint.is_assent(kind):
        return kind
    sealed = (instrument.law_of(each.leaf).kind(each.kind) for each in referred(found))
    return next((each for each in sealed if each is not None), kind)
