"""Leaves in order, bodies by precedence, everything within the budget."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq.exchange import outbox
from mithaq.exchange.outbox import HEADROOM, Body
from mithaq.instrument.law import Limits
from mithaq.notices.fields.attachments import ATTACHMENT

ORDER = ["flash", "immediate", "priority", "routine"]


def bodies(*urgencies: int, length: int = 100, start: int = 0) -> dict[int, list[Body]]:
    return {start + n: [Body((start + n, 0), length, rank)] for n, rank in enumerate(urgencies)}


def test_everything_goes_at_once_when_it_fits() -> None:
    plan = outbox.plan(5, [500] * 3, bodies(3, 0, 2, start=5), [], Limits(), 1 << 20)
    assert (plan.start, plan.end) == (5, 8)
    assert plan.parts == ((6, 0), (7, 0), (5, 0))


def test_leaves_go_no_further_than_their_bodies_fit() -> None:
    plan = outbox.plan(0, [500] * 100, bodies(*[3] * 100, length=2000), [], Limits(), HEADROOM + 26_000)
    assert plan.end == len(plan.parts) == 10


def test_a_flash_further_on_draws_the_leaves_up_to_it_and_its_body_goes_first() -> None:
    plan = outbox.plan(0, [500] * 100, bodies(*[3] * 39, 0, *[3] * 60, length=2000), [], Limits(), HEADROOM + 26_000)
    assert plan.end == 40
    assert plan.parts[0] == (39, 0)


def test_what_they_lack_goes_before_newer_bodies_of_the_same_rank() -> None:
    plan = outbox.plan(9, [500], bodies(3, start=9), [Body((2, 1), 50, 3)], Limits(), 1 << 20)
    assert plan.parts == ((2, 1), (9, 0))


def test_attachments_go_last_whatever_their_notice() -> None:
    ranks = [outbox.urgency(each, "text", ORDER) for each in ORDER]
    assert ranks == [0, 1, 2, 3]
    assert outbox.urgency("flash", ATTACHMENT, ORDER) > outbox.urgency("unheard-of", "text", ORDER)


def test_one_large_body_is_sent_even_over_a_small_budget() -> None:
    plan = outbox.plan(4, [], {}, [Body((1, 0), 200_000, 3)], Limits(), 65_536)
    assert plan.parts == ((1, 0),)


LENGTHS = st.lists(st.integers(100, 4096), max_size=40)


@settings(max_examples=100)
@given(
    LENGTHS, st.lists(st.tuples(st.integers(0, 8), st.integers(0, 20_000)), max_size=40), st.integers(65_536, 1 << 20)
)
def test_no_plan_exceeds_its_budget_and_every_plan_gets_on(
    lengths: list[int], parts: list[tuple[int, int]], budget: int
) -> None:
    named = {n: [Body((n, 0), length, rank)] for n, (rank, length) in enumerate(parts[: len(lengths)])}
    plan = outbox.plan(0, lengths, named, [], Limits(), budget)
    assert plan.end > 0 or not lengths
    size = sum(lengths[: plan.end]) + 2 * plan.end + sum(named[index][0].length + 45 for index, _ in plan.parts)
    assert size <= budget - HEADROOM
    assert len(set(plan.parts)) == len(plan.parts)
    assert all(index < plan.end for index, _ in plan.parts)
