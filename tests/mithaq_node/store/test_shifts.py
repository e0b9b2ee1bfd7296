"""Shifts and the watch log on both engines: written once, one at a time, and told when somebody changed a row."""

import sqlite3

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import handover
from mithaq.notices.handover import Handing, What
from mithaq_node.queries import shifts
from mithaq_node.services import vouching
from mithaq_node.services.vouching import Verdict
from mithaq_node.store.models import HandingRow, ShiftRow, WatchLineRow
from tests.mithaq_node.meadow import NOW
from tests.mithaq_node.watches import MARKER, Officers, found, hand, released, take, write

LATER = Moment(NOW.seconds + 3_600)


def test_a_watch_is_handed_over_under_both_signatures(officers: Officers) -> None:
    take(officers["duty"], "t1")
    number = released(officers)
    write(officers["duty"])
    hand(officers["duty"])
    second = take(officers["releasing"], "t2", remark="Will have it mended.", now=LATER)
    assert second.handed is not None
    assert second.handed.said.remark == MARKER
    assert (second.said.by, second.handed.said.by) == (officers["releasing"].key_name, officers["duty"].key_name)
    assert [(each.what, each.of) for each in second.look.items] == [(What.UNRECEIVED, number)]
    assert not second.changed
    vouched = vouching.vouch(second)
    assert (vouched.taking, vouched.handing, vouched.is_same_handing, vouched.log_is_whole) == (
        Verdict.HOLDS,
        Verdict.HOLDS,
        True,
        True,
    )


def test_a_form_that_is_sent_twice_signs_once(officers: Officers) -> None:
    looked = found()
    assert take(officers["duty"], "t1").number == take(officers["duty"], "t1", found=looked).number == 1
    seen = shifts.present().look
    assert hand(officers["duty"], seen=seen).pk == hand(officers["duty"], seen=seen).pk
    assert write(officers["duty"]).number == write(officers["duty"]).number == 1
    counts = [rows.objects.count() for rows in (ShiftRow, HandingRow, WatchLineRow)]
    assert counts == [1, 1, 1]


def test_of_two_who_take_over_at_once_one_is_told_who_has_it(officers: Officers) -> None:
    looked = found()
    take(officers["duty"], "t1", found=looked)
    with pytest.raises(Refusal, match=r"shift\.taken") as refused:
        take(officers["releasing"], "t2", found=looked)
    assert refused.value.data == {"officer": officers["duty"].name, "at": str(NOW)}
    with pytest.raises(Refusal, match=r"shift\.already-yours"):
        take(officers["duty"], "t3")


def test_a_paper_that_was_changed_in_the_store_is_vouched_for_no_more(officers: Officers) -> None:
    """Whoever administers the database can drop triggers; the signatures show it."""
    take(officers["duty"], "t1")
    write(officers["duty"])
    hand(officers["duty"])
    take(officers["releasing"], "t2")
    row, handing = ShiftRow.objects.get(number=2), HandingRow.objects.get()
    with without_triggers():
        ShiftRow.objects.filter(number=2).update(paper=bytes(row.paper).replace(b'"heard":4', b'"heard":5'))
        WatchLineRow.objects.filter(number=1).update(text="Nothing was seen.")
        HandingRow.objects.filter(pk=handing.pk).update(items=handover.encoded(()) + b"")
    vouched = vouching.vouch(shifts.shift(2))
    assert (vouched.taking, vouched.log_is_whole) == (Verdict.BROKEN, False)
    with without_triggers():
        said = handover.read(bytes(handing.paper), Handing)
        other = handover.text_of(said).replace(MARKER.encode(), b"all is well")
        HandingRow.objects.filter(pk=handing.pk).update(
            paper=bytes(handing.paper).replace(handover.text_of(said), other)
        )
    assert not vouching.vouch(shifts.shift(2)).is_same_handing


class without_triggers:  # noqa: N801  # reads as a condition
    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            for table in ("shift", "handing", "watch_line"):
                if connection.vendor == "sqlite":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_update_refused")
                else:
                    cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')

    def __exit__(self, *_: object) -> None:
        return None


def test_the_database_itself_refuses_to_change_or_drop_a_row(officers: Officers) -> None:
    take(officers["duty"], "t1")
    hand(officers["duty"])
    write(officers["duty"])
    for table in ("shift", "handing", "watch_line"):
        deeds = [f'UPDATE "{table}" SET drawn = drawn', f'DELETE FROM "{table}"']
        deeds += [f'TRUNCATE "{table}" CASCADE'] if connection.vendor == "postgresql" else []
        for deed in deeds:
            with pytest.raises(DatabaseError, match="append-only") as refused, transaction.atomic():
                connection.cursor().execute(deed)
            assert isinstance(refused.value.__cause__, sqlite3.IntegrityError | psycopg.errors.RaiseException), deed
