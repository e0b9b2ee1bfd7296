"""The end of a term on both nodes and both engines: what goes, what stays, and where the machine may stop."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from mithaq.exchange import delivery
from mithaq.exchange.receipts import Owed
from mithaq.moments import DAY, Moment
from mithaq.notices import numbers
from mithaq.notices.envelope import parse
from mithaq.record import merkle
from mithaq_files import export, verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from mithaq_node.keystore.vault import Vault
from mithaq_node.queries import ledgers
from mithaq_node.services import drafting, erasing, outward, receiving
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store.models import Draft
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair, notice, release
from tests.mithaq_node.ports import Ports, PowerCut
from tests.mithaq_node.setback import SetBack

TOLD = meadow.INCIDENT | {"account": {"lang": "en", "text": "a dry field, an example"}}
FIRST = 3
"""Where a side's first notice stands: after key-set, instrument and a receipt."""
OVER = Moment(NOW.seconds + 400 * DAY)


@pytest.fixture
def told(pair: Pair) -> Pair:
    """A text of each side, delivered and receipted."""
    for holdings in (pair.ml, pair.rl):
        release(holdings, [notice(holdings.seat, 1, content=TOLD)])
    pair.settle()
    return pair


def texts(holdings: Holdings) -> list[tuple[str, int]]:
    """The log and index of every text that a node can read."""
    return [
        (log.origin, each.index)
        for log in record.logs(holdings.conn, holdings.engine)
        for each in record.read_parts(holdings.conn, holdings.engine, log, 0, log.size)
        if each.part.retention == "text"
    ]


def erase(pair: Pair, standing: Standing, holdings: Holdings, now: Moment = OVER) -> tuple[str, ...]:
    pair.now = now
    with standing(holdings):
        return erasing.erase(now=now)


def vault(holdings: Holdings) -> Vault:
    assert isinstance(holdings.engine.vault, Vault)
    return holdings.engine.vault


def test_both_sides_erase_at_the_end_of_the_term_and_say_so(told: Pair, standing: Standing) -> None:
    for holdings in (told.ml, told.rl):
        assert erase(told, standing, holdings, Moment(NOW.seconds + 300 * DAY)) == ()
        assert len(texts(holdings)) == 2
        (number,) = erase(told, standing, holdings)
        assert texts(holdings) == []
        leaf = record.read_entries(holdings.conn, holdings.engine, holdings.own(), holdings.own().size - 1, 9_999)[0]
        said = parse(leaf).header
        assert said.kind == "erased"
        assert said.erased is not None
        assert [each.retention for each in said.erased] == ["text", "text"]
        assert number.startswith(holdings.seat.party)
        assert vault(holdings).drawers() == ()
        assert erase(told, standing, holdings) == ()
    told.settle()
    with standing(told.ml):
        assert {each.party for each in ledgers.book().erasures} == {"ML", "RL"}


def test_digest_and_proofs_and_export_are_the_same_before_and_after(
    told: Pair, standing: Standing, tmp_path: Path
) -> None:
    log = told.ml.own()
    proof, root = told.ml.tree(log).inclusion(FIRST, log.size), log.frontier.root()
    with standing(told.ml):
        before = ledgers.book().digest()
        facts = record.read_part(told.ml.conn, told.ml.engine, log, FIRST, 0)
        erase(told, standing, told.ml)
    told.settle()
    with standing(told.ml):
        assert ledgers.book().digest() == before
        assert facts is not None
        assert record.read_part(told.ml.conn, told.ml.engine, log, FIRST, 0) == facts
        grown = told.ml.own()
        assert told.ml.tree(grown).root(log.size) == root
        (entry,) = record.read_entries(told.ml.conn, told.ml.engine, log, FIRST, FIRST + 1)
        assert merkle.verify_inclusion(FIRST, log.size, merkle.leaf_hash(entry), proof, root)
        out = tmp_path / "export"
        export.write(out, meadow.sealed().files(), outward.sources(), demo=False)
    (subject,) = verifying.verify([out], Trust()).subjects
    assert subject.verdict is Verdict.INTACT
    assert {(each.log, each.early) for each in subject.erasures} == {
        (told.ml.seat.origin, False),
        (told.rl.seat.origin, False),
    }


