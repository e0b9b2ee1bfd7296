"""What is owed and how it is kept, as the page says it."""

import re
from typing import Any

import pytest
from django.test import Client

from mithaq.notices import envelope
from mithaq.notices.envelope import Reference
from mithaq_node.services import accounts, drafting, filing, releasing
from mithaq_node.store.models import Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.pair import Pair, notice, release

Officers = dict[str, Officer]


@pytest.fixture
def desk(officers: Officers) -> Client:
    """A desk at which one incident was released, whose own clock runs."""
    draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    releasing.release(draft_id=draft.pk, officer=officers["releasing"], secret=SECRET, now=NOW)
    client = Client()
    client.force_login(officers["duty"])
    return client


@pytest.mark.parametrize("language", ["fa", "ar", "ckb", "en"])
@pytest.mark.parametrize("by", ["clock", "kind", "sector", "month"])
def test_figures_stand_grouped_as_asked_for_in_every_language(desk: Client, language: str, by: str) -> None:
    for place in ("compliance/", "compliance/now/"):
        answer = desk.get(f"/{language}/{place}", {"by": by})
        assert answer.status_code == 200
        assert current(answer.content.decode()) == by


def test_an_unknown_grouping_is_the_first_one(desk: Client) -> None:
    assert current(desk.get("/en/compliance/", {"by": "person"}).content.decode()) == "clock"


def current(page: str) -> str:
    """By what the figures of a page are grouped."""
    found = re.search(r'\?by=(\w+)[^"]*" aria-current="true"', page)
    assert found is not None
    return found[1]


def test_both_parties_stand_in_every_group_and_this_one_first(pair: Pair, django_db_blocker: Any) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    for node, order in zip(pair.nodes, (["ML", "RL"], ["RL", "ML"]), strict=True):
        with django_db_blocker.unblock(), meadow.standing_on(node):
            auditor = Client()
            auditor.force_login(accounts.create_officer(name="auditor", role="auditor", secret=SECRET))
            page = auditor.get("/en/compliance/now/").content.decode()
        figures = page[page.index('id="kept-title"') :]
        rows = figures.split("<tbody>")[1].split("<tr")[1:]
        assert [next(code for code in order if f"party-{code}" in row) for row in rows[:2]] == order
        assert "<svg" in rows[0]


def test_a_flash_notice_rings_on_every_page_of_the_other_desk_until_it_is_acknowledged(
    pair: Pair, django_db_blocker: Any
) -> None:
    flash = notice(pair.ml.seat, 1, precedence="flash")
    release(pair.ml, [flash])
    pair.settle()
    with django_db_blocker.unblock(), meadow.standing_on(pair.nodes[1]):
        duty = Client()
        duty.force_login(accounts.create_officer(name="duty", role="duty", secret=SECRET))
        for place in ("watch/", "record/", "watch/alarm/"):
            page = duty.get(f"/fa/{place}").content.decode()
            assert page.count("data-rings") == 1
            assert "filing/acknowledgement/?re=" in page
    header = envelope.parse(flash[0]).header
    seen = {"handling": "seen"}
    referred = [Reference(log=header.log, id=header.id)]
    release(pair.rl, [notice(pair.rl.seat, 2, name="acknowledgement", content=seen, references=referred)])
    pair.settle()
    with django_db_blocker.unblock(), meadow.standing_on(pair.nodes[1]):
        assert "data-rings" not in duty.get("/fa/watch/").content.decode()


def test_whoever_may_not_read_the_record_is_sent_away() -> None:
    assert Client().get("/en/compliance/").status_code == 302
