"""The judge of deliveries, alone: first contact, keys that change, clocks that go back, facts that come late."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from mithaq.errors import Refusal
from mithaq.exchange import accept
from mithaq.exchange.accept import Acceptance, Broken, Held
from mithaq.exchange.delivery import Delivery, SentPart
from mithaq.instrument.law import Law
from mithaq.notices import conformance, drafting, signatures
from mithaq.notices.conformance import law_digest
from mithaq.notices.envelope import (
    Header,
    InForce,
    KeySet,
    Receipt,
    Reference,
    Revocation,
    key_set_text,
    parse,
    text_of,
)
from mithaq.notices.keys import key_of, with_signatures
from mithaq.notices.ledger import Ledger
from mithaq.notices.parts import Part
from mithaq.record import checkpoint, cosign, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.merkle import EMPTY_ROOT, Frontier
from tests.mithaq.notices.border import FIRE, plain_law, private_key

AT = "2031-03-01T00:00:00Z"
OFFICERS = (1, 2)


class Log:
    """A party's log as it grows, and what its deliveries are."""

    def __init__(self) -> None:
        self.law: Law = plain_law()
        self.party = self.law.parties[0]
        self.origin = self.law.origin(self.party.code)
        self.log_key = self.origin
        self.leaves: list[bytes] = []
        self.parts: dict[int, tuple[Part, ...]] = {}

    def key_set(self, version: int = 1, signed: bool = True, **change: object) -> bytes:
        names = [(self.origin, "log"), (f"{self.party.domain}/{self.law.id}/cosigner", "cosigner")]
        names += [(f"{self.party.domain}/node", "node")]
        names += [(f"{self.party.domain}/officer/{n}", "officer") for n in OFFICERS]
        first = {"add": [key_of(name, role, private_key(name).public) for name, role in names]}
        made = KeySet(version=version, **(change or first))
        if signed:
            roots = [f"{self.party.domain}/root/{n}" for n in range(1, self.party.threshold + 1)]
            text = key_set_text(self.origin, made)
            made = with_signatures(made, [note.sign(text, name, private_key(name)) for name in roots])
        return text_of(self.header("key-set", keyset=made))

    def header(self, kind: str, at: str = AT, **carried: object) -> Header:
        found = {
            "at": at,
            "id": f"{len(self.leaves):032x}",
            "kind": kind,
            "law": law_digest(self.law),
            "log": self.origin,
        }
        return Header(**(found | carried))  # type: ignore[arg-type]  # each caller gives what its kind carries

    def notice(self, at: str = AT, content: dict[str, object] | None = None) -> bytes:
        kind = self.law.kind("incident.initial")
        assert kind is not None
        parts = drafting.compile_draft(self.law, kind, content or FIRE, [b"\5" * 32] * 3)
        header = drafting.header_for(
            self.law,
            kind,
            parts,
            law_digest=law_digest(self.law),
            log=self.origin,
            id=f"{len(self.leaves):032x}",
            at=at,
        )
        first, second = (f"{self.party.domain}/officer/{n}" for n in OFFICERS)
        filed = drafting.sign_filing(header, at, first, private_key(first))
        self.parts[len(self.leaves)] = parts
        return drafting.sign_release(filed, at, second, private_key(second))

    def add(self, leaf: bytes) -> int:
        self.leaves.append(leaf)
        return len(self.leaves) - 1

    def delivery(self, start: int, parts: bool = True) -> Delivery:
        tree = merkle.Tree(map(merkle.leaf_hash, self.leaves))
        size = len(self.leaves)
        head = Checkpoint(self.origin, size, tree.root())
        sent = tuple(
            SentPart(index, number, part.salt, part.body)
            for index in range(start, size)
            for number, part in enumerate(self.parts.get(index, ()))
        )
        key = private_key(self.log_key)
        signed = note.join(head.text(), [note.sign(head.text(), self.origin, key)])
        proof = merkle.consistency_proof(start, size, tree.subtree)
        return Delivery(
            self.origin,
            start,
            start,
            size,
            0,
            AT,
            proof,
            signed,
            b"",
            tuple(self.leaves[start:]),
            sent if parts else (),
        )

    def empty(self) -> Held:
        return Held(self.origin, Frontier(), lambda _: EMPTY_ROOT)


@pytest.fixture
def log() -> Log:
    made = Log()
    made.add(made.key_set())
    return made