def test_a_part_that_comes_after_its_end_is_not_kept_and_not_missing(told: Pair, standing: Standing) -> None:
    """A late courier brings the very delivery that came before, with the text in it."""
    erase(told, standing, told.rl)
    peer = told.rl.seat.peers["ML"]
    assert told.rl.held(told.rl.theirs(peer)).erased == {"text": FIRST + 1}
    for body in list(told.carried):
        if delivery.decode(body, told.rl.seat.law.limits).log == peer.origin:
            assert receiving.receive(told.rl, peer, body, OVER).ok
    assert texts(told.rl) == []
    theirs = told.rl.theirs(told.rl.seat.peers["ML"])
    assert Owed.decode(theirs.owed).missing == ()


def test_a_text_that_never_arrived_is_awaited_no_more(pair: Pair, standing: Standing) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1, content=TOLD)])
    pair.damage = _without_parts
    pair.send(pair.ml)
    pair.damage = lambda body: body
    theirs = pair.rl.theirs(pair.rl.seat.peers["ML"])
    assert (FIRST, 1) in Owed.decode(theirs.owed).missing
    assert erase(pair, standing, pair.rl) != ()
    theirs = pair.rl.theirs(pair.rl.seat.peers["ML"])
    assert Owed.decode(theirs.owed).missing == ((FIRST, 0),)
    pair.settle()
    assert texts(pair.rl) == []
    with standing(pair.rl):
        ladder = ledgers.book().notices[numbers.spoken("ML", FIRST)].ladder["RL"]
        assert (ladder.delivered is not None, ladder.readable) == (True, None)


def test_old_backups_hold_nothing_readable(told: Pair, standing: Standing) -> None:
    holdings = told.ml
    rows = holdings.conn.execute("SELECT log_id, \"index\", number, body, month FROM part WHERE month <> ''").fetchall()
    opened = [
        vault(holdings).open("text", month, b"part %d %d %d" % (log, index, number), bytes(body))
        for log, index, number, body, month in rows
    ]
    assert [b"a dry field" in (plain or b"") for plain in opened] == [True, True]
    erase(told, standing, holdings)
    for log, index, number, body, month in rows:
        assert vault(holdings).open("text", month, b"part %d %d %d" % (log, index, number), bytes(body)) is None


def test_a_draft_that_nobody_touched_for_a_term_is_dropped(pair: Pair, standing: Standing) -> None:
    with standing(pair.ml):
        officers = meadow.officers()
        begun = [
            drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=TOLD, now=at).pk
            for at in (NOW, Moment(OVER.seconds - DAY))
        ]
        erasing.erase(now=OVER)
        assert [draft.pk for draft in Draft.objects.all()] == begun[1:]


ENUMERATED = pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
"""One run for each call that is made: on both engines in the long tests."""


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> Ports:
    made = Ports()
    made.install_desk(monkeypatch)
    return made


def cut_off(ports: Ports, cut_at: int, deed: Callable[[], object]) -> bool:
    """Do it with the power cut at the call of that number; whether it came to that."""
    ports.start(cut_at)
    with suppress(PowerCut):
        deed()
    connections["default"].close()
    reached = len(ports.calls) == cut_at
    ports.start()
    return reached


def next_texts(pair: Pair, number: int) -> Moment:
    """Each side tells one more text; the moment at which they are to be erased."""
    pair.now = Moment(NOW.seconds + number * 400 * DAY)
    for each in (pair.ml, pair.rl):
        release(each, [notice(each.seat, 10 + number, now=pair.now, content=TOLD)])
    pair.settle()
    return Moment(pair.now.seconds + 400 * DAY)


