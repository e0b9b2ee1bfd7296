"""The ledger of warnings, on both engines: what was shown stays, what came of it is judged, nothing sends or rings."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from mithaq.activities.drawing import Drawing
from mithaq.analysis.clusters.warnings import Warning
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.prevention.gathering import Look
from mithaq.prevention.settings import DAILY, Settings, chosen
from mithaq.prevention.warned import Outcome
from mithaq_node.queries import law, rolls, warned
from mithaq_node.queries.gathering import Gathering
from mithaq_node.services import warning
from mithaq_node.store.append_only import WARNED
from mithaq_node.store.models import Draft, EscalationRow, Officer
from tests.mithaq_node.meadow import NOW

Officers = dict[str, Officer]
DAY = date(2030, 5, 3)
STRICT = chosen(recurrence=730, history=180, longest=7, widest=100)


def told(*sectors: str, back: int = 1, seen: int = 5) -> Warning:
    last = DAY - timedelta(days=back)
    return Warning(sectors, last - timedelta(days=6), last, seen, 1.25, 0.002, 500)


def keep(*warnings: Warning, day: int = 0, settings: Settings = DAILY) -> None:
    look = Look(settings, {"ml.mithaq.example/all/1": 7 + day}, DAY, DAY, 40, 0, (), warnings)
    drawing = Drawing((), "", "", (), (), (0, 0))
    found = Gathering(DAY + timedelta(days=day), look, drawing, ())
    warning.keep(found=found, now=Moment(NOW.seconds + 86_400 * day))


def judge(officer: Officer, outcome: str, number: int = 0, about: str = "") -> None:
    number = number or warned.episodes()[0].number
    warning.judge(number=number, outcome=outcome, about=about, officer=officer, now=NOW)


def test_a_warning_stays_as_it_was_shown_with_its_cut_and_settings_whatever_is_found_later(officers: Officers) -> None:
    keep(told("B"))
    keep(told("B", seen=9), day=1, settings=STRICT)
    keep(day=2)
    (episode,) = warned.episodes()
    assert episode.first.warning == told("B")
    assert episode.first.cut == {"ml.mithaq.example/all/1": 7}
    assert episode.first.settings == DAILY.numbers()
    assert (len(episode.shown), episode.expires) == (1, DAY + timedelta(days=7))
    assert warned.days_looked() == 3


def test_what_goes_on_is_one_row_and_what_begins_elsewhere_or_later_another(officers: Officers) -> None:
    keep(told("B"), told("A", back=3))
    keep(told("B", "C", back=0), day=1)
    keep(told("C", back=-9), day=10)
    assert [[shown.warning.where for shown in each.shown] for each in reversed(warned.episodes())] == [
        [("A",)], [("B",), ("B", "C")], [("C",)],
    ]  # fmt: skip


def test_the_latest_judgement_counts_and_those_before_it_stay(officers: Officers) -> None:
    keep(told("B"))
    for outcome in (Outcome.UNSURE, Outcome.CAME, Outcome.CAME):
        judge(officers["duty"], outcome)
    (episode,) = warned.episodes()
    assert [each.outcome for each in episode.history] == [Outcome.UNSURE, Outcome.CAME]
    assert episode.judged is not None
    assert (episode.judged.role, episode.judged.at) == ("duty", str(NOW))
    assert warned.counted(warned.episodes()).came == 1


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("warning.no-such", {"number": 99, "outcome": "came"}),
        ("warning.no-such-outcome", {"outcome": "threat"}),
        ("desk.no-notice", {"outcome": "came", "about": "ML 999-9"}),
    ],
)
def test_it_refuses_to_judge_what_is_not_there(officers: Officers, code: str, asked: dict[str, str]) -> None:
    keep(told("B"))
    with pytest.raises(Refusal) as refused:
        judge(officers["duty"], **asked)  # type: ignore[arg-type]  # one of them is the number
    assert refused.value.code == code


def test_settings_are_a_releasing_officers_and_every_change_is_kept(officers: Officers) -> None:
    assert warned.settings() == DAILY
    with pytest.raises(Refusal, match=r"warning\.not-yours"):
        warning.set_settings(settings=STRICT, officer=officers["duty"], now=NOW)
    for each in (STRICT, STRICT, DAILY):
        warning.set_settings(settings=each, officer=officers["releasing"], now=NOW)
    assert [each.settings for each in warned.changes()] == [DAILY, STRICT]
    assert warned.settings() == DAILY


def test_nothing_is_sent_and_nothing_rings_of_a_warning(officers: Officers) -> None:
    before = [(each.origin, each.size) for each in rolls.logs(law())]
    keep(told("B"))
    judge(officers["duty"], Outcome.CAME)
    warning.set_settings(settings=STRICT, officer=officers["releasing"], now=NOW)
    with connection.cursor() as cursor:
        assert [(each.origin, each.size) for each in rolls.logs(law())] == before
        assert not Draft.objects.exists()
        assert not EscalationRow.objects.exists()
        for table in WARNED:
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
                with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                    cursor.execute(statement)


def test_open_pages_learn_of_a_warning_and_of_a_judgement(officers: Officers) -> None:
    seen = {rolls.cursor()}
    keep(told("B"))
    seen.add(rolls.cursor())
    judge(officers["duty"], Outcome.CAME)
    seen.add(rolls.cursor())
    assert len(seen) == 3


def test_the_table_has_a_row_for_each_way_in_which_it_was_shown_and_no_name(officers: Officers) -> None:
    keep(told("B"))
    keep(told("B", "C", back=0), day=1)
    judge(officers["duty"], Outcome.NOTHING)
    heading, *rows = warned.rows()
    found = [dict(zip(heading, row, strict=True)) for row in rows]
    assert [each["sectors"] for each in found] == ["B", "B C"]
    assert {each["outcome"] for each in found} == {"nothing"}
    assert {each["judged_by"] for each in found} == {"duty"}
    assert (found[0]["expected"], found[0]["p"], found[0]["recurrence"]) == ("1.250", "0.002000", "500")