def taken(log: Log, held: Held, start: int, **changed: object) -> Held:
    """What is held after a delivery from `start` on."""
    return after(log, held, accept.judge(replace(log.delivery(start), **changed), held, log.law))  # type: ignore[arg-type]  # a field


def after(log: Log, held: Held, done: Acceptance) -> Held:
    tree = merkle.Tree(map(merkle.leaf_hash, log.leaves[: done.size]))
    return replace(
        held,
        frontier=done.frontier,
        root_at=tree.root,
        last_at=done.last_at,
        ring=done.ring,
        owed=done.owed,
        leaves=dict(enumerate(log.leaves)),
    )


def test_whoever_holds_the_law_needs_nothing_else_to_begin(log: Log) -> None:
    log.add(log.notice())
    done = accept.judge(log.delivery(0), log.empty(), log.law)
    assert (done.size, done.key_sets, len(done.parts), done.dropped) == (2, (0,), 1, 0)
    assert (done.owed.missing, done.owed.claims) == ((), ())


@pytest.mark.parametrize("first", ["unsigned", "a notice", "nonsense"])
def test_a_log_that_does_not_begin_with_a_key_set_of_its_roots_is_refused(first: str) -> None:
    log = Log()
    log.add({"unsigned": log.key_set(signed=False), "a notice": log.notice(), "nonsense": b"nonsense"}[first])
    with pytest.raises(Refusal, match=r"delivery\.no-first-key-set"):
        accept.judge(log.delivery(0), log.empty(), log.law)


def test_a_new_log_key_signs_from_its_own_leaf_on_and_the_old_one_no_more(log: Log) -> None:
    held = taken(log, log.empty(), 0)
    fresh = key_of(log.origin, "log", private_key("the second log key").public)
    log.add(log.key_set(2, add=[fresh], revoke=[Revocation(name=log.origin, since=1)]))
    with pytest.raises(Broken, match=r"delivery\.bad-checkpoint"):
        accept.judge(log.delivery(1), held, log.law)
    log.log_key = "the second log key"
    assert taken(log, held, 1).size == 2


def test_a_later_key_set_that_does_not_count_is_kept_and_named(log: Log) -> None:
    held = taken(log, log.empty(), 0)
    log.add(log.key_set(7, add=[]))
    done = accept.judge(log.delivery(1), held, log.law)
    assert done.owed.claims == ((1, "keys.wrong-version"),)
    assert done.ring == held.ring


def test_a_leaf_earlier_than_the_one_before_it_is_kept_and_named(log: Log) -> None:
    held = taken(log, log.empty(), 0)
    log.add(log.notice("2031-03-01T05:00:00Z"))
    log.add(log.notice("2031-03-01T04:00:00Z"))
    log.add(log.notice("2031-03-01T05:00:00Z"))
    done = accept.judge(log.delivery(1), held, log.law)
    assert done.owed.claims == ((2, "leaf.earlier-than-before"),)
    assert done.last_at == "2031-03-01T05:00:00Z"


def test_a_leaf_made_for_another_log_is_kept_and_named(log: Log) -> None:
    held = taken(log, log.empty(), 0)
    other = log.law.origin(log.law.parties[1].code)
    log.add(text_of(log.header("receipt", log=other)))
    done = accept.judge(log.delivery(1), held, log.law)
    assert (1, "leaf.other-log") in done.owed.claims


NOTHING = "0" * 64
"""The digest of no version."""


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"id": "0" * 32},
        {"kind": "receipt"},
        {"kind": "incident.initial"},
        {"release": "one"},
        {"at": "2031-02-01T00:00:00Z"},
        {"at": "9999-12-31T23:59:60Z"},
        {"at": "garbage"},
        {"id": "short"},
        {"log": "elsewhere.example/mithaq/all/1"},
        {"re": "itself"},
        {"law": "1" * 64},
    ],
    ids=str,
)
def test_the_door_and_the_fold_say_the_same_version_binds_a_party_that_enters_what_there_is_not(
    log: Log, said: dict[str, Any]
) -> None:
    served = law_digest(log.law)
    log.add(text_of(log.header("instrument", instrument=InForce(law=served, words=NOTHING))))
    log.add(text_of(log.header("instrument", instrument=InForce(law=NOTHING, words=NOTHING))))
    if "re" in said:
        said = {"re": [Reference(log=log.origin, id="0" * 32)]}
    third: dict[str, Any] = {
        "kind": "instrument",
        "law": NOTHING,
        "instrument": InForce(law="2" * 64, words=NOTHING),
    } | said
    log.add(text_of(log.header(**third)))
    done = accept.judge(log.delivery(0), log.empty(), log.law)
    ledger = Ledger(log.law)
    ledger.add_all(log.origin, 0, log.leaves)
    ledger.book()
    assert ledger.in_force() == {log.origin: done.in_force}
    assert done.in_force == ("2" * 64 if said in ({}, {"id": "0" * 32}) else NOTHING)


