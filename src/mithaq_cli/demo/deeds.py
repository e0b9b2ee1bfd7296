"""What a hand can do at its node: each deed calls one service of the desk, and answers with plain values."""

from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from typing import Any

from django.conf import settings

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.exchange import answer, delivery
from mithaq.exchange.delivery import HeldPart
from mithaq.exchange.session import Link
from mithaq.notices import numbers, roles
from mithaq.notices.desks import Arrangement, Desk, Rule
from mithaq.notices.drafting import compile_draft, header_for, sign_filing, sign_release
from mithaq.notices.envelope import Reference
from mithaq.record import checkpoint, merkle
from mithaq.record.checkpoint import Checkpoint
from mithaq_node import queries
from mithaq_node.carrier.line import Line
from mithaq_node.keystore import custody
from mithaq_node.queries import ledgers, rolls, shifts
from mithaq_node.services import (
    accounts,
    agreement,
    arranging,
    calling,
    clock,
    drafting,
    entering,
    feeds,
    filing,
    handing_over,
    noting,
    pairing,
    releasing,
    reviewing,
    sealing,
    seat,
    sequencing,
    taking_over,
)
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.taking_over import Found, SoundTest
from mithaq_node.settings import node as node_settings
from mithaq_node.store import log as record
from mithaq_node.store.models import Officer


def create_officer(name: str, role: str, secret: str, authority: str) -> None:
    accounts.create_officer(name=name, role=role, secret=secret, authority=authority)


def set_desks(desks: list[list[str]]) -> None:
    """The party's desks as (authority, name, officer), the main one first: crossings and flows go to the second, the
    rest to the main one; plans by no rule, so that the page says so. The public page is on, so that it can be seen."""
    made = [Desk(f"{authority}-1", authority, name, [officer]) for authority, name, officer in desks]
    kinds = queries.law().kinds
    crossing = [kind.name for kind in kinds if any(field.type == "crossing" for field in kind.fields)]
    others = [kind.name for kind in kinds if kind.name not in crossing and kind.role != roles.PLANS]
    rules = [Rule(made[1].id, kinds=crossing), Rule(made[0].id, kinds=others)]
    order = Arrangement(desks=made, main=made[0].id, rules=rules, public=True)
    arranging.arrange(arrangement=order, seen=0, by=None, now=clock.now())


def adopt(law_note: str, words_note: str) -> list[str]:
    """Put these seals beside those the node has; the parties whose seals it then has."""
    sealed = sealing.adopt(law_note=law_note.encode(), words_note=words_note.encode())
    return sorted(sealed.sealed_by)


def draft_key_set() -> str:
    return entering.draft_key_set().decode()


def enter_key_set(signed: str) -> str:
    return entering.enter_key_set(signed=signed.encode(), now=clock.now())


def enter_instrument() -> str:
    return entering.enter_instrument(now=clock.now())


def file(
    officer: str, secret: str, kind: str, content: Mapping[str, Any], references: Sequence[Mapping[str, str]]
) -> dict[str, str]:
    """Draft and file a notice; the `log` and `id` by which others can refer to it once it is released."""
    who = _officer(officer)
    draft = drafting.save_draft(
        officer=who,
        kind=kind,
        content=content,
        now=clock.now(),
        references=[Reference(log=each["log"], id=each["id"]) for each in references],
    )
    filing.file(draft_id=draft.id, officer=who, secret=secret, now=clock.now())
    return {"log": queries.law().origin(queries.own_party().code), "id": draft.id}


def release(officer: str, secret: str, draft: str) -> str:
    """Release a filed notice as its second officer; its spoken number."""
    return releasing.release(draft_id=draft, officer=_officer(officer), secret=secret, now=clock.now())


def release_alone(officer: str, secret: str, kind: str, content: Mapping[str, Any]) -> dict[str, str]:
    """Draft a notice and release it as one officer, where its kind allows that."""
    who = _officer(officer)
    draft = drafting.save_draft(officer=who, kind=kind, content=content, now=clock.now())
    number = releasing.release_alone(draft_id=draft.id, officer=who, secret=secret, now=clock.now())
    return {"log": queries.law().origin(queries.own_party().code), "id": draft.id, "number": number}


def review(officer: str, secret: str, number: str) -> str:
    """Confirm, as a second officer, what one officer released."""
    return reviewing.review(number=number, officer=_officer(officer), secret=secret, now=clock.now())


def publish(kind: str, content: Mapping[str, Any]) -> str:
    """Publish what a counting desk counted; its spoken number."""
    return feeds.publish(kind=kind, content=content, now=clock.now())


def take_over(officer: str, secret: str, remark: str) -> None:
    """Take over the watch of this desk: the alarm is played, and heard as often as it rang."""
    duty, rang = shifts.on_duty(), taking_over.draw_rings()
    handed = duty.handed.digest if duty and duty.handed else ""
    taking_over.take_over(
        officer=_officer(officer),
        secret=secret,
        found=Found(shifts.present().look, duty.shift if duty else 0, handed),
        sound=SoundTest(played=rang, heard=rang),
        remark=remark,
        drawn=drafting.new_id(),
        now=clock.now(),
    )


def note(officer: str, text: str, kind: str, office: str, subject: str) -> None:
    """Write a line into the watch log about this moment."""
    now = clock.now()
    noting.note(
        officer=_officer(officer),
        at=str(now),
        kind=kind,
        text=text,
        drawn=drafting.new_id(),
        now=now,
        office=office,
        subject=subject,
    )


