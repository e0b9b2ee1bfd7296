"""The link: bounded pauses, heartbeat, what is sent again, and a line that does everything wrong."""

import random
from dataclasses import replace

import pytest

from mithaq.exchange import session
from mithaq.exchange.answer import Answer
from mithaq.exchange.session import Link, Next

NOW = 1_000_000.0
TIME = "2031-03-01T00:00:00Z"


def ok(held: int, missing: tuple[tuple[int, int], ...] = ()) -> Answer:
    return Answer("ok", held, TIME, missing=missing)


def test_a_new_leaf_is_sent_at_once() -> None:
    link = session.answered(Link(), ok(3), 3, NOW)
    assert session.next_step(link, 3, NOW)[0] is Next.WAIT
    assert session.next_step(link, 4, NOW) == (Next.SEND, 0.0)


def test_the_heartbeat_speaks_after_a_minute_of_silence() -> None:
    link = session.answered(Link(), ok(3), 3, NOW)
    todo, pause = session.next_step(link, 3, NOW + 1)
    assert (todo, pause) == (Next.WAIT, session.HEARTBEAT - 1)
    assert session.next_step(link, 3, NOW + session.HEARTBEAT)[0] is Next.SEND


def test_pauses_double_and_stay_within_minutes() -> None:
    link, pauses = Link(), []
    for _ in range(30):
        link = session.failed(link, "link.down", NOW)
        pauses.append(link.not_before - NOW)
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert max(pauses) == session.LONGEST_PAUSE
    assert link.budget == session.LEAST_BUDGET


def test_after_a_pause_it_tries_again_even_without_news() -> None:
    link = session.failed(session.answered(Link(), ok(3), 3, NOW), "link.down", NOW)
    assert session.next_step(link, 3, NOW)[0] is Next.WAIT
    assert session.next_step(link, 3, NOW + 1)[0] is Next.SEND


def test_a_success_forgets_the_failures_and_sends_more_at_once() -> None:
    link = session.failed(session.failed(Link(), "link.down", NOW), "link.down", NOW)
    after = session.answered(link, ok(2), 5, NOW)
    assert (after.failures, after.code, after.budget) == (0, "", 2 * link.budget)
    assert session.next_step(after, 5, NOW)[0] is Next.SEND


def test_missing_parts_are_sent_again_at_once_but_not_for_ever() -> None:
    link = session.answered(Link(), ok(3, ((1, 0),)), 3, NOW)
    assert session.next_step(link, 3, NOW)[0] is Next.SEND
    still = session.answered(link, ok(3, ((1, 0),)), 3, NOW)
    assert session.next_step(still, 3, NOW)[0] is Next.WAIT
    assert session.next_step(still, 4, NOW)[0] is Next.SEND
    assert session.next_step(still, 3, NOW + session.HEARTBEAT)[0] is Next.SEND


def test_a_gap_is_closed_at_once_by_sending_from_where_they_are() -> None:
    link = session.answered(Link(held=9), Answer("delivery.gap", 4, TIME), 12, NOW)
    assert link.held == 4
    assert session.next_step(link, 12, NOW)[0] is Next.SEND
    again = session.answered(link, Answer("delivery.gap", 4, TIME), 12, NOW)
    assert session.next_step(again, 12, NOW)[0] is Next.WAIT


def test_a_refusal_that_sending_again_does_not_mend_pauses() -> None:
    link = session.answered(Link(held=3), Answer("delivery.busy", 3, TIME), 5, NOW)
    assert link.code == "delivery.busy"
    assert session.next_step(link, 5, NOW)[0] is Next.WAIT


def test_what_an_answer_carried_waits_a_moment_to_be_confirmed() -> None:
    link = session.carried(session.answered(Link(), ok(3), 3, NOW), 4, NOW)
    assert session.next_step(link, 4, NOW)[0] is Next.WAIT
    assert session.next_step(link, 4, NOW + session.ACKNOWLEDGE)[0] is Next.SEND
    confirmed = session.heard(link, 4, 4)
    assert session.next_step(confirmed, 4, NOW + session.ACKNOWLEDGE)[0] is Next.WAIT


def test_a_frozen_link_sends_nothing_whatever_happens() -> None:
    link = session.frozen(Link(), "delivery.fork")
    assert session.next_step(link, 99, NOW + 1e6)[0] is Next.STOP


def test_a_counterpart_that_holds_more_than_we_have_is_noticed() -> None:
    assert session.answered(Link(), ok(10), 7, NOW).beyond == 3
    assert session.heard(Link(), 10, 7).beyond == 3


def test_a_restart_keeps_what_matters() -> None:
    link = Link(held=5, missing=((2, 1),), clock=-40, frozen="delivery.fork")
    kept = Link.decode(link.encode())
    assert (kept.held, kept.missing, kept.clock, kept.frozen) == (5, ((2, 1),), -40, "delivery.fork")
    assert Link.decode(b"") == Link()


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_line_does_everything_arrives_once_it_works_again(seed: int) -> None:
    """A counterpart that really holds what came, a line that loses requests and answers, a log that grows meanwhile."""
    chance = random.Random(seed)
    link, now, size, held, lacking = Link(), NOW, 1, 0, set[tuple[int, int]]()
    for _ in range(400):
        now += chance.choice((0.1, 1.0, 20.0))
        size += chance.random() < 0.2
        todo, pause = session.next_step(link, size, now)
        assert 0 <= pause <= session.LONGEST_PAUSE
        if todo is not Next.SEND:
            continue
        if chance.random() < 0.3:
            link = session.failed(link, "link.down", now)
            continue
        if link.held <= held < size:
            lacking |= {(n, 0) for n in range(held, size) if chance.random() < 0.3}
            held = size
        lacking -= set(link.missing)
        if chance.random() < 0.3:
            link = session.failed(link, "link.down", now)
            continue
        code = "ok" if link.held <= held else "delivery.gap"
        link = session.answered(link, Answer(code, held, TIME, missing=tuple(sorted(lacking))), size, now)
    deadline = now + 4 * session.LONGEST_PAUSE + 2 * session.HEARTBEAT
    while now < deadline and (link.held < size or link.missing):
        todo, pause = session.next_step(link, size, now)
        now += pause
        if todo is Next.SEND:
            lacking -= set(link.missing)
            held = size
            link = session.answered(link, ok(held, tuple(sorted(lacking))), size, now)
    assert (link.held, link.missing, held) == (size, (), size)
    assert replace(link, budget=0).failures == 0


def test_a_clock_that_goes_back_holds_no_delivery_up():
    down = session.failed(Link(held=3), "link.down", now=90_000.0)
    assert session.next_step(down, 4, now=10.0) == (Next.SEND, 0.0)
    assert session.next_step(down, 4, now=90_000.0)[0] is Next.WAIT


def test_a_clock_that_goes_back_holds_no_heartbeat_up():
    quiet = Link(held=4, sent_at=90_000.0)
    assert session.next_step(quiet, 4, now=10.0) == (Next.SEND, 0.0)
    lacking = Link(held=4, missing=((2, 0),), missing_at=90_000.0, sent_at=90_000.0)
    assert session.next_step(lacking, 4, now=10.0) == (Next.SEND, 0.0)