@pytest.mark.parametrize("at", ["garbage", "9999-12-31T23:59:60Z", ""])
def test_no_leaf_is_put_behind_what_is_no_moment_whatever_version_it_was_made_under(log: Log, at: str) -> None:
    served = law_digest(log.law)
    log.add(text_of(log.header("instrument", instrument=InForce(law=served, words=NOTHING))))
    log.add(text_of(log.header("instrument", instrument=InForce(law=NOTHING, words=NOTHING))))
    receipt = Receipt(log=log.law.origin(log.law.parties[1].code), size=0, root=NOTHING)
    log.add(text_of(log.header("receipt", law=NOTHING, at=at, receipt=receipt)))
    log.add(text_of(log.header("receipt", law=NOTHING, at=AT, receipt=receipt)))
    done = accept.judge(log.delivery(0), log.empty(), log.law)
    assert done.last_at == AT
    assert [code for index, code in done.owed.claims if index == 4] == ["leaf.version-not-held"]
    ledger = Ledger(log.law)
    ledger.add_all(log.origin, 0, log.leaves)
    book = ledger.book()
    assert [sorted(each.code for each in notice.refusals) for notice in book.in_order[-2:]] == [
        [code for index, code in done.owed.claims if index == place] for place in (3, 4)
    ]


def test_bytes_that_are_no_leaf_are_kept_and_named(log: Log) -> None:
    held = taken(log, log.empty(), 0)
    log.add(b"nonsense")
    log.add(b"x" * 60_000)
    done = accept.judge(log.delivery(1), held, log.law)
    assert done.entries == (b"nonsense", b"x" * 60_000)
    assert done.owed.claims == ((1, "leaf.not-a-notice"), (2, "leaf.too-large"))


@pytest.mark.parametrize("spoiled", [(), (2,), (1, 3, 4), (1, 2, 3, 4)])
def test_signatures_verified_together_say_what_each_says_alone(log: Log, spoiled: tuple[int, ...]) -> None:
    """Good and bad ones beside each other, of both officers; and every one of them is asked about."""
    held = taken(log, log.empty(), 0)
    for index in range(1, 5):
        leaf = log.notice()
        log.add(_spoiled(leaf, index % 2) if index in spoiled else leaf)
    asked: list[int] = []

    def backwards(claims: Sequence[signatures.Claim]) -> list[bool]:
        asked.append(len(claims))
        return signatures.one_by_one(claims[::-1])[::-1]

    done = accept.judge(log.delivery(1), held, log.law, backwards)
    alone = [
        (index, refusal.code)
        for index, leaf in enumerate(log.leaves[1:], 1)
        for refusal in conformance.judge(parse(leaf), index, log.parts[index][0].body, log.law, held.ring)
    ]
    assert asked == [8]
    assert done.owed.claims == tuple(alone) == tuple((index, "leaf.bad-signature") for index in spoiled)


def _spoiled(leaf: bytes, first: int) -> bytes:
    """The notice with another signature in the place of its first officer's or of its second's."""
    read = parse(leaf)
    domain = read.header.log.split("/", 1)[0]
    names = [f"{domain}/officer/{n}" for n in OFFICERS]
    if not first:
        return note.join(read.text, [note.sign(b"another text\n", names[1], private_key(names[1]))])
    assert read.header.filed is not None
    other = note.sign(b"another text\n", names[0], private_key(names[0])).base64()
    filed = msgspec.structs.replace(read.header.filed, sig=other)
    text = text_of(msgspec.structs.replace(read.header, filed=filed))
    return note.join(text, [note.sign(text, names[1], private_key(names[1]))])


def test_facts_that_come_late_are_judged_when_they_come(log: Log) -> None:
    held = taken(log, log.empty(), 0)
    log.add(log.notice())
    bad = Part("facts", b"\6" * 32, b'{"event":"unheard-of"}')
    log.parts[1] = (bad,)
    header = replace_parts(log, bad)
    log.leaves[1] = header
    before = after(log, held, accept.judge(log.delivery(1, parts=False), held, log.law))
    assert before.owed.missing == ((1, 0),)
    late = replace(log.delivery(2), parts=(SentPart(1, 0, bad.salt, bad.body),))
    done = accept.judge(late, before, log.law)
    assert done.owed.missing == ()
    assert {code for index, code in done.owed.claims if index == 1} > {code for _, code in before.owed.claims}


