"""The page of an incident: what it offers and what follows from it, and joint texts on it."""

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from mithaq.errors import Refusal
from mithaq.notices import drafting, numbers
from mithaq.notices.envelope import Reference, parse
from mithaq_files import case
from mithaq_node.queries import ledgers
from mithaq_node.services import accounts, assenting
from mithaq_node.services import drafting as drafts
from mithaq_node.services.holdings import Holdings
from mithaq_node.store.models import Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import NOW, Pair, Row, notice, officer_key, release

LANGUAGES = ("fa", "ar", "ckb", "en")
REPORT = {"agreed_on": ["event"], "event": "fire", "text": {"lang": "en", "text": "Reeds burned.\n\nNobody was hurt."}}


class Border:
    """Both nodes with one incident of RL that both hold, and what each says of it."""

    def __init__(self, folder: Path) -> None:
        self.pair = Pair(folder)
        self.count = 0
        self.first = self.tell(self.pair.rl, "incident.initial", meadow.INCIDENT)

    def tell(self, side: Holdings, kind: str, content: dict[str, Any], *re: Reference) -> Reference:
        self.count += 1
        return self.send(side, notice(side.seat, self.count, content=content, name=kind, references=re))

    def send(self, side: Holdings, row: Row) -> Reference:
        release(side, [row])
        self.pair.settle()
        header = parse(row[0]).header
        return Reference(log=header.log, id=header.id)

    def assent(self, side: Holdings, text: Reference, row: Row) -> Reference:
        """The seal of two officers of `side` on a text whose leaf and parts are `row`."""
        kind = side.seat.law.kind("joint.seal")
        assert kind is not None
        self.count += 1
        header = drafting.header_for(
            side.seat.law, kind, row[1], law_digest=side.seat.law_digest, log=side.seat.origin,
            id=f"{self.count:032x}", at=str(NOW), re=[text],
        )  # fmt: skip
        domain = side.seat.origin.split("/")[0]
        filed = drafting.sign_filing(header, str(NOW), f"{domain}/officer/1", officer_key(side.seat.party, 1))
        name = f"{domain}/officer/2"
        return self.send(side, (drafting.sign_release(filed, str(NOW), name, officer_key(side.seat.party, 2)), row[1]))


@pytest.fixture
def border(tmp_path: Path, django_db_blocker: Any) -> Iterator[Border]:
    with django_db_blocker.unblock():
        made = Border(tmp_path)
        yield made
        made.pair.close()


@pytest.fixture
def desk(border: Border, django_db_blocker: Any) -> Iterator[Callable[..., str]]:
    """`desk("ML", "fa")`: the page of the incident as a duty officer of that party reads it."""

    def read(party: str, language: str = "en", path: str = "") -> str:
        node = border.pair.nodes[("ML", "RL").index(party)]
        with meadow.standing_on(node):
            number = numbers.spoken("RL", _index(border))
            known = Officer.objects.filter(name="duty").first()
            officer = known or accounts.create_officer(name="duty", role="duty", secret=SECRET)
            client = Client()
            client.force_login(officer)
            answer = client.get(f"/{language}/{path or f'incidents/{number}/'}")
            assert answer.status_code == 200
            return html.unescape(answer.content.decode())

    with django_db_blocker.unblock():
        yield read


def _index(border: Border) -> int:
    return next(
        each.index
        for each in ledgers.book().in_order
        if each.leaf is not None and each.leaf.header.id == border.first.id
    )


def offered(page: str) -> set[str]:
    """The kinds that a page offers, by the address of their form."""
    return {piece.split("/")[0] for piece in page.split("/filing/")[1:] if "?re=" in piece.split('"')[0]}


def test_each_side_is_offered_what_it_may_do_and_only_that(desk: Callable[..., str]) -> None:
    ours, theirs = offered(desk("ML")), offered(desk("RL"))
    assert {"acknowledgement", "clarification.request", "incident.disagreement", "report.joint"} <= ours
    assert {"acknowledgement", "clarification.request", "clarification.verdict"} & theirs == set()
    assert {"incident.update", "incident.close", "investigation.joint"} <= theirs
    assert not {"joint.seal", "correction", "release.review"} & (ours | theirs)


def test_a_step_says_which_clock_it_stops_which_it_starts_and_where_the_incident_then_stands(
    desk: Callable[..., str],
) -> None:
    page = desk("ML")
    effects = page[page.index('id="steps-title"') :]
    acknowledging = effects[: effects.index("clarification.request")]
    assert "Stops" in acknowledging
    assert "Acknowledging an incident" in acknowledging
    assert "Acknowledged" in acknowledging
    asking = effects[effects.index("clarification.request") :]
    assert "Starts" in asking
    assert "Answering a request" in asking


