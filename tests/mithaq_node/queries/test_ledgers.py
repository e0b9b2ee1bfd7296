"""The ledger of a process keeps up with the record, for every thread, on both engines."""

import threading
from dataclasses import replace

import msgspec
import pytest
from django.db import connection

from mithaq import signing
from mithaq.moments import Moment
from mithaq.notices import envelope
from mithaq_node.queries import agreement, drafts, instrument, ledgers, links, rolls, watch
from mithaq_node.services import drafting, filing, releasing
from mithaq_node.settings.node import Node
from mithaq_node.store import judgements
from mithaq_node.store.models import Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW, SECRET

Officers = dict[str, Officer]


def released(officers: Officers) -> str:
    draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    return releasing.release(draft_id=draft.pk, officer=officers["releasing"], secret=SECRET, now=NOW)


def test_the_book_holds_what_was_released_since_it_was_last_asked(officers: Officers) -> None:
    assert ledgers.book().notices == {}
    number = released(officers)
    assert list(ledgers.book().notices) == [number]
    assert ledgers.book() is ledgers.book()


def test_the_book_is_new_also_when_somebody_asked_for_the_sizes_in_between(officers: Officers) -> None:
    assert ledgers.book().notices == {}
    number = released(officers)
    assert sum(ledgers.roll().sizes().values()) == 3
    assert list(ledgers.book().notices) == [number]


def test_own_facts_stand_in_no_account_before_they_are_received(officers: Officers) -> None:
    number = released(officers)
    notice = ledgers.notice(number)
    assert notice is not None
    assert notice.facts is None
    assert notice.stated is not None
    assert notice.stated["event"] == "fire"


def test_threads_that_ask_at_once_get_the_same_book(officers: Officers) -> None:
    released(officers)
    books: list[object] = []

    def ask() -> None:
        books.append(ledgers.book().digest())
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(books) == 6
    assert len(set(books)) == 1


def test_a_link_that_was_never_heard_says_so(officers: Officers) -> None:
    (link,) = links.links(str(NOW))
    assert (link.party, link.state, link.heard) == ("RL", "never", "")


def test_there_is_no_agreement_before_the_other_side_has_stated_one(officers: Officers) -> None:
    released(officers)
    assert agreement.agreements() == ()
    assert agreement.level() is None


def test_the_watch_lists_an_open_incident_and_how_far_it_has_come(officers: Officers) -> None:
    number = released(officers)
    (line,) = watch.watch(str(NOW)).listed.lines
    assert line.incident.number == number
    assert line.ladder is not None
    assert (line.ladder.sealed.at, line.ladder.delivered) == (str(NOW), None)


def test_a_notice_without_a_receipt_is_shown_as_silent_after_the_time_the_instrument_allows(officers: Officers) -> None:
    notice = ledgers.notice(released(officers))
    assert notice is not None
    soon, late = Moment(NOW.seconds + 60), Moment(NOW.seconds + 3 * 3600)
    assert watch.silent_since(notice, str(soon), 30) == 0
    assert watch.silent_since(notice, str(late), 30) == 3 * 3600


def test_drafts_that_await_release_are_counted(officers: Officers) -> None:
    draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    assert (drafts.waiting(), [each.pk for each in drafts.unfinished()]) == (0, [draft.pk])
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    assert (drafts.waiting(), drafts.unfinished()) == (1, ())


def test_the_cursor_changes_with_the_log(officers: Officers) -> None:
    before = rolls.cursor()
    released(officers)
    assert rolls.cursor() != before


def test_the_cursor_changes_with_every_change_of_a_draft_and_with_nothing_else(officers: Officers) -> None:
    before = rolls.cursor()
    draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    begun = rolls.cursor()
    drafting.save_draft(
        officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, draft_id=draft.pk, now=NOW
    )
    changed = rolls.cursor()
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    filed = rolls.cursor()
    assert len({before, begun, changed, filed}) == 4, "though all of it was done within one moment"
    assert rolls.cursor() == filed


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every leaf of which a signature was verified."""
    texts: list[bytes] = []
    verifies = signing.verifies

    def noting(public: bytes, text: bytes, signature: bytes) -> bool:
        if text.startswith(envelope.FIRST_LINE):
            texts.append(text)
        return verifies(public, text, signature)

    monkeypatch.setattr(signing, "verifies", noting)
    monkeypatch.setattr(ledgers, "_FEW", 1)
    return texts


def next_process() -> ledgers.Roll:
    """The ledger of a process that begins now."""
    return ledgers.Roll(instrument.law(), instrument.versions())


def test_the_next_process_verifies_no_signature_again_and_comes_to_the_same(
    officers: Officers, node: Node, verified: list[bytes]
) -> None:
    released(officers)
    book = ledgers.book()
    assert (node.folder / judgements.FILE).exists()
    verified.clear()
    again = next_process().book()
    assert (again.digest(), dict(again.notices)) == (book.digest(), dict(book.notices))
    assert verified == []


def test_without_what_was_kept_it_judges_for_itself(officers: Officers, node: Node, verified: list[bytes]) -> None:
    released(officers)
    book = ledgers.book()
    for content in (None, b"something else\n"):
        (node.folder / judgements.FILE).unlink()
        if content is not None:
            (node.folder / judgements.FILE).write_bytes(content)
        verified.clear()
        assert next_process().book().digest() == book.digest()
        assert verified


def test_a_book_of_an_earlier_cut_keeps_what_was_judged_too(
    officers: Officers, node: Node, verified: list[bytes]
) -> None:
    released(officers)
    roll = next_process()
    roll.book_at(roll.sizes())
    assert (node.folder / judgements.FILE).exists()


def test_it_is_not_written_again_while_little_is_new(officers: Officers, node: Node, verified: list[bytes]) -> None:
    released(officers)
    roll = next_process()
    roll.book()
    (node.folder / judgements.FILE).unlink()
    roll.book_at({origin: size - 1 for origin, size in roll.sizes().items()}, apart=True)
    roll.book()
    assert not (node.folder / judgements.FILE).exists()


def test_a_roll_that_let_go_is_folded_again_by_whoever_still_asks(officers: Officers, node: Node) -> None:
    released(officers)
    roll = ledgers.roll()
    book = roll.book()
    roll.let_go()
    assert roll.book() is not book
    assert (roll.book().digest(), roll.sizes()) == (book.digest(), book.cut)


def test_facts_are_the_same_asked_for_by_index_and_by_range(
    officers: Officers, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(officers)
    released(officers)
    (log,) = (log for log in rolls.logs(instrument.law()) if log.own)
    by_index = rolls.facts(log, [2, 3])
    monkeypatch.setattr(rolls, "_FEW", 0)
    assert list(by_index) == [2, 3]
    assert rolls.facts(log, [2, 3]) == by_index
    assert list(rolls.facts(log, [3])) == [3]


@pytest.mark.usefixtures("officers")
def test_a_version_that_is_entered_between_two_questions_leaves_no_old_law_under_its_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = instrument.sealed()
    new = replace(old, law=msgspec.structs.replace(old.law), law_bytes=old.law_bytes + b" ")
    answers = iter([old])
    monkeypatch.setattr(ledgers, "_rolls", {})
    monkeypatch.setattr(instrument, "_binding", lambda _: next(answers, new))
    assert ledgers.roll()._law is old.law
    assert ledgers.roll()._law is new.law


@pytest.mark.usefixtures("officers")
def test_mended_words_are_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed, before = instrument.sealed(), ledgers.key()
    monkeypatch.setattr(instrument, "_binding", lambda _: replace(sealed, words_bytes=sealed.words_bytes + b" "))
    assert ledgers.key() != before
