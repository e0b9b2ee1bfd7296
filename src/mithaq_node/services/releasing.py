"""Release: another officer signs, and the notice becomes an entry of the log in the same commit as the draft's end.

For each passage that the linter finds in the texts (`drafting.questions`) the officer answers with a reason, or hands
the draft back; the answers map a question's id to its reason, and count for exactly the text that was read.

From then on nothing of the draft remains here but who filed, who released and where the entry stands; the parts live in
the record alone, where they are erased when their time is over.
"""

from collections.abc import Mapping

import msgspec

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import joint, kept, suspending
from mithaq.notices.drafting import sign_release
from mithaq.notices.envelope import Header
from mithaq.notices.kept import Question
from mithaq.notices.parts import Part
from mithaq_node import queries
from mithaq_node.services import accounts, assenting, drafting, filing, sequencing, storage, texting
from mithaq_node.services.clock import as_datetime
from mithaq_node.services.moves import MOVES, Deed, check_officer, check_state
from mithaq_node.services.sequencing import Entry
from mithaq_node.store.models import Draft, Officer

NO_ANSWERS: Mapping[str, str] = {}


def release(
    *, draft_id: str, officer: Officer, secret: str, now: Moment, answers: Mapping[str, str] = NO_ANSWERS
) -> str:
    """Release a filed draft as its second officer; the spoken number of the notice.

    Refuses the officer who filed it, a draft that is not filed, a draft filed under another version of the law, one
    that would begin what is suspended by now, and a text with a passage that is not answered for (`release.…`).
    """
    return _publish(draft_id, officer, secret, now, Deed.RELEASE, answers)


def release_alone(
    *, draft_id: str, officer: Officer, secret: str, now: Moment, answers: Mapping[str, str] = NO_ANSWERS
) -> str:
    """Release a draft of a kind that one officer may release; another officer reviews it afterwards, and sees the
    answers."""
    return _publish(draft_id, officer, secret, now, Deed.RELEASE_ALONE, answers)


def hand_back(*, draft_id: str, officer: Officer, remark: str, now: Moment) -> Draft:
    """Give a filed draft back to be changed, with a remark that stays in this party; its signature is dropped."""
    check_officer(officer, Deed.HAND_BACK)
    remark = drafting.checked_remark(remark)
    if not remark:
        raise Refusal("draft.remark-needed", limit=drafting.LONGEST_REMARK)
    with storage.durable():
        draft = drafting.locked(draft_id)
        check_state(draft.state, Deed.HAND_BACK)
        drafting.forget_filing(draft)
        draft.remark = remark
        _move(draft, Deed.HAND_BACK, now)
    return draft


def _publish(draft_id: str, officer: Officer, secret: str, now: Moment, deed: Deed, answers: Mapping[str, str]) -> str:
    check_officer(officer, deed)
    queries.sealed().require_in_force(now)
    origin = drafting.origin(draft_id)
    opened = accounts.open_key(officer=officer, secret=secret, log=origin)
    with opened as key, sequencing.open_log(origin=origin, now=now) as log:
        draft = drafting.locked(draft_id)
        check_state(draft.state, deed)
        header, parts = _filed(draft, officer) if deed is Deed.RELEASE else _alone(draft, log.at)
        law = queries.law()
        kind = drafting.kind_for_officers(law, draft.kind)
        suspending.require_going_on(law, kind, header.precedence, str(log.at))
        stays = kept.settle(_asked(draft.kind, parts), answers)
        index = log.append(Entry(sign_release(header, str(log.at), officer.key_name, key, stays), parts))
        draft.parts.all().delete()
        draft.header, draft.content, draft.typed, draft.unread, draft.remark = b"", {}, b"", [], ""
        draft.released_by, draft.released_at, draft.entry = officer, as_datetime(log.at), index
        _move(draft, deed, log.at)
    return sequencing.spoken(origin, index)


def _asked(kind: str, parts: tuple[Part, ...]) -> tuple[Question, ...]:
    return kept.questions(drafting.kind_for_officers(queries.law(), kind), parts)


def _filed(draft: Draft, officer: Officer) -> tuple[Header, tuple[Part, ...]]:
    """What the first officer signed, exactly; nothing is compiled again."""
    header = msgspec.json.decode(bytes(draft.header), type=Header)
    if draft.filed_by_id == officer.pk:
        raise Refusal("leaf.same-officer", name=officer.key_name)
    if header.law != queries.sealed().law_digest:
        raise Refusal("draft.filed-under-other-law", draft=draft.id)
    if joint.is_assent(drafting.kind_for_officers(queries.law(), draft.kind)):
        assenting.repeated(header.re)  # refuses a text that was withdrawn or sealed since
    texting.require_timely(drafting.kind_for_officers(queries.law(), draft.kind), header.re)
    parts = tuple(Part(part.retention, bytes(part.salt), bytes(part.body)) for part in draft.parts.all())
    return header, parts


def _alone(draft: Draft, at: Moment) -> tuple[Header, tuple[Part, ...]]:
    kind = drafting.kind_for_officers(queries.law(), draft.kind)
    if kind.release != "one":
        raise Refusal("leaf.release-not-permitted", kind=draft.kind, release="one")
    return filing.compiled(draft, release="one", now=at)


def _move(draft: Draft, deed: Deed, now: Moment) -> None:
    draft.state = MOVES[deed].target or draft.state
    draft.changed_at = as_datetime(now)
    draft.save()