def test_an_answer_can_be_judged_unsatisfactory_from_the_page(border: Border, desk: Callable[..., str]) -> None:
    question = border.tell(
        border.pair.ml, "clarification.request", {"concern": "event", "questions": ["what"]}, border.first
    )
    border.tell(border.pair.rl, "clarification.reply", {"finding": "under-examination"}, question)
    page = desk("ML")
    assert "&verdict=unsatisfactory" in page
    address = next(piece.split('"')[0] for piece in page.split('href="/en/')[1:] if "verdict=unsatisfactory" in piece)
    form = desk("ML", path=address)
    assert '<option value="unsatisfactory" selected' in form


def test_a_proposal_stands_on_the_page_and_the_other_side_may_seal_it_or_change_it(
    border: Border, desk: Callable[..., str]
) -> None:
    row = notice(border.pair.rl.seat, 70, content=REPORT, name="report.joint", references=[border.first])
    text = border.send(border.pair.rl, row)
    for language in LANGUAGES:
        page = desk("ML", language)
        assert 'id="joint-title"' in page
        assert "joint.seal" in offered(page)
    assert "joint.seal" not in offered(desk("RL"))
    changing = next(piece.split('"')[0] for piece in desk("ML").split('href="/en/')[1:] if "report.joint/?re" in piece)
    assert "Nobody was hurt." in desk("ML", path=changing)
    border.assent(border.pair.ml, text, row)
    for party in ("ML", "RL"):
        page = desk(party)
        assert "Agreed by all" in page
        assert "joint.seal" not in offered(page)


def test_another_version_shows_what_it_changes(border: Border, desk: Callable[..., str]) -> None:
    first = border.tell(border.pair.rl, "report.joint", REPORT, border.first)
    changed = REPORT | {"event": "smoke", "text": {"lang": "en", "text": "Reeds burned.\n\nOne shed burned."}}
    border.tell(border.pair.ml, "report.joint", changed, first)
    page = desk("RL")
    assert "<ins>One shed burned.</ins>" in page
    assert "<ins>Reeds burned.</ins>" not in page
    assert "Another version was proposed" in page


def test_the_seal_repeats_the_parts_as_they_came_and_nothing_else_can_be_sealed(
    border: Border, desk: Callable[..., str]
) -> None:
    row = notice(border.pair.rl.seat, 70, content=REPORT, name="report.joint", references=[border.first])
    text = border.send(border.pair.rl, row)
    with meadow.standing_on(border.pair.nodes[0]):
        assert assenting.repeated([text]) == row[1]
        with pytest.raises(Refusal, match=r"seal\.not-joint"):
            assenting.repeated([border.first])
        with pytest.raises(Refusal, match=r"seal\.one-text"):
            assenting.repeated([text, border.first])
        with pytest.raises(Refusal, match=r"reference\.not-covered"):
            assenting.repeated([Reference(log=text.log, id="0" * 32)])
    with meadow.standing_on(border.pair.nodes[1]), pytest.raises(Refusal, match=r"seal\.not-joint"):
        assenting.repeated([text])
    border.assent(border.pair.ml, text, row)
    with meadow.standing_on(border.pair.nodes[0]), pytest.raises(Refusal, match=r"seal\.not-open"):
        assenting.repeated([text])


def test_a_step_that_somebody_has_in_hand_says_so(border: Border, desk: Callable[..., str]) -> None:
    assert "Already in hand here" not in desk("ML")
    with meadow.standing_on(border.pair.nodes[0]):
        draft = drafts.save_draft(
            officer=Officer.objects.get(name="duty"),
            kind="acknowledgement",
            content={"handling": "seen"},
            now=NOW,
            references=[border.first],
        )
    assert f"/filing/draft/{draft.pk}/" in desk("ML")


def test_the_page_gives_the_incident_as_a_case_of_its_facts_alone(border: Border, desk: Callable[..., str]) -> None:
    pytest.importorskip("typst", reason="the paper needs the extra `papers`")
    place = re.findall(r'href="/en/(incidents/[^"]+/case\.zip)"', desk("ML"))[0]
    with meadow.standing_on(border.pair.nodes[0]):
        client = Client()
        client.force_login(Officer.objects.get(name="duty"))
        answer = client.get(f"/en/{place}")
    assert answer.headers["Content-Type"] == "application/zip"
    found = case.parse(answer.content)
    assert (found.said.by, found.said.disclosed) == ("ML", [])
    assert len(found.proofs) >= len(found.said.notices)
