"""Who was shown what is not coded: written before it is shown, once for one reading, for the auditor alone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.utils import OperationalError
from django.test import Client
from django.urls import reverse

from mithaq.notices import numbers
from mithaq_node.services import accounts
from mithaq_node.store.models import PartRead
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import Pair, notice, release

WORDS = "a dry field, an example"
TOLD = meadow.INCIDENT | {"account": {"lang": "en", "text": WORDS}}
TOLD_AT = f"/en/notices/{numbers.spoken('ML', 3)}/"
CODED_AT = f"/en/notices/{numbers.spoken('ML', 4)}/"


@pytest.fixture
def engine() -> str:
    """Rows of this kind have no SQL of their own."""
    return "sqlite"


class Desks(dict[str, Client]):
    """A desk of each role, signed in when it is first asked for."""

    def __missing__(self, role: str) -> Client:
        self[role] = Client()
        self[role].force_login(accounts.create_officer(name=f"the {role}", role=role, secret=meadow.SECRET))
        return self[role]


@pytest.fixture
def desks(pair: Pair, standing: Standing) -> Iterator[Desks]:
    """Desks at a node that holds a notice with a text, and one without."""
    release(pair.ml, [notice(pair.ml.seat, 1, content=TOLD), notice(pair.ml.seat, 2, content=meadow.INCIDENT)])
    pair.settle()
    with standing(pair.ml):
        yield Desks()


def read() -> list[tuple[str, str, int]]:
    return list(PartRead.objects.order_by("pk").values_list("officer__name", "number", "part"))


def test_a_text_that_is_shown_is_written_down_with_who_read_it(desks: Desks) -> None:
    assert WORDS in desks["duty"].get(TOLD_AT).content.decode()
    desks["releasing"].get(f"/en/incidents/{numbers.spoken('ML', 3)}/")
    said = numbers.spoken("ML", 3)
    assert read() == [("the duty", said, 1), ("the releasing", said, 1)]
    page = desks["auditor"].get("/en/accounts/reads/").content.decode()
    assert page.index("the releasing") < page.index("the duty"), "newest first"
    assert reverse("incidents:notice", args=[said]) in page


def test_what_is_coded_is_not_listed(desks: Desks) -> None:
    assert desks["duty"].get(CODED_AT).status_code == 200
    assert read() == []


def test_whoever_is_turned_away_has_read_nothing(desks: Desks) -> None:
    for role in ("observer", "operator", "integrator"):
        assert WORDS not in desks[role].get(TOLD_AT).content.decode()
    assert read() == []


def test_an_open_page_that_fetches_itself_again_is_one_reading_for_ten_minutes(desks: Desks) -> None:
    for _ in range(3):
        desks["duty"].get(TOLD_AT)
    assert len(read()) == 1
    for row in PartRead.objects.all():
        row.at -= timedelta(minutes=11)
        row.save()
    desks["duty"].get(TOLD_AT)
    assert len(read()) == 2


def test_a_log_that_is_taken_away_is_written_down(desks: Desks) -> None:
    for address in ("/en/record/export/", "/en/record/export/?log=ML-all-1"):
        desks["secretariat"].get(address).close()
    assert read() == [("the secretariat", "", -1), ("the secretariat", "ML-all-1", -1)]
    page = desks["auditor"].get("/en/accounts/reads/").content.decode()
    assert "Took every log away" in page
    assert "ML-all-1" in page


def test_what_cannot_be_written_down_is_not_shown(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(PartRead.objects, "bulk_create", full)
    answer = desks["duty"].get(TOLD_AT)
    assert answer.status_code >= 400
    assert WORDS not in answer.content.decode()


def test_the_list_goes_on_to_older_rows(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mithaq_node.queries.doors.PAGE", 2)
    for role in ("duty", "releasing", "secretariat"):
        desks[role].get(TOLD_AT)
    first = desks["auditor"].get("/en/accounts/reads/").content.decode()
    assert "the duty" not in first
    older = first[first.index("?until=") :].split('"')[0]
    assert "the duty" in desks["auditor"].get(f"/en/accounts/reads/{older}").content.decode()


def test_the_auditor_reads_what_was_done_to_accounts(desks: Desks) -> None:
    assert desks["observer"].get(TOLD_AT).status_code == 403
    page = desks["auditor"].get("/en/accounts/events/").content.decode()
    assert "The operator, by command" in page
    assert "the observer" in page