def hand_over(officer: str, secret: str, remark: str) -> None:
    """Sign what is left to the next officer."""
    handing_over.hand_over(
        officer=_officer(officer),
        secret=secret,
        seen=shifts.present().look,
        remark=remark,
        drawn=drafting.new_id(),
        now=clock.now(),
    )


def pair(card: str) -> str:
    """Take the counterpart's card; its fingerprint."""
    theirs = pairing.read_card(encoded=card.encode(), law=queries.law(), own_party=settings.NODE.party)
    pairing.keep(node=node_settings.read(settings.NODE.folder, {}), card=theirs)
    return theirs.fingerprint


def agree() -> str | None:
    """State the digest of the common state; None where nothing is new."""
    return agreement.publish(now=clock.now())


def moment() -> str:
    """The node's present."""
    return str(clock.now())


def standing() -> dict[str, Any]:
    """How much this node holds of each log, how much of it both sides have cosigned, and which logs are stopped."""
    law = queries.law()
    logs = rolls.logs(law)
    return {
        "sizes": {log.origin: log.size for log in logs},
        "cut": {origin: size for origin, size in ledgers.cut_of_both().items() if size},
        "frozen": sorted(log.origin for log in logs if log.frozen),
    }


def digest_at(cut: Mapping[str, int]) -> str:
    """The digest of the state at a cut, as this node computes it."""
    return ledgers.digest_at(cut)


def notices() -> list[dict[str, Any]]:
    """Every notice in the book: its number, kind, whether it conforms, and how far it came with each addressee."""
    return [
        {
            "number": number,
            "kind": notice.kind,
            "party": notice.party,
            "conforms": notice.conforms,
            "delivered": all(ladder.delivered is not None for ladder in notice.ladder.values()),
            "readable": all(ladder.readable is not None for ladder in notice.ladder.values()),
        }
        for number, notice in sorted(ledgers.book().notices.items())
    ]


def backdate(
    duty: Mapping[str, str], releasing: Mapping[str, str], kind: str, content: Mapping[str, Any], hours: int
) -> str:
    """What only a changed program does: log a notice whose moment lies `hours` before the log's last one.

    Both officers sign it properly, and it goes around the check that every append makes; its spoken number.
    """
    first, second = _officer(duty["name"]), _officer(releasing["name"])
    instrument = queries.sealed()
    origin = sequencing.own_origin()
    filing_key = accounts.open_key(officer=first, secret=duty["password"], log=origin)
    releasing_key = accounts.open_key(officer=second, secret=releasing["password"], log=origin)
    with filing_key as filer, releasing_key as releaser, sequencing.open_log(origin=origin, now=clock.now()) as log:
        stated = str(moments.Moment(log.at.seconds - hours * 3_600))
        defined = drafting.kind_for_officers(instrument.law, kind)
        parts = compile_draft(instrument.law, defined, content, drafting.salts())
        header = header_for(
            instrument.law, defined, parts,
            law_digest=instrument.law_digest, log=origin, id=drafting.new_id(), at=stated, release="two",
        )  # fmt: skip
        filed = sign_filing(header, stated, first.key_name, filer)
        leaf = sign_release(filed, stated, second.key_name, releaser)
        conn, engine = sequencing.reader()
        row = record.lock(conn, engine, origin)
        record.extend(conn, engine, row, [leaf], row.last_at, ())
        record.hold_parts(
            conn, engine, row, [HeldPart(row.size, number, part) for number, part in enumerate(parts)], row.last_at
        )
    return numbers.spoken(queries.own_party().code, row.size)


def fork(to: str) -> dict[str, Any]:
    """What a node set back to an old copy does: sign another history of the log's length, and deliver its head.

    In that history the last entry is another one. What the other side answers.
    """
    taken = seat.take(settings.NODE.folder, {})
    holdings, peer = Holdings(taken), taken.peers[to]
    try:
        own = holdings.secure()
        tree = holdings.tree(own)
        leaves = record.read_entries(holdings.conn, holdings.engine, own, own.size - 1, own.size)
        hashes = [tree.subtree(index, index + 1) for index in range(own.size - 1)] + [
            merkle.leaf_hash(leaves[0] + b" ")
        ]
        root = merkle.Frontier().extend(hashes).root()
        now = clock.now()
        sent = delivery.Delivery(
            log=own.origin, start=own.size, old=own.size, size=own.size, held=0, time=str(now), proof=(),
            checkpoint=checkpoint.sign(Checkpoint(own.origin, own.size, root), taken.keys.log), cosignatures=b"",
            entries=(),
        )  # fmt: skip
        body = delivery.encode(sent)
        keys = taken.folder / "keys"
        shown = keys / custody.TLS_CERTIFICATE, keys / custody.TLS_KEY, custody.tls_password(keys)
        line = Line(peer.url, peer.certificate, *shown)
        link = Link(held=own.size)
        fields = calling.signed_fields(holdings, peer, body, link, now.seconds)
        try:
            _, answered = line.post(calling.DELIVER, body, fields)
        except (OSError, HTTPException) as error:
            raise Refusal("demo.failed", reason=str(error)) from error
        finally:
            line.close()
        return {"size": own.size, "code": answer.decode(answered, taken.law.limits).code}
    finally:
        holdings.close()


def _officer(name: str) -> Officer:
    return Officer.objects.get(name=name)


DEEDS: Mapping[str, Callable[..., Any]] = {
    deed.__name__: deed
    for deed in (
        create_officer, set_desks, adopt, draft_key_set, enter_key_set, enter_instrument, file, release, release_alone,
        review, publish, take_over, note, hand_over, pair, agree, moment, standing, digest_at, notices, backdate, fork,
    )
}  # fmt: skip
