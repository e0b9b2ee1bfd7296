"""Whoever looks at a seal looks at the other side's text: it takes the scopes of texts, and stands in the register."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from mithaq.notices.envelope import Reference, parse
from mithaq_node.queries import ledgers
from mithaq_node.services import accounts, filing
from mithaq_node.store.models import Officer, PartRead
from tests.mithaq_node.api.program import Program, refused
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import NOW, Pair, notice, release

REPORT: dict[str, Any] = {"agreed_on": ["event"], "event": "fire", "text": {"lang": "en", "text": "Reeds burned."}}
READING = ("read:notices", "read:texts")


@pytest.fixture
def text(pair: Pair, standing: Standing) -> Iterator[str]:
    """The spoken number of a joint text of RL's that ML may seal; Django stands on ML's node."""
    row = notice(pair.rl.seat, 1)
    release(pair.rl, [row])
    about = parse(row[0]).header
    reference = Reference(log=about.log, id=about.id)
    release(pair.rl, [notice(pair.rl.seat, 2, content=REPORT, name="report.joint", references=[reference])])
    pair.settle()
    with standing(pair.ml):
        yield next(number for number, each in ledgers.book().joint.items())


@pytest.fixture
def duty(text: str) -> Officer:
    return accounts.create_officer(name="duty desk", role="duty", secret=SECRET)


def sealing(officer: Officer, text: str) -> str:
    """A draft of a seal on the text."""
    made = Program(officer, "write:drafts").draft(kind="joint.seal", content={}, refers=[text])
    assert made.status_code == 201, made.content
    draft: str = made.json()["id"]
    return draft


def read_by(officer: Officer) -> set[str]:
    """The notices of which parts were read."""
    return set(PartRead.objects.filter(officer=officer, part__gte=0).values_list("number", flat=True))


@pytest.mark.parametrize(("scopes", "is_filed"), [(["read:notices"], False), (["read:texts", "sign:notices"], True)])
def test_a_preview_of_a_seal_takes_the_scopes_of_the_text(
    text: str, duty: Officer, scopes: list[str], is_filed: bool
) -> None:
    draft = sealing(duty, text)
    if is_filed:
        filing.file(draft_id=draft, officer=duty, secret=SECRET, now=NOW)
    answer = Program(duty, "write:drafts", *scopes).get(f"drafts/{draft}/preview")
    assert refused(answer) == (403, "token.wrong-scope")
    assert b"Reeds" not in answer.content
    assert not read_by(duty)


def test_a_seal_that_is_previewed_is_a_reading_of_the_text(text: str, duty: Officer) -> None:
    answer = Program(duty, "write:drafts", *READING).get(f"drafts/{sealing(duty, text)}/preview")
    assert [each["content"] for each in answer.json()["parts"] if "text" in each["content"]] == [
        {"text": REPORT["text"]}
    ]
    assert read_by(duty) == {text}


def test_a_seal_that_is_looked_at_at_the_desk_is_a_reading_of_the_text(text: str, duty: Officer) -> None:
    draft = sealing(duty, text)
    releasing = accounts.create_officer(name="releasing desk", role="releasing", secret=SECRET)
    assert looked(duty, f"/en/filing/draft/{draft}/") == {text}
    filing.file(draft_id=draft, officer=duty, secret=SECRET, now=NOW)
    assert looked(releasing, f"/en/release/{draft}/") == {text}


def looked(officer: Officer, address: str) -> set[str]:
    """What the officer has read who looks at this page, on which the text stands."""
    desk = Client()
    desk.force_login(officer)
    assert "Reeds burned." in desk.get(address).content.decode()
    return read_by(officer)


def test_figures_that_are_counted_from_the_record_are_named_to_whoever_may_read_it_alone(
    text: str, duty: Officer
) -> None:
    """A preview of other figures than are counted here names both, so a program could ask its way into the record."""
    counted = ledgers.figures_at(ledgers.cut_of_both(), "2030-04-01")
    guessed = {**counted, "opened": {"first": 41, "second": 42}}
    sensor = Program(duty, "write:drafts")
    made = sensor.draft(kind="figures.quarter", content=guessed).json()["id"]
    for address in (f"drafts/{made}/preview", f"drafts/{made}"):
        assert refused(sensor.get(address)) == (403, "token.wrong-scope")
    assert sensor.get("drafts").json()["items"] == []
    reader = Program(duty, "write:drafts", "read:notices")
    assert refused(reader.get(f"drafts/{made}/preview")) == (422, "quarter.differs")
    assert [each["id"] for each in reader.get("drafts").json()["items"]] == [made]
    assert sensor.ask("DELETE", f"drafts/{made}").status_code == 204, "what it brought it takes back"


@pytest.fixture
def figures(pair: Pair, standing: Standing, request: pytest.FixtureRequest) -> Iterator[str]:
    """The spoken number of a quarter's figures that RL proposes, with so many incidents more of RL's than were told of;
    Django stands on ML's node."""
    with standing(pair.rl):
        counted = ledgers.figures_at(ledgers.cut_of_both(), "2030-04-01")
    opened = {**counted["opened"], "second": counted["opened"]["second"] + request.param}
    row = notice(pair.rl.seat, 1, content={**counted, "opened": opened}, name="figures.quarter")
    release(pair.rl, [row])
    pair.settle()
    with standing(pair.ml):
        yield next(number for number, each in ledgers.book().joint.items())


SIGNED = {"password": SECRET}


@pytest.mark.parametrize("figures", [1], indirect=True)
def test_what_is_counted_here_is_not_named_to_a_program_that_files_a_seal_on_other_figures(figures: str) -> None:
    duty = accounts.create_officer(name="duty desk", role="duty", secret=SECRET)
    address = f"drafts/{sealing(duty, figures)}/file"
    signing, reading = (Program(duty, "sign:notices", *more) for more in ((), ("read:notices",)))
    answer = signing.ask("POST", address, SIGNED)
    assert refused(answer) == (403, "token.wrong-scope")
    assert "computed" not in answer.json()
    assert refused(reading.ask("POST", address, SIGNED)) == (422, "quarter.differs")


@pytest.mark.parametrize("figures", [0], indirect=True)
def test_a_seal_on_figures_is_signed_with_the_scope_of_the_record(figures: str) -> None:
    duty, releasing = (
        accounts.create_officer(name=f"{role} desk", role=role, secret=SECRET) for role in ("duty", "releasing")
    )
    draft = sealing(duty, figures)
    for officer, deed in ((duty, "file"), (releasing, "release")):
        signing, reading = (Program(officer, "sign:notices", *more) for more in ((), ("read:notices",)))
        address, body = f"drafts/{draft}/{deed}", SIGNED
        assert refused(signing.ask("POST", address, body)) == (403, "token.wrong-scope")
        assert reading.ask("POST", address, body).status_code == 200


def test_a_seal_on_another_text_is_filed_with_the_scope_to_sign(text: str, duty: Officer) -> None:
    address = f"drafts/{sealing(duty, text)}/file"
    assert Program(duty, "sign:notices").ask("POST", address, SIGNED).status_code == 200
