"""The end of a term: what is due, what an `erased` leaf may say, and that nothing which is state follows from it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.moments import DAY, Moment
from mithaq.notices import retention
from mithaq.notices.envelope import Erased, Leaf
from mithaq.notices.parts import Part
from mithaq.notices.versions import Versions
from mithaq.record import merkle
from tests.mithaq.notices.border import FIRE, START, Border, Side

TOLD = FIRE | {"account": {"lang": "en", "text": "example"}}
DAYS = {"text": 365, "exact": 30}


def after(days: float) -> Moment:
    return Moment(moments.parse(START).seconds + int(days * DAY))


def terms(border: Border) -> retention.TermsOf:
    return Versions.of(border.law).terms_of


def due(border: Border, side: Side, days: float, most: int = 1000) -> list[tuple[str, str, int]]:
    found = retention.due(border.book(), border.law, terms(border), side.code, after(days), most)
    return [(each.log, each.retention, each.size) for each in found]


def erase(side: Side, days: float, *said: tuple[str, str, int]) -> Leaf:
    """The `erased` leaf of a side, `days` after the story begins."""
    side.border.now = str(after(days))
    erased = [Erased(retention=name, log=log, size=size) for log, name, size in said]
    return side.machine("erased", erased=erased)


def codes(border: Border, side: Side, leaf: Leaf) -> list[str]:
    found = border.book().nonconforming.get(side.number(leaf))
    return [refusal.code for refusal in found.refusals] if found else []


def test_a_text_is_due_on_both_sides_on_one_day_counted_from_the_receipt() -> None:
    border = Border()
    here, there = border.pair
    border.at(60 * 20)
    here.notice("incident.initial", TOLD)
    border.at(60 * 47)  # the second day of the story at 23:00 UTC: the third in the receiver's civil time
    there.receive()
    offset = next(party.utc_offset for party in border.law.parties if party.code == there.code)
    assert offset >= 60
    end = 2 + 1 + DAYS["text"] - offset / (24 * 60)
    for side in border.pair:
        assert due(border, side, end - 1 / DAY) == []
        assert due(border, side, end) == [(here.origin, "text", 3)]


def test_what_was_never_received_is_not_erased() -> None:
    border = Border()
    here, there = border.pair
    here.notice("incident.initial", TOLD)
    assert due(border, here, 10_000) == due(border, there, 10_000) == []


def test_a_notice_whose_term_goes_on_closes_its_class_and_no_other_one() -> None:
    border = Border()
    here, there = border.pair
    here.notice("incident.initial", TOLD)
    there.receive()
    border.now = str(after(300))
    here.notice("incident.initial", TOLD)
    there.receive()
    assert due(border, here, 400) == [(here.origin, "text", 3)]
    assert due(border, here, 700) == [(here.origin, "text", 4)]
    assert due(border, here, 700, most=1) == [(here.origin, "text", 3)]


def test_what_was_stated_is_not_due_again() -> None:
    border = Border()
    here, there = border.pair
    here.notice("incident.initial", TOLD)
    there.receive()
    leaf = erase(here, 400, (here.origin, "text", 3))
    assert codes(border, here, leaf) == []
    assert due(border, here, 400) == []
    assert due(border, there, 400) == [(here.origin, "text", 3)]


def test_the_digest_and_every_proof_are_equal_before_and_after_an_erasure() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", TOLD)
    there.receive()
    there.notice("acknowledgement", {"handling": "passed-on"}, fire)
    here.receive()
    before = border.book()
    tree = merkle.Tree(map(merkle.leaf_hash, here.leaves))
    size = len(here.leaves)
    proof, root = merkle.inclusion_proof(2, size, tree.subtree), tree.root()
    for side in border.pair:
        erase(side, 400, *((log, "text", at) for log, at in sorted([(here.origin, 3)])))
    here.parts[2] = here.parts[2][:1]
    assert border.book().digest() == before.digest() == border.replayed().book().digest()
    assert border.book().erasures != before.erasures == ()
    assert merkle.verify_inclusion(2, size, merkle.leaf_hash(here.leaves[2]), proof, root)
    grown = merkle.Tree(map(merkle.leaf_hash, here.leaves))
    assert grown.root(size) == root


def test_an_erasure_is_called_early_when_the_term_was_not_over() -> None:
    border = Border()
    here, there = border.pair
    here.notice("incident.initial", TOLD)
    there.receive()
    erase(here, 300, (here.origin, "text", 3))
    erase(there, 400, (here.origin, "text", 3))
    book = border.book()
    assert [(each.party, retention.is_early(each, book, border.law, terms(border))) for each in book.erasures] == [
        (here.code, True),
        (there.code, False),
    ]


def test_a_part_that_was_erased_before_it_arrived_is_never_readable() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", TOLD)
    there.receive(missing=[(2, 1)])
    erase(there, 400, (here.origin, "text", 3))
    before = border.book().digest()
    here.notice("incident.initial", FIRE)
    there.receive()
    notice = border.book().notices[here.number(fire)]
    assert notice.ladder[there.code].delivered is not None
    assert notice.ladder[there.code].readable is None
    assert border.replayed().book().digest() == border.book().digest() != before


def test_the_parts_that_are_gone_are_named_with_the_leaf_that_says_so() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", TOLD)
    later = here.notice("incident.initial", TOLD)
    there.receive()
    said = erase(there, 400, (here.origin, "text", 3))
    book = border.book()
    first, second = (book.notices[here.number(leaf)] for leaf in (fire, later))
    gone = retention.erased_from(book, terms(border), first, there.code)
    assert {number: each.number for number, each in gone.items()} == {1: there.number(said)}
    assert retention.erased_from(book, terms(border), first, here.code) == {}
    assert retention.erased_from(book, terms(border), second, there.code) == {}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ([], "erased.wrong-order"),
        ([("here", "text", 2), ("here", "exact", 2)], "erased.wrong-order"),
        ([("here", "text", 2), ("here", "text", 3)], "erased.wrong-order"),
        ([("here", "facts", 2)], "erased.unknown-class"),
        ([("here", "gossip", 2)], "erased.unknown-class"),
        ([("elsewhere.example/another/all/1", "text", 2)], "erased.foreign-log"),
        ([("here", "text", 0)], "erased.smaller"),
        ([("here", "text", 99)], "erased.not-covered"),
        ([("there", "text", 3)], "erased.not-covered"),
    ],
)
def test_an_erasure_that_names_what_it_may_not_stands_in_no_state(said: list[tuple[str, str, int]], code: str) -> None:
    border = Border()
    here, there = border.pair
    origins = {"here": here.origin, "there": there.origin}
    leaf = erase(here, 0, *((origins.get(log, log), name, size) for log, name, size in said))
    assert codes(border, here, leaf) == [code]
    assert border.book().erasures == ()


def test_an_erasure_that_goes_back_behind_an_earlier_one_does_not_conform() -> None:
    border = Border()
    here, there = border.pair
    here.notice("incident.initial", TOLD)
    there.receive()
    erase(here, 400, (here.origin, "text", 3))
    assert codes(border, here, erase(here, 401, (here.origin, "text", 3))) == ["erased.smaller"]


def test_a_class_with_another_name_lasts_no_longer_than_the_shortest_one() -> None:
    border = Border()
    here, there = border.pair
    header, parts = here.draft("incident.initial", TOLD)
    disguised = (parts[0], Part("for-ever", parts[1].salt, parts[1].body))
    refs = [part.ref() for part in disguised]
    leaf = here.release(msgspec.structs.replace(header, parts=refs), disguised)
    there.receive()
    assert codes(border, here, leaf) == ["part.unknown-class"]
    assert due(border, there, DAYS["exact"] + 2) == [(here.origin, "exact", 3)]
    assert retention.Terms(border.law).kept("facts", 1) == "exact"
    assert retention.Terms(border.law).kept("facts", 0) == "facts"


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 60)), min_size=1, max_size=12), st.integers(0, 500))
def test_what_is_due_is_what_each_notice_alone_would_say(steps: list[tuple[bool, int]], day: int) -> None:
    """However notices and receipts follow each other, the size named covers exactly those whose term is over."""
    border = Border()
    here, there = border.pair
    passed = 0
    for notes, days in steps:
        passed += days
        border.now = str(after(passed))
        if notes:
            here.notice("incident.initial", TOLD)
        else:
            there.receive()
    book = border.book()
    parties: dict[str, Any] = {party.code: party for party in border.law.parties}
    over = [
        each.index + 1
        for each in book.notices.values()
        if (end := retention.ends(each, DAYS["text"], here.code, parties)) is not None and end <= after(passed + day)
    ]
    assert due(border, here, passed + day) == ([(here.origin, "text", max(over))] if over else [])
    assert all(each.index >= max(over, default=0) or each.index + 1 in over for each in book.notices.values())


def test_a_notice_keeps_the_term_of_the_version_it_was_made_under() -> None:
    border = Border()
    here, there = border.pair
    here.notice("incident.initial", TOLD)
    there.receive()
    classes = [msgspec.structs.replace(each, days=each.days * 2) for each in border.law.retention]
    later = msgspec.structs.replace(border.law, version=border.law.version + 1, retention=classes)
    versions = Versions(border.law, later)
    found = retention.due(border.book(), later, versions.terms_of, here.code, after(400), 10)
    assert [(each.retention, each.size) for each in found] == [("text", 3)]


def test_no_version_drops_a_class_of_which_parts_are_kept() -> None:
    law = Border().law
    fewer = [each for each in law.retention if each.id != "exact"]
    with pytest.raises(Refusal, match=r"instrument\.class-dropped"):
        Versions(law, msgspec.structs.replace(law, version=law.version + 1, retention=fewer))
