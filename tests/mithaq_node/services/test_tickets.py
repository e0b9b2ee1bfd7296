"""Tickets open a desk of the demonstration once, and only while they are fresh."""

import pytest

from mithaq.errors import Refusal
from mithaq_node.services import tickets

NOW = 1_754_900_000


@pytest.fixture
def secret(tmp_path):
    return tickets.secret(tmp_path)


def redeem(ticket, secret, data, now=NOW):
    return tickets.redeem(ticket=ticket, secret=secret, now=now, data=data)


def test_a_ticket_names_the_account_that_it_was_made_for(tmp_path, secret):
    assert redeem(tickets.issue(user="duty", secret=secret, now=NOW), secret, tmp_path) == "duty"


def test_a_ticket_is_spent_at_its_first_use(tmp_path, secret):
    ticket = tickets.issue(user="duty", secret=secret, now=NOW)
    redeem(ticket, secret, tmp_path)
    with pytest.raises(Refusal) as refused:
        redeem(ticket, secret, tmp_path)
    assert refused.value.code == "ticket.spent"


def test_it_refuses_a_ticket_after_two_minutes(tmp_path, secret):
    ticket = tickets.issue(user="duty", secret=secret, now=NOW)
    assert redeem(ticket, secret, tmp_path, NOW + tickets.LIFETIME) == "duty"
    late = tickets.issue(user="duty", secret=secret, now=NOW)
    with pytest.raises(Refusal) as refused:
        redeem(late, secret, tmp_path, NOW + tickets.LIFETIME + 1)
    assert refused.value.code == "ticket.expired"


def test_it_refuses_a_ticket_of_the_other_node(tmp_path, secret):
    foreign = tmp_path / "other"
    foreign.mkdir()
    ticket = tickets.issue(user="duty", secret=tickets.secret(foreign), now=NOW)
    with pytest.raises(Refusal) as refused:
        redeem(ticket, secret, tmp_path)
    assert refused.value.code == "ticket.forged"


@pytest.mark.parametrize("ticket", ["", ".", "abc", "abc.def", "é.é", "a.b.c", "e30.AAAA"])
def test_it_refuses_what_is_no_ticket(ticket, tmp_path, secret):
    with pytest.raises(Refusal) as refused:
        redeem(ticket, secret, tmp_path)
    assert refused.value.code == "ticket.forged"


def test_it_refuses_another_name_under_an_old_mac(tmp_path, secret):
    duty, auditor = (tickets.issue(user=name, secret=secret, now=NOW) for name in ("duty", "auditor"))
    with pytest.raises(Refusal) as refused:
        redeem(f"{auditor.split('.')[0]}.{duty.split('.')[1]}", secret, tmp_path)
    assert refused.value.code == "ticket.forged"


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    assert tickets.secret(tmp_path) == tickets.secret(tmp_path)
    assert (tmp_path / "demo-secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["demo-secret"]
