"""Earlier commitments and decisions on the desks: the table in, the drafts, and how both sides see what was entered."""

import html
import io
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from mithaq.corridors.tables import Cell, fold_word
from mithaq_files import sheets
from mithaq_node import queries
from mithaq_node.queries import commitments, earlier
from mithaq_node.services import accounts, transcribing
from mithaq_node.store.models import Draft, Officer, PartRead
from mithaq_node.web.committee import earlier_forms
from mithaq_node.web.committee.earlier_views import SORTS
from mithaq_node.web.papers import saying
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import NOW, Pair, notice, release
from tests.mithaq_node.web.conftest import LANGUAGES

HEADING = [
    "note",
    "source",
    "concluded:gregorian",
    "cited:en",
    "measure:en",
    "owner",
    "evidence",
    "score",
    "as_of:gregorian",
]
ROW = [
    "",
    "Protocol",
    "2021-03-02",
    "Example protocol",
    "Example: the markers are counted.",
    "Meadow",
    "minutes",
    "full",
    "2023-01-15",
]
CONTENT: Mapping[str, Any] = {
    "source": "protocol",
    "concluded": "2021-03-02",
    "cited": {"en": ["Example protocol"]},
    "measure": {"en": ["Example: the markers are counted."]},
    "owner": "first",
    "evidence": "minutes",
    "score": "full",
    "as_of": "2023-01-15",
}


def workbook(*rows: list[Any]) -> bytes:
    book, into = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(into)
    return into.getvalue()


def but(**changed: Any) -> list[Any]:
    """The row with other values under these headings, without their calendar or language."""
    names = [each.split(":")[0] for each in HEADING]
    return [changed.get(name, value) for name, value in zip(names, ROW, strict=True)]


def upload(client: Client, content: bytes, language: str = "en") -> tuple[int, str]:
    table = SimpleUploadedFile("earlier.xlsx", content)
    answer = client.post(f"/{language}/committee/earlier/commitments/table/", {"table": table})
    return answer.status_code, " ".join(html.unescape(answer.content.decode()).split())


def kept(page: str) -> str:
    return page.split('name="content" value="')[1].split('"')[0]


@pytest.fixture
def desk(officers: dict[str, Officer]) -> Client:
    client = Client()
    client.force_login(officers["duty"])
    return client


def test_what_is_looked_at_becomes_drafts_only_when_the_officer_says_so(desk: Client) -> None:
    status, page = upload(desk, workbook(HEADING, ROW))
    assert status == 200
    assert "Example: the markers are counted." in page
    assert not Draft.objects.exists()
    answer = desk.post("/en/committee/earlier/commitments/table/", {"content": kept(page), "enter": "yes"})
    assert answer.status_code == 302
    (draft,) = Draft.objects.all()
    assert (draft.kind, draft.content) == ("earlier.commitment", CONTENT)
    status, page = upload(desk, workbook(HEADING, ROW))
    assert status == 422
    assert "earlier.draft-exists" in page


def test_refused_rows_are_named_with_their_column_and_are_taken_away_to_be_mended(desk: Client) -> None:
    wrong = [but(owner="somebody"), but(concluded="2031-99-01"), but(source="=1+1"), but(measure=""), ROW]
    status, page = upload(desk, workbook(HEADING, ROW, *wrong))
    assert status == 422
    for code in ("unknown-word", "no-day", "formula", "nothing-stated", "twice"):
        assert f"earlier.{code}" in page
    assert "Who carries it out" in page
    rest = desk.post("/en/committee/earlier/commitments/table/", {"content": kept(page), "enter": "yes"})
    assert rest.status_code == 422  # the refused rows stay on the page, so that they are not lost
    assert Draft.objects.count() == 1
    file = desk.post("/en/committee/earlier/commitments/refused/", {"content": kept(rest.content.decode())}).content
    rows = sheets.read(file)
    assert [row[-1].text.split("[")[-1] for row in rows[1:]][:2] == ["earlier.unknown-word]", "earlier.no-day]"]
    assert rows[3][1] == Cell("=1+1", formula=True)
    assert upload(desk, file)[1].count("earlier.unknown-word") == 1