def is_erased(holdings: Holdings, size: int) -> None:
    assert holdings.own().size == size + 1, "it is said once"
    assert _rows(holdings) == 0
    assert vault(holdings).drawers() == ()


@ENUMERATED
def test_an_erasure_may_be_cut_off_at_every_call_and_the_next_start_finishes_it(
    pair: Pair, standing: Standing, ports: Ports, record_property: Callable[[str, object], None]
) -> None:
    holdings = pair.ml
    with standing(holdings):
        for number in count(1):
            now, size = next_texts(pair, number), holdings.own().size
            digest = ledgers.book().digest()
            reached = cut_off(ports, number, partial(erasing.erase, now=now))
            assert len(texts(holdings)) == (0 if holdings.own().size > size else 2), "the log says it when it is so"
            erasing.finish(now=now)
            erasing.erase(now=now)
            is_erased(holdings, size)
            assert ledgers.book().digest() == digest
            if not reached:
                break
    assert number > 60
    record_property("done", f"{number - 1} cuts of the power")


@ENUMERATED
def test_what_finishes_an_erasure_may_be_cut_off_at_every_call_too(
    pair: Pair,
    standing: Standing,
    ports: Ports,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """The store holds again what its log says is gone, as a restored one does, and the keys are there: all is to do."""
    holdings = pair.ml
    with standing(holdings):
        for number in count(1):
            now, size, rows = next_texts(pair, number), holdings.own().size, _all_rows(holdings)
            with monkeypatch.context() as patched:
                patched.setattr(erasing, "destroy_keys", lambda now: None)
                erasing.erase(now=now)
            _put_back(holdings, rows)
            reached = cut_off(ports, number, partial(erasing.finish, now=now))
            erasing.finish(now=now)
            is_erased(holdings, size)
            if not reached:
                break
    assert number > 20
    record_property("done", f"{number - 1} cuts of the power")


def test_the_key_of_a_month_that_goes_on_stays(told: Pair, standing: Standing) -> None:
    holdings = told.ml
    with standing(holdings):
        later = Moment(OVER.seconds - 2 * DAY)
        release(holdings, [notice(holdings.seat, 2, now=later, content=TOLD)])
        erasing.erase(now=OVER)
    assert len(texts(holdings)) == 1
    assert vault(holdings).drawers() == (("text", str(later)[:7]),)


def test_a_restored_store_lets_go_what_its_log_says_is_erased(told: Pair, standing: Standing, setback: SetBack) -> None:
    """The log is read back from the mirror with its `erased` leaf; the old parts are in the old store again."""
    erase(told, standing, told.rl)
    told.settle()
    setback.remember()
    erase(told, standing, told.ml)
    told.settle()
    setback.restore()
    assert texts(told.ml) == [], "the key was destroyed, so the restored rows say nothing"
    assert _rows(told.ml) == 2
    told.settle_by_steps()
    with standing(told.ml):
        erasing.finish(now=OVER)
    assert _rows(told.ml) == 0


def _rows(holdings: Holdings) -> int:
    (count,) = holdings.conn.execute("SELECT count(*) FROM part WHERE month <> ''").fetchone()
    return int(count)


_COLUMNS = 'log_id, "index", number, salt, body, retention, month'


def _all_rows(holdings: Holdings) -> list[tuple[Any, ...]]:
    return holdings.conn.execute(f"SELECT {_COLUMNS} FROM part WHERE month <> ''").fetchall()


def _put_back(holdings: Holdings, rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" for _ in rows[0])
    with holdings.engine.transaction(holdings.conn):
        for row in rows:
            holdings.engine.execute(holdings.conn, f"INSERT INTO part ({_COLUMNS}) VALUES ({marks})", row)


def _without_parts(body: bytes) -> bytes:
    return delivery.encode(replace(delivery.decode(body, meadow.sealed().law.limits), parts=()))
