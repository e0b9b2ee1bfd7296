"""What a party keeps for itself: desks, hands, remarks and its own numbers, on both engines."""

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices.desks import Arrangement, Desk, Rule
from mithaq.notices.handover import Item, What
from mithaq_node.queries import inside, rolls, shifts
from mithaq_node.services import arranging, assigning, numbering, releasing, remarking
from mithaq_node.store.append_only import INSIDE, TICKED
from mithaq_node.store.models import Officer
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.services.test_releasing import filed

Officers = dict[str, Officer]
LATER = Moment(NOW.seconds + 600)
PLAN = Arrangement(
    desks=[Desk("main", "watch", "Main desk"), Desk("north", "watch", "Northern desk", ["duty desk"])],
    main="main",
    rules=[Rule("north", kinds=["incident.initial"], sectors=["A"])],
)


@pytest.fixture
def number(officers: Officers) -> str:
    """An incident in sector A."""
    return releasing.release(draft_id=filed(officers["duty"]), officer=officers["releasing"], secret=SECRET, now=NOW)


def arrange(plan: Arrangement = PLAN, seen: int = 0) -> int:
    return arranging.arrange(arrangement=plan, seen=seen, by=None, now=NOW)


def refused(call: Callable[..., Any], **named: Any) -> Refusal:
    with pytest.raises(Refusal) as found:
        call(**named)
    return found.value


def test_the_rules_say_where_it_is_and_the_main_desk_has_what_they_do_not(number: str) -> None:
    assert inside.sheet(number).place.desk == ""
    arrange()
    place = inside.sheet(number).place
    assert (place.name, place.routed and place.routed.rule, place.by_no_rule) == ("Northern desk", 1, False)
    arrange(msgspec.structs.replace(PLAN, rules=[]), seen=1)
    place = inside.sheet(number).place
    assert (place.name, place.by_no_rule) == ("Main desk", True)


def test_a_change_of_an_order_that_was_changed_meanwhile_is_refused(officers: Officers) -> None:
    assert arrange() == 1
    assert refused(arranging.arrange, arrangement=PLAN, seen=0, by=None, now=NOW).code == "desks.changed-meanwhile"
    unknown = msgspec.structs.replace(PLAN, desks=[*PLAN.desks, Desk("x", "watch", "X", ["nobody"])])
    assert refused(arranging.arrange, arrangement=unknown, seen=1, by=None, now=NOW).code == "officer.unknown"


def test_a_matter_is_taken_given_and_given_back_and_its_history_stays(officers: Officers, number: str) -> None:
    arrange()
    duty, second = officers["duty"], officers["second"]
    assigning.take(number=number, officer=duty, seen=0, now=NOW)
    assert inside.sheet(number).place.officer == duty.name
    assigning.give(number=number, by=second, to=f"officer:{second.name}", seen=1, now=LATER)
    assigning.give(number=number, by=second, to="desk:main", seen=2, now=LATER)
    place = inside.sheet(number).place
    assert (place.desk, place.given, place.officer) == ("main", True, "")
    assert inside.in_hand() == (inside.Held(number, "main", "", str(LATER), second.name),)
    assert Item(What.IN_HAND, number, "incident.initial", "ML", "Main desk") in shifts.present().look.items
    gone = msgspec.structs.replace(PLAN, desks=[PLAN.desks[1]], main="north", rules=[])
    assert refused(arranging.arrange, arrangement=gone, seen=1, by=None, now=NOW).code == "desks.has-matters"
    assigning.give_back(number=number, by=duty, seen=3, now=LATER)
    sheet = inside.sheet(number)
    assert (sheet.place.desk, sheet.place.officer, inside.in_hand()) == ("north", "", ())
    assert [each.deed for each in sheet.history] == ["taken", "given", "given", "given-back"]
    assert refused(assigning.give_back, number=number, by=duty, seen=4, now=NOW).code == "assignment.in-nobodys-hands"


def test_of_two_who_take_it_one_has_it_and_the_other_is_told_who(officers: Officers, number: str) -> None:
    first, second = officers["duty"], officers["second"]
    assigning.take(number=number, officer=first, seen=0, now=NOW)
    told = refused(assigning.take, number=number, officer=second, seen=0, now=LATER)
    assert (told.code, told.data) == ("assignment.taken", {"officer": first.name, "at": str(NOW)})
    behind = refused(assigning.give, number=number, by=second, to="officer:second desk", seen=0, now=LATER)
    assert behind.code == "assignment.taken"
    assert len(inside.sheet(number).history) == 1