def test_every_template_is_read_again_and_its_row_is_only_an_example(desk: Client) -> None:
    reader = saying.reader_in("en")
    for language, sort in product(LANGUAGES, SORTS):
        kind = earlier.kind_of(SORTS[sort])
        terms = earlier_forms.terms(kind, reader, NOW)
        content = desk.get(f"/{language}/committee/earlier/{sort}/template/").content
        book, into = load_workbook(io.BytesIO(content)), io.BytesIO()
        assert book.worksheets[0].sheet_view.rightToLeft == (language != "en")
        assert len(book.worksheets[0].data_validations.dataValidation) >= 4
        found = transcribing.look(content, kind, terms, NOW)
        assert (found.examples, found.rows, found.refused) == ((2,), (), ())
        book.worksheets[0].cell(2, 1).value = None
        book.save(into)
        assert [row.number for row in transcribing.look(into.getvalue(), kind, terms, NOW).rows] == [2]


def test_no_word_of_one_language_is_another_column_in_another(node: object) -> None:
    reader = saying.reader_in("fa")
    for facet in SORTS.values():
        kind, seen = earlier.kind_of(facet), dict[str, Any]()
        for heading, column in earlier_forms._headings(kind, reader):
            assert seen.setdefault(fold_word(heading), column) == column, heading


def test_the_pages_stand_in_every_language_also_while_nothing_was_entered(desk: Client) -> None:
    for language, sort in product(LANGUAGES, SORTS):
        assert desk.get(f"/{language}/committee/earlier/{sort}/").status_code == 200
        assert desk.get(f"/{language}/committee/earlier/{sort}/table/").status_code == 200
    assert desk.get("/en/committee/earlier/others/").status_code == 404
    assert "earlier.empty" in upload(desk, workbook(HEADING), "fa")[1]


@pytest.fixture
def entered(pair: Pair) -> Pair:
    """RL has entered one commitment and one decision; ML has entered one commitment."""
    minutes = {
        "held": "2022-05-10", "venue": "at-the-line", "level": "commissioners", "parties": ["first", "second"],
        "matter": "boundary-markers", "points": {"en": ["Example: both sides repaint them."]}, "owner": "first",
    }  # fmt: skip
    release(pair.rl, [notice(pair.rl.seat, 1, name="earlier.commitment", content=CONTENT)])
    release(pair.rl, [notice(pair.rl.seat, 2, name="earlier.minutes", content=minutes)])
    release(pair.ml, [notice(pair.ml.seat, 1, name="earlier.commitment", content={**CONTENT, "score": "minimum"})])
    pair.settle()
    return pair


def reading(role: str = "duty") -> Client:
    client = Client()
    client.force_login(accounts.create_officer(name=f"the {role}", role=role, secret=SECRET))
    return client


def test_both_sides_see_whose_word_it_is_and_no_score_has_it(entered: Pair, standing: Standing) -> None:
    for side, other in ((entered.ml, "River"), (entered.rl, "Meadow")):
        with standing(side):
            client = reading()
            page = html.unescape(client.get("/en/committee/earlier/commitments/").content.decode())
            assert f"entered by {other}, not sealed by the other side" in page
            assert page.count("filing/joint.seal/?re=") == 1
            assert page.count("filing/commitment.review/?re=") == 1
            assert "Example: the markers are counted." in page
            assert PartRead.objects.count() == 2
            assert client.get("/en/committee/").content.decode().count("not sealed by the other side") == 2
            assert "مهرنشده از سوی طرف دیگر" in client.get("/fa/committee/meetings/").content.decode()
            board = commitments.board(str(NOW))
            assert board.total == len(queries.law().commitments)
            assert all(column.scored == 0 for _, column in board.columns)


def test_a_row_that_this_side_has_entered_is_refused_and_the_other_sides_is_not(
    entered: Pair, standing: Standing
) -> None:
    with standing(entered.ml):
        kind = earlier.kind_of(SORTS["commitments"])
        terms = earlier_forms.terms(kind, saying.reader_in("en"), NOW)
        found = transcribing.look(workbook(HEADING, but(score="minimum"), ROW), kind, terms, NOW)
        assert [(row.number, row.refusal.code) for row in found.refused] == [(2, "earlier.told-already")]
        assert [row.number for row in found.rows] == [3]
        page = reading("observer").get("/en/committee/").content.decode()
        assert "not sealed by the other side" in page
        assert "Example: the markers" not in page
