"""Drafts that programs bring over the REST API, and an officer's own signatures on them.

A token keeps drafts and never signs: filing and release open the officer's key with the officer's password, by the same
services as the desk. Other systems therefore bring drafts, and notices only of kinds that the instrument marks machine
feed (docs/decisions/0217).
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from mithaq.errors import Refusal
from mithaq.formats.rest import values
from mithaq.formats.rest.operations import READ, READ_TEXTS, SIGN
from mithaq.moments import Moment
from mithaq.notices import joint
from mithaq.notices.envelope import Reference
from mithaq.notices.fields import check_field, coarsen_field
from mithaq.notices.quarters import is_quarterly
from mithaq_node import queries
from mithaq_node.api.rest import Asked
from mithaq_node.queries import drafts, ledgers
from mithaq_node.services import clock, drafting, feeds, filing, once, reads, releasing, throttle
from mithaq_node.store.models import Draft, DraftState, Officer

_ID = re.compile("[0-9a-f]{32}")


def every(asked: Asked) -> values.Drafts:
    """Drafts that have not left: one's own, or with the scope to sign all of the desk."""
    after = asked.after(str, "")
    if after and not _ID.fullmatch(after):
        raise Refusal("api.bad-cursor", value=asked.given["after"])
    recounted = () if READ in asked.scopes else [each.name for each in queries.law().kinds if is_quarterly(each)]
    found = drafts.page(after, asked.limit + 1, _began(asked), recounted)
    page = found[: asked.limit]
    reads.draft_read(asked.officer)
    return values.Drafts(
        items=[_said(each) for each in page], next=asked.next(page[-1].pk) if len(found) > len(page) else None
    )


def one(asked: Asked) -> values.Draft:
    """One draft, or what has become of it."""
    found = _draft(asked)
    reads.draft_read(asked.officer, found.pk)
    return _said(found)


def create(asked: Asked) -> bytes:
    """Keep a new draft, once for each key."""
    return _once(asked, lambda: _kept(_save(asked, asked.body)))


def change(asked: Asked) -> values.DraftKept:
    """Put another content in the place of a draft's, if it stands as the program knows it."""
    return _kept(_save(asked, asked.body, _own(asked), _revision(asked)))


def drop(asked: Asked) -> None:
    """Drop a draft that is not filed."""
    drafting.delete_draft(draft_id=_own(asked).pk, officer=asked.officer)


def preview(asked: Asked) -> values.Preview:
    """The parts as they would leave, and what whoever releases must answer."""
    found = _draft(asked)
    if found.state == DraftState.RELEASED:
        raise Refusal("draft.wrong-state", state=found.state, deed="preview")
    kind = drafting.kind_for_officers(queries.law(), found.kind)
    if joint.is_assent(kind):  # its parts are those of the other side's text
        _require(asked, READ, READ_TEXTS)
    filed = found.state == DraftState.FILED
    parts = drafts.parts(found) if filed else drafting.parts_of(kind, found.content, drafting.references_of(found))
    said = values.Preview(
        parts=[
            values.PartPreview(retention=each.retention, size=len(each.body), content=json.loads(each.body))
            for each in parts
        ],
        passages=[
            values.Passage(
                id=each.id, field=each.field, finding=each.finding, words=each.words, reasons=list(each.reasons)
            )
            for each in drafting.questions(found)
        ],
    )
    reads.draft_read(asked.officer, found.pk)
    reads.draft_shown(asked.officer, kind, found)
    return said


def file(asked: Asked) -> values.DraftKept:
    """Sign as the first officer; asked again by the same officer, it is filed already."""
    found = _to_sign(asked)
    if found.state == DraftState.FILED and found.filed_by_id == asked.officer.pk:
        return _kept(found)
    with _signing(asked):
        return _kept(filing.file(draft_id=found.pk, officer=asked.officer, secret=asked.body.password, now=clock.now()))


def recall(asked: Asked) -> values.DraftKept:
    """Take back what one filed oneself."""
    return _kept(drafting.recall(draft_id=_draft(asked).pk, officer=asked.officer, now=clock.now()))


def hand_back(asked: Asked) -> values.DraftKept:
    """Give a filed draft back with a remark."""
    found = releasing.hand_back(
        draft_id=_draft(asked).pk, officer=asked.officer, remark=asked.body.remark, now=clock.now()
    )
    return _kept(found)


def release(asked: Asked) -> values.Released:
    """Sign as the second officer, or alone; asked again by the same officer, it is released already."""
    found, body = _to_sign(asked), asked.body
    if found.state == DraftState.RELEASED and found.released_by_id == asked.officer.pk:
        return values.Released(number=drafts.number(found))
    do = releasing.release_alone if body.alone else releasing.release
    with _signing(asked):
        number = do(
            draft_id=found.pk, officer=asked.officer, secret=body.password, now=clock.now(), answers=body.answers
        )
    return values.Released(number=number)


