"""When a receipt is due and what it says: only what is new, complete below its size, and within 4 KiB."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq import canonical
from mithaq.exchange import receipts
from mithaq.exchange.receipts import Owed
from mithaq.notices.envelope import MOST_BYTES, Header, Receipt, text_of

LOG = "na.example/example-2031/all/1"
ROOM = receipts.room(Header(at="2031-03-01T00:00:00Z", id="0" * 32, kind="receipt", law="f" * 64, log=LOG))


def root_at(size: int) -> bytes:
    return size.to_bytes(32, "big")


def all_due(owed: Owed, size: int, room: int = ROOM) -> tuple[list[Receipt], Owed]:
    made = []
    while (due := receipts.next_receipt(owed, LOG, size, root_at, room)) is not None:
        receipt, owed = due
        made.append(receipt)
        assert len(made) < 500
    return made, owed


def test_a_notice_calls_for_a_receipt() -> None:
    made, owed = all_due(Owed().with_leaf(0, "incident.initial"), 1)
    assert [(each.size, each.missing, each.nonconforming) for each in made] == [(1, [], [])]
    assert not receipts.due(owed)


def test_a_leaf_that_cannot_be_read_calls_for_one_too() -> None:
    made, _ = all_due(replace(Owed().with_leaf(0, None), claims=((0, "leaf.not-a-notice"),)), 1)
    assert made[0].nonconforming == [(0, "leaf.not-a-notice")]


def test_receipts_and_agreements_alone_call_for_none() -> None:
    owed = Owed().with_leaf(0, "receipt").with_leaf(1, "agreement")
    assert all_due(owed, 2) == ([], owed)
    made, _ = all_due(owed.with_leaf(2, "withdrawal"), 3)
    assert [each.size for each in made] == [3]


def test_a_part_that_arrives_makes_the_list_shorter_at_the_same_size() -> None:
    made, owed = all_due(replace(Owed().with_leaf(0, "incident.initial"), missing=((0, 0), (0, 1))), 1)
    assert made[0].missing == [(0, 0), (0, 1)]
    made, owed = all_due(replace(owed, missing=((0, 1),)), 1)
    assert [(each.size, each.missing) for each in made] == [(1, [(0, 1)])]
    assert not receipts.due(owed)


def test_lists_that_do_not_fit_make_it_cover_less_until_parts_arrive() -> None:
    owed = Owed()
    for index in range(2000):
        owed = owed.with_leaf(index, "incident.initial")
    owed = replace(owed, missing=tuple((index, 0) for index in range(2000)))
    made, after = all_due(owed, 2000)
    assert 0 < made[-1].size < 2000
    assert receipts.due(after)
    made, after = all_due(replace(after, missing=()), 2000)
    assert (made[-1].size, made[-1].missing) == (2000, [])
    assert not receipts.due(after)


def test_findings_that_do_not_fit_go_in_several_receipts() -> None:
    owed = Owed()
    for index in range(600):
        owed = owed.with_leaf(index, "incident.initial")
    claims = tuple((index, "leaf.bad-signature") for index in range(600))
    made, after = all_due(replace(owed, claims=claims), 600)
    assert len(made) > 1
    assert [claim for each in made for claim in each.nonconforming] == list(claims)
    assert made[-1].size == 600
    assert not receipts.due(after)


def test_a_receipt_that_does_not_conform_calls_for_none_and_is_named_in_the_next() -> None:
    owed = replace(Owed().with_leaf(0, "receipt"), claims=((0, "leaf.earlier-than-before"),))
    assert all_due(owed, 1) == ([], owed)
    made, after = all_due(owed.with_leaf(1, "incident.initial"), 2)
    assert [each.nonconforming for each in made] == [[(0, "leaf.earlier-than-before")]]
    assert after.claims == ()


def test_two_logs_whose_receipts_do_not_conform_to_each_other_come_to_rest() -> None:
    owed, sizes = [Owed(), Owed()], [1, 0]
    owed[1] = owed[1].with_leaf(0, "incident.initial")
    for turn in range(10_000):
        reader = (turn + 1) % 2
        made, owed[reader] = all_due(owed[reader], sizes[1 - reader])
        for _ in made:
            index, sizes[reader] = sizes[reader], sizes[reader] + 1
            other = owed[1 - reader].with_leaf(index, "receipt")
            owed[1 - reader] = replace(other, claims=(*other.claims, (index, "leaf.other-law")))
        if not any(map(receipts.due, owed)):
            break
    assert sizes == [1, 1]


def test_a_flood_of_receipts_that_do_not_conform_is_answered_by_a_trickle() -> None:
    owed, written = Owed(), 0
    for index in range(1_000):
        owed = owed.with_leaf(index, "receipt")
        owed = replace(owed, claims=(*owed.claims, (index, "leaf.earlier-than-before")))
        made, owed = all_due(owed, index + 1)
        written += len(made)
        assert len(owed.claims) < receipts.MOST_UNNAMED
    assert written == 1_000 // receipts.MOST_UNNAMED


KINDS = st.sampled_from(["receipt", "agreement", "incident.initial", None])


@settings(max_examples=60)
@given(st.lists(KINDS, max_size=60), st.sets(st.integers(0, 59)), st.sets(st.integers(0, 59)), st.integers(200, 4000))
def test_every_receipt_is_complete_below_its_size_and_fits(
    kinds: list[str | None], lacking: set[int], faulty: set[int], room: int
) -> None:
    owed = Owed()
    for index, kind in enumerate(kinds):
        owed = owed.with_leaf(index, kind)
    missing = tuple((index, 0) for index in sorted(lacking) if index < len(kinds))
    claims = tuple((index, "leaf.bad-id") for index in sorted(faulty) if index < len(kinds))
    made, after = all_due(replace(owed, missing=missing, claims=claims), len(kinds), room)
    covered = 0
    for receipt in made:
        assert covered <= receipt.size <= len(kinds)
        covered = receipt.size
        assert receipt.missing == [place for place in missing if place[0] < receipt.size]
        assert len(canonical.encode(receipt)) <= room
        leaf = Header(at="2031-03-01T00:00:00Z", id="0" * 32, kind="receipt", law="f" * 64, log=LOG, receipt=receipt)
        assert len(text_of(leaf)) <= MOST_BYTES
    assert Owed.decode(after.encode()) == after
    done, rest = all_due(replace(after, missing=()), len(kinds), 10_000)
    calls = any(kind not in receipts.UNANSWERED_KINDS for kind in kinds)
    if calls:
        assert [*made, *done][-1].size > max(
            (i for i, k in enumerate(kinds) if k not in receipts.UNANSWERED_KINDS), default=-1
        )
    assert not receipts.due(rest)
