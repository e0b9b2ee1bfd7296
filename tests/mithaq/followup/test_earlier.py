"""Earlier commitments and decisions: whose word they are, who has sealed them, and what their tables say."""

from collections.abc import Mapping
from typing import Any

import pytest

from mithaq.corridors.tables import Cell, fold_word
from mithaq.errors import Refusal
from mithaq.followup import commitments, earlier, earlier_tables
from mithaq.followup.earlier import COMMITMENT, MINUTES, Entry
from mithaq.followup.earlier_tables import Column, Table, Terms
from mithaq.notices.envelope import Leaf
from tests.mithaq.notices.border import Border, Side, plain_law

CONTENT: Mapping[str, Any] = {
    "source": "protocol",
    "concluded": "2021-03-02",
    "cited": {"en": ["Example protocol"]},
    "measure": {"en": ["Example: the markers are counted."]},
    "owner": "first",
    "evidence": "minutes",
    "score": "intermediate",
    "as_of": "2023-01-15",
}


@pytest.fixture
def border() -> Border:
    made = Border(plain_law())
    made.exchange()
    return made


def enter(side: Side) -> Leaf:
    leaf = side.notice("earlier.commitment", CONTENT)
    side.border.exchange()
    return leaf


def only(border: Border) -> Entry:
    (found,) = earlier.entries(border.book(), border.law, COMMITMENT)
    return found


def test_it_is_one_sides_word_until_the_other_has_sealed_it(border: Border) -> None:
    here, there = border.pair
    leaf = enter(here)
    found = only(border)
    assert (found.is_sealed, found.awaits(there.code), found.awaits(here.code)) == (False, True, False)
    assert earlier.sealed_column([found]).unscored == 1
    there.assent(leaf)
    border.exchange()
    found = only(border)
    assert (found.is_sealed, found.awaits(there.code)) == (True, False)
    assert earlier.sealed_column([found]).counts == (0, 0, 1, 0)
    assert earlier.entries(border.book(), border.law, MINUTES) == ()


def test_sealed_or_not_it_is_in_no_score_of_the_instrument(border: Border) -> None:
    here, there = border.pair
    before = commitments.standings(border.book(), border.law, "2031-01-01T00:00:00Z")
    there.assent(enter(here))
    border.exchange()
    after = commitments.standings(border.book(), border.law, "2031-01-01T00:00:00Z")
    assert after == before


def test_a_finding_of_the_other_side_contests_it_until_a_later_one_accepts_it(border: Border) -> None:
    here, there = border.pair
    leaf = enter(here)
    for said, contests in (({"found": "rejected", "reason": ["unclear"]}, 1), ({"found": "accepted"}, 0)):
        there.notice("commitment.review", said, leaf)
        border.exchange()
        assert len(only(border).contested) == contests
    assert [each.found for each in only(border).reviews] == ["rejected", "accepted"]


def test_taken_back_before_the_seal_it_is_withdrawn_and_counted_nowhere(border: Border) -> None:
    here, _ = border.pair
    here.notice("withdrawal", {"reason": "duplicate"}, enter(here))
    border.exchange()
    found = only(border)
    assert found.is_withdrawn
    assert earlier.sealed_column([found]).unscored == 0


HEADING = [
    "note",
    "source",
    "concluded:solar",
    "cited:en",
    "measure:en",
    "owner",
    "due:solar",
    "evidence",
    "score",
    "as_of:solar",
]
ROW = [
    "",
    "protocol",
    "1399-12-12",
    "Example protocol",
    "Example.",
    "first",
    "1401-01-01",
    "minutes",
    "full",
    "1401-10-25",
]


def cell(text: str | Cell) -> Cell:
    return text if isinstance(text, Cell) else Cell(text)


def table(*rows: list[str | Cell], heading: list[str] = HEADING) -> Table:
    kind = earlier.kind_of(plain_law(), COMMITMENT)
    assert kind is not None
    law = plain_law()
    names = [Column(*each.split(":")) for each in [*HEADING, "due:gregorian", "cited:fa", "authority", "why"]]
    terms = Terms(
        columns={fold_word(f"{each.field}:{each.of}" if each.of else each.field): each for each in names},
        values={each.name: {code: code for code in law.codes[each.codes]} for each in kind.fields if each.codes},
        examples=frozenset({"example", "نمونه"}),
        labels={each.name: each.name for each in kind.fields},
        authentic=("en",),
        today="2031-03-01",
    )
    return earlier_tables.read(
        [[cell(each) for each in line] for line in (list[str | Cell](heading), *rows)], kind, terms
    )


def row(**changed: str | Cell) -> list[str | Cell]:
    return [changed.get(name.split(":")[0], value) for name, value in zip(HEADING, ROW, strict=True)]


def test_days_are_of_the_calendar_that_the_heading_names_unless_the_file_keeps_them_as_days() -> None:
    (said, kept) = table(row(), row(concluded=Cell("2021-03-02", is_day=True), score="minimum")).rows
    assert said.content["concluded"] == kept.content["concluded"] == "2021-03-02"


def test_a_row_that_says_that_it_is_an_example_is_passed_over_and_named() -> None:
    found = table(row(note="نمونه"), row(note="of the files of the ministry"))
    assert (found.examples, [each.number for each in found.rows]) == ((2,), [3])


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"owner": ""}, "owner", "earlier.nothing-stated"),
        ({"owner": "Somebody"}, "owner", "earlier.unknown-word"),
        ({"measure": Cell("=A1", formula=True)}, "measure", "earlier.formula"),
        ({"concluded": "1399-13-40"}, "concluded", "earlier.no-day"),
        ({"concluded": "yesterday"}, "concluded", "earlier.no-day"),
        ({"concluded": "2021-03-02"}, "concluded", "earlier.wrong-calendar"),
        ({"as_of": "1450-01-01"}, "as_of", "earlier.not-past"),
        ({"due": "1399-01-01"}, "due", "earlier.due-before"),
        ({"as_of": "1399-01-01"}, "as_of", "earlier.due-before"),
    ],
)
def test_a_refused_row_says_in_which_column_and_keeps_its_cells(
    changed: dict[str, str | Cell], column: str, code: str
) -> None:
    found = table(row(), row(**changed))
    ((refused,), (kept,)) = found.refused, found.rows
    assert (refused.number, refused.column, refused.refusal.code) == (3, column, code)
    assert refused.cells == tuple(map(cell, row(**changed)))
    assert kept.number == 2


def test_the_same_row_twice_and_a_row_beyond_its_heading_are_refused() -> None:
    found = table(row(), row(), [*row(score="minimum"), "", "lost?"])
    assert [(each.number, each.refusal.code) for each in found.refused] == [
        (3, "earlier.twice"),
        (4, "earlier.beyond-heading"),
    ]


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ([*HEADING, "passport"], "earlier.odd-column"),
        ([*HEADING, "source"], "earlier.odd-column"),
        ([*HEADING, "due:gregorian"], "earlier.odd-column"),
        ([*HEADING, ""], "earlier.odd-column"),
        (HEADING[:-1], "earlier.no-column"),
        ([each for each in HEADING if each != "measure:en"], "earlier.no-column"),
    ],
)
def test_a_table_of_another_shape_is_refused_whole(heading: list[str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        table(row(), heading=heading)
    assert refused.value.code == code


def test_an_empty_table_and_one_of_too_many_rows_are_refused() -> None:
    for rows, code in (([], "earlier.empty"), ([row()] * 501, "earlier.too-many-rows")):
        with pytest.raises(Refusal) as refused:
            table(*rows)
        assert refused.value.code == code