def test_two_who_take_it_in_the_same_moment_cannot_both_have_it(
    officers: Officers, number: str, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> None:
    """Both look before either writes: the database decides."""
    looked = threading.Barrier(2, timeout=30)
    real, refusals = inside.last_handing, []

    def look(matter: str) -> Any:
        found = real(matter)
        if not connection.in_atomic_block and found is None:
            looked.wait()
        return found

    monkeypatch.setattr(inside, "last_handing", look)

    def take(officer: Officer) -> None:
        with django_db_blocker.unblock():
            try:
                assigning.take(number=number, officer=officer, seen=0, now=NOW)
            except Refusal as refusal:
                refusals.append(refusal.code)
            finally:
                connection.close()

    both = [threading.Thread(target=take, args=(officers[name],)) for name in ("duty", "second")]
    for each in both:
        each.start()
    for each in both:
        each.join(60)
    assert refusals == ["assignment.taken"]
    assert len(inside.sheet(number).history) == 1


def test_an_auditor_reads_and_writes_nothing(officers: Officers, number: str) -> None:
    auditor = officers["auditor"]
    assert refused(assigning.take, number=number, officer=auditor, seen=0, now=NOW).code == "desk.not-your-place"
    assert refused(remarking.remark, number=number, officer=auditor, text="x", now=NOW).code == "desk.not-your-place"
    assert refused(numbering.register, number=number, officer=auditor, typed="1", now=NOW).code == "desk.not-your-place"
    to = f"officer:{auditor.name}"
    told = refused(assigning.give, number=number, by=officers["duty"], to=to, seen=0, now=NOW)
    assert told.code == "desk.not-your-place"


def test_a_remark_stays_open_until_another_settles_it(officers: Officers, number: str) -> None:
    duty, second = officers["duty"], officers["second"]
    remarking.remark(number=number, officer=duty, text="For the file.", now=NOW)
    for odd in ("", " \n ", "x" * 2001, "a\0b"):
        assert refused(remarking.remark, number=number, officer=duty, text=odd, now=NOW).code == "remark.bad-text"
    for unseen in ("drow\u202e a", "a\u2067b", "a\x07b"):
        told = refused(remarking.remark, number=number, officer=duty, text=unseen, now=NOW)
        assert told.code == "remark.hidden-character"
    told = refused(remarking.remark, number=number, officer=duty, text="Call 0770 123 4567 now.", now=NOW)
    assert (told.code, told.data) == ("remark.passage", {"passage": "0770 123 4567"})
    asked = remarking.remark(number=number, officer=duty, text=" Ask the ranger.\r\nToday. ", asks=True, now=NOW)
    assert Item(What.REMARK, number, "incident.initial", "ML") in shifts.present().look.items
    assert [(each.text, each.author) for each in inside.open_remarks()] == [("Ask the ranger.\nToday.", duty.name)]
    remarking.settle(remark=asked.pk, officer=second, text="Asked.", now=LATER)
    assert inside.open_remarks() == ()
    assert refused(remarking.settle, remark=asked.pk, officer=duty, text="Again.", now=LATER).code == "remark.not-open"
    said = inside.sheet(number).remarks
    assert [(each.text, each.is_open, each.settles) for each in said] == [
        ("For the file.", False, None),
        ("Ask the ranger.\nToday.", False, None),
        ("Asked.", False, asked.pk),
    ]


def test_a_number_of_no_notice_has_nothing_inside(officers: Officers, number: str) -> None:
    for receipt in ("ML 1-8", "ML 900-5"):
        named = {"number": receipt, "officer": officers["duty"], "now": NOW}
        assert refused(remarking.remark, text="x", **named).code == "desk.no-notice"
        assert refused(numbering.register, typed="x", **named).code == "desk.no-notice"
        assert refused(assigning.take, seen=0, **named).code == "desk.no-notice"


def test_a_registry_number_is_typed_or_drawn_and_found_in_any_digits(officers: Officers, number: str) -> None:
    duty = officers["duty"]
    assert refused(numbering.register, number=number, officer=duty, now=NOW).code == "registry.no-pattern"
    assert numbering.register(number=number, officer=duty, typed="وارده ۷/۱۲", now=NOW) == "وارده ۷/۱۲"
    assert [each.about for each in inside.registered("وارده ٧/١٢")] == [number]
    arrange(msgspec.structs.replace(PLAN, registry="{year}/{running}", calendar="solar"))
    assert numbering.register(number=number, officer=duty, now=NOW) == "1409/1"
    assert numbering.register(number=number, officer=duty, now=NOW) == "1409/2"
    sheet = inside.sheet(number)
    assert (sheet.registry, len(sheet.registrations)) == ("1409/2", 3)
    assert [each.about for each in inside.registered("۱۴۰۹/۱")] == [number]  # what was replaced finds it too
    assert inside.Desks().registry(number) == "1409/2"


def test_what_is_kept_inside_is_never_changed(officers: Officers, number: str) -> None:
    arrange()
    assigning.take(number=number, officer=officers["duty"], seen=0, now=NOW)
    remarking.remark(number=number, officer=officers["duty"], text="x", now=NOW)
    numbering.register(number=number, officer=officers["duty"], typed="1", now=NOW)
    columns = {"arrangement": "version", "escalation": "step"}
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO escalation (about, step, authority, at) VALUES ('x', 1, 'watch', '2030-01-01')")
        ticked = "INSERT INTO tick (about, item, done, at, by_id) VALUES ('x', 'y', TRUE, '2030-01-01', %s)"
        cursor.execute(ticked, [officers["duty"].pk])
        for table in (*INSIDE, *TICKED):
            column = columns.get(table, "by_id")
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
                with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                    cursor.execute(statement)


def test_open_pages_learn_of_it(officers: Officers, number: str) -> None:
    seen = {rolls.cursor()}
    arrange()
    seen.add(rolls.cursor())
    assigning.take(number=number, officer=officers["duty"], seen=0, now=NOW)
    seen.add(rolls.cursor())
    remarking.remark(number=number, officer=officers["duty"], text="x", now=NOW)
    seen.add(rolls.cursor())
    numbering.register(number=number, officer=officers["duty"], typed="1", now=NOW)
    seen.add(rolls.cursor())
    assert len(seen) == 5