def feed(asked: Asked) -> bytes:
    """Log a notice of a machine kind, once for each key."""
    return _once(asked, lambda: values.Released(number=_publish(asked.body)))


def _publish(body: values.FeedNotice) -> str:
    return feeds.publish(
        kind=body.kind,
        content=body.content,
        now=clock.now(),
        references=[_reference(number) for number in body.refers],
        audience=body.audience,
    )


def _once(asked: Asked, do: Callable[[], msgspec.Struct]) -> bytes:
    request = f"{asked.operation.id}\0".encode() + asked.encoded
    key = asked.given["Idempotency-Key"]
    return once.once(token=asked.token, key=key, asked=request, do=lambda: msgspec.json.encode(do()))


def _save(asked: Asked, body: values.NewDraft, found: Draft | None = None, seen: int | None = None) -> Draft:
    _require_values(body)
    return drafting.save_draft(
        officer=asked.officer,
        kind=body.kind,
        content=body.content,
        now=clock.now(),
        references=[_reference(number) for number in body.refers],
        precedence=body.precedence or None,
        audience=body.audience,
        remark=body.remark,
        draft_id=found.pk if found else None,
        seen=seen,
    )


def _require_values(body: values.NewDraft) -> None:
    """Refuse what the kind would refuse at filing, except that something is still missing: no officer sits before a
    program to mend it, and the desk makes the draft's form of these values."""
    law = queries.law()
    kind = drafting.kind_for_officers(law, body.kind)
    for field in kind.fields:
        if field.name in body.content:
            check_field(coarsen_field(body.content[field.name], field, law), field, law)


def _revision(asked: Asked) -> int:
    """Which state of the draft the program knows; what was sent compressed has had its tag called weak."""
    return int(asked.given["If-Match"].removeprefix("W/").strip('"'))


def _draft(asked: Asked) -> Draft:
    """A draft that the token may open. The figures of a quarter are counted from the record: their draft holds such
    counts, and a refusal of other ones names what was counted here."""
    found = drafts.of_program(asked.given["draft"], _began(asked))
    if is_quarterly(queries.law().kind(found.kind)):
        _require(asked, READ)
    return found


def _to_sign(asked: Asked) -> Draft:
    """A draft that the token may open, to be filed or released. The figures that a seal is on are counted again then,
    and a refusal of other ones names what was counted here."""
    found = _draft(asked)
    kind = queries.law().kind(found.kind)
    if kind is not None and is_quarterly(drafts.kind_of_parts(kind, found)):
        _require(asked, READ)
    return found


def _own(asked: Asked) -> Draft:
    """A draft that is changed or dropped: its own officer's, also where the token may sign everybody's."""
    return drafts.of_program(asked.given["draft"], asked.officer)


def _require(asked: Asked, *scopes: str) -> None:
    missing = set(scopes) - asked.scopes
    if missing:
        raise Refusal("token.wrong-scope", scope=", ".join(sorted(missing)))


def _began(asked: Asked) -> Officer | None:
    """Whose drafts the token reads and signs: its own officer's, or with the scope to sign everybody's."""
    return None if SIGN in asked.scopes else asked.officer


def _reference(number: str) -> Reference:
    found = ledgers.notice(number)
    if found is None or found.leaf is None:
        raise Refusal("desk.no-notice", number=number)
    return Reference(log=found.log, id=found.leaf.header.id)


@contextmanager
def _signing(asked: Asked) -> Iterator[None]:
    """A password that comes with a token is counted as at the door: nobody tries them out.

    Another refusal may have come before the password was looked at, so it forgets no failure but its own.
    """
    name, by = asked.officer.name, f"token {asked.token.pk}"
    attempted = throttle.attempt(name, by)
    try:
        yield
    except Refusal as refusal:
        if refusal.code != "officer.wrong-secret":
            throttle.withdraw(attempted)
        raise
    throttle.succeeded(name, by)


def _kept(found: Draft) -> values.DraftKept:
    return values.DraftKept(id=found.pk, revision=found.revision, state=str(found.state))


def _said(found: Draft) -> values.Draft:
    return values.Draft(
        id=found.pk,
        kind=found.kind,
        state=str(found.state),
        number=drafts.number(found),
        revision=found.revision,
        precedence=found.precedence,
        audience=found.audience,
        content=dict(found.content),
        refers=[each.number for each in drafts.referred(found)],
        remark=found.remark,
        unread=list(found.unread),
        begun_by=found.begun_by.name,
        filed_by=found.filed_by.name if found.filed_by else "",
        changed=str(Moment(int(found.changed_at.timestamp()))),
    )
