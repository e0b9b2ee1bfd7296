"""Templates: what was typed into a form, kept under a name, to begin other drafts of the kind from.

A template is of the officer who made it, or of the desk. It is never compiled and never leaves: a draft begun from
it is typed, judged, filed and released like any other. When and where something happened are left out unless they are
asked for, because a template that is used in a hurry should not say them wrongly.
"""

from collections.abc import Mapping

from django.db import IntegrityError
from django.db.models import Q

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind
from mithaq.moments import Moment
from mithaq.notices.fields.texts import has_hidden
from mithaq_node import queries
from mithaq_node.services import drafting, storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.services.moves import Deed, check_officer
from mithaq_node.store.models import Officer, Template

LONGEST_NAME = 80
_TIMES = frozenset({"moment", "interval", "day"})
_PLACES = frozenset({"place", "sector", "crossing"})


def keep(
    *,
    officer: Officer,
    kind: str,
    name: str,
    typed: drafting.Typed,
    precedence: str,
    now: Moment,
    shared: bool = False,
    with_times: bool = False,
    with_places: bool = False,
) -> Template:
    """A new template of what is typed in a form, right or wrong.

    Refuses a name that is empty, too long, holds hidden characters or is taken for this kind, and an officer who writes
    no drafts.
    """
    check_officer(officer, Deed.SAVE)
    law = queries.law()
    defined = drafting.kind_for_officers(law, kind)
    if precedence not in law.precedence:
        raise Refusal("leaf.unknown-precedence", precedence=precedence[:40])
    left_out = (frozenset() if with_times else _TIMES) | (frozenset() if with_places else _PLACES)
    made = Template(
        kind=kind,
        name=_checked(name),
        typed=drafting.encoded(_without(typed, defined, left_out), law),
        precedence=precedence,
        made_by=officer,
        shared=shared,
        changed_at=as_datetime(now),
    )
    _save(made)
    return made


def rename(*, template_id: int, officer: Officer, name: str, now: Moment) -> Template:
    """Give a template another name; of the desk's, everybody may who writes drafts."""
    check_officer(officer, Deed.SAVE)
    found = of(officer, template_id)
    found.name, found.changed_at = _checked(name), as_datetime(now)
    _save(found)
    return found


def drop(*, template_id: int, officer: Officer) -> None:
    """Delete a template; nothing of it remains."""
    check_officer(officer, Deed.SAVE)
    with storage.durable():
        of(officer, template_id).delete()


def of(officer: Officer, template_id: int) -> Template:
    """A template of this officer or of the desk; refuses any other as one that is not there."""
    found = Template.objects.filter(Q(shared=True) | Q(made_by=officer), pk=template_id).first()
    if found is None:
        raise Refusal("template.unknown")
    return found


def _save(template: Template) -> None:
    try:
        with storage.durable():
            template.save()
    except IntegrityError as error:
        raise Refusal("template.name-taken", name=template.name) from error


def _checked(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or has_hidden(plain):
        raise Refusal("template.name-needed", limit=LONGEST_NAME)
    return plain


def _without(typed: drafting.Typed, kind: Kind, types: frozenset[str]) -> dict[str, Mapping[str, list[str]]]:
    kept = {field.name for field in kind.fields if field.type not in types}
    return {name: said for name, said in typed.items() if name in kept}