def replace_parts(log: Log, part: Part) -> bytes:
    """The notice of the second leaf with other facts, signed again."""
    kind = log.law.kind("incident.initial")
    assert kind is not None
    header = drafting.header_for(
        log.law, kind, (part,), law_digest=law_digest(log.law), log=log.origin, id=f"{1:032x}", at=AT
    )
    first, second = (f"{log.party.domain}/officer/{n}" for n in OFFICERS)
    return drafting.sign_release(
        drafting.sign_filing(header, AT, first, private_key(first)), AT, second, private_key(second)
    )


def test_a_part_that_our_log_says_is_erased_is_neither_kept_nor_missing(log: Log) -> None:
    log.add(log.notice(content=FIRE | {"account": {"lang": "en", "text": "example"}}))
    log.add(log.notice(content=FIRE | {"account": {"lang": "en", "text": "example"}}))
    held = replace(log.empty(), erased={"text": 2})
    done = accept.judge(log.delivery(0), held, log.law)
    assert [(part.index, part.number) for part in done.parts] == [(1, 0), (2, 0), (2, 1)]
    assert (done.owed.missing, done.dropped) == ((), 1)
    done = accept.judge(log.delivery(0, parts=False), held, log.law)
    assert done.owed.missing == ((1, 0), (2, 0), (2, 1))


def test_a_part_of_a_leaf_that_is_not_there_is_dropped(log: Log) -> None:
    log.add(log.notice())
    held = taken(log, log.empty(), 0)
    strange = (SentPart(1, 0, b"\5" * 32, b"{}"), SentPart(0, 0, b"\5" * 32, b"{}"), SentPart(99, 3, b"\5" * 32, b"{}"))
    done = accept.judge(replace(log.delivery(2), parts=strange), held, log.law)
    assert (done.parts, done.dropped, done.is_news) == ((), 3, False)


def test_a_delivery_that_overlaps_what_is_held_adds_only_what_is_new(log: Log) -> None:
    log.add(log.notice())
    held = taken(log, log.empty(), 0)
    log.add(log.notice())
    done = accept.judge(log.delivery(0), held, log.law)
    assert done.entries == (log.leaves[2],)


def test_a_checkpoint_for_another_size_than_the_delivery_says_is_refused_without_stopping(log: Log) -> None:
    held = taken(log, log.empty(), 0)
    log.add(log.notice())
    older = checkpoint.parse(note.split(log.delivery(0).checkpoint)[0])
    assert older.size == 2
    log.add(log.notice())
    sent = replace(log.delivery(1), checkpoint=checkpoint.sign(older, private_key(log.origin)))
    with pytest.raises(Refusal, match=r"delivery\.other-checkpoint") as refused:
        accept.judge(sent, held, log.law)
    assert not isinstance(refused.value, Broken)


def test_an_older_head_of_the_same_log_is_no_fork_and_another_is(log: Log) -> None:
    first = log.delivery(0)
    log.add(log.notice())
    held = taken(log, log.empty(), 0)
    assert accept.judge(first, held, log.law).size == 2
    forked = Checkpoint(log.origin, 1, b"\1" * 32)
    with pytest.raises(Broken, match=r"delivery\.fork"):
        accept.judge(replace(first, checkpoint=checkpoint.sign(forked, private_key(log.origin))), held, log.law)


def test_a_link_that_is_stopped_takes_nothing(log: Log) -> None:
    with pytest.raises(Refusal, match=r"link\.frozen"):
        accept.judge(log.delivery(0), replace(log.empty(), frozen="delivery.fork"), log.law)


def test_only_the_cosigners_own_signature_counts_as_its_cosignature(log: Log) -> None:
    head = Checkpoint(log.origin, 3, b"\1" * 32)
    name = "sa.example/example-2031/cosigner"
    key = private_key(name)
    line = cosign.cosign(head.text(), name, key, 1_930_000_000).line()
    verifier = note.Verifier(name, note.COSIGNATURE, key.public)
    assert len(accept.verified_cosignatures(line, head, verifier)) == 1
    assert not accept.verified_cosignatures(line, replace(head, size=4), verifier)
    other = note.Verifier(name, note.COSIGNATURE, private_key("another").public)
    assert not accept.verified_cosignatures(line, head, other)
