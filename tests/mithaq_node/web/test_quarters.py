"""A quarter's figures between two nodes: proposed by one, computed again by the other, and sealed only when equal."""

import html
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices.envelope import Reference, parse
from mithaq_node.queries import ledgers, quarters
from mithaq_node.services import accounts, assenting, clock, drafting
from mithaq_node.services import quarters as proposing
from mithaq_node.store.models import Draft
from mithaq_node.web import values
from mithaq_node.web.papers import saying
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import NOW, Pair, notice, release

DAY = "2030-04-01"
OVER = Moment(moments.parse("2030-07-01T00:00:00Z").seconds + 60)


@pytest.fixture
def pair(tmp_path: Path, django_db_blocker: Any) -> Iterator[Pair]:
    """Both nodes, with an incident of RL in the quarter."""
    with django_db_blocker.unblock():
        made = Pair(tmp_path)
        release(made.rl, [notice(made.rl.seat, 1)])
        made.settle()
        yield made
        made.close()


def figures(pair: Pair) -> Mapping[str, Any]:
    with meadow.standing_on(pair.nodes[1]):
        return ledgers.figures_at(ledgers.cut_of_both(), DAY)


def state(pair: Pair, content: Mapping[str, Any]) -> Reference:
    """RL proposes these figures."""
    row = notice(pair.rl.seat, 2, content=content, name="figures.quarter")
    release(pair.rl, [row])
    pair.settle()
    header = parse(row[0]).header
    return Reference(log=header.log, id=header.id)


@pytest.fixture
def page(pair: Pair, tmp_path: Path) -> Callable[..., str]:
    """`page("fa")`: the page of compliance at ML's desk, when the quarter is over."""

    def read(language: str = "en") -> str:
        with meadow.standing_on(pair.nodes[0]), when_over(tmp_path):
            client = Client()
            client.force_login(accounts.create_officer(name=f"duty {language}", role="duty", secret=SECRET))
            answer = client.get(f"/{language}/compliance/")
            assert answer.status_code == 200
            return html.unescape(answer.content.decode())

    return read


def when_over(folder: Path) -> override_settings:
    ahead = folder / "ahead"
    ahead.write_text(str(OVER.seconds - clock.at(None).seconds), encoding="ascii")
    return override_settings(NODE=replace(settings.NODE, demo_clock=ahead))


def test_what_one_side_proposes_the_other_computes_again_and_may_seal(pair: Pair, page: Callable[..., str]) -> None:
    text = state(pair, figures(pair))
    for language in ("fa", "ar", "ckb"):
        assert "/filing/joint.seal/?re=RL" in page(language)
    said = page()
    assert "This node computes the same." in said
    with meadow.standing_on(pair.nodes[0]):
        assert len(assenting.repeated([text])) == 1


def test_figures_that_are_not_so_are_not_sealed_and_the_first_difference_is_shown(
    pair: Pair, page: Callable[..., str]
) -> None:
    found = figures(pair)
    text = state(pair, {**found, "opened": {"first": 0, "second": 7}})
    said = page()
    assert "First difference:" in said
    assert "/filing/joint.seal/" not in said
    with meadow.standing_on(pair.nodes[0]):
        with pytest.raises(Refusal, match=r"quarter\.differs"):
            assenting.repeated([text])
        (quarter,) = quarters.over(str(OVER))
        difference = quarter.statements[0].difference
        assert difference is not None
        assert (difference.field, difference.party, difference.stated, difference.computed) == ("opened", "RL", 7, 1)


def test_what_is_proposed_is_what_the_node_computes_and_nothing_typed_by_hand(pair: Pair, tmp_path: Path) -> None:
    with meadow.standing_on(pair.nodes[0]):
        officer = accounts.create_officer(name="duty", role="duty", secret=SECRET)
        with pytest.raises(Refusal, match=r"quarter\.not-over"):
            proposing.propose(day=DAY, officer=officer, now=NOW)
        with when_over(tmp_path):
            client = Client()
            client.force_login(officer)
            answer = client.post("/en/compliance/propose/", {"day": DAY})
        assert answer.status_code == 302
        draft = Draft.objects.get()
        assert draft.content == ledgers.figures_at(ledgers.cut_of_both(), DAY)
        assert drafting.preview(kind=draft.kind, content=draft.content)
        with pytest.raises(Refusal, match=r"quarter\.differs"):
            drafting.preview(kind=draft.kind, content={**draft.content, "met": {"first": 9, "second": 0}})


def test_figures_of_more_than_is_held_here_wait(pair: Pair) -> None:
    found = figures(pair)
    state(pair, {**found, "sizes": {"first": found["sizes"]["first"], "second": 4_000}})
    with meadow.standing_on(pair.nodes[0]):
        (quarter,) = quarters.over(str(OVER))
        assert (quarter.statements[0].held, quarter.statements[0].may_seal) == (False, False)


def test_each_copy_of_the_figures_names_its_own_party_first(pair: Pair) -> None:
    for node, said in zip(pair.nodes, ("Meadow: 3 · River: 4", "River: 4 · Meadow: 3"), strict=True):
        with meadow.standing_on(node):
            reader = saying.reader_in("en")
            kind = reader.law.kind("figures.quarter")
            assert kind is not None
            field = next(each for each in kind.fields if each.name == "opened")
            assert values.say(reader, kind.name, field, {"first": 3, "second": 4}) == said
