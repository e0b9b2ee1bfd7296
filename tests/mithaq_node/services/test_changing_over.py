"""Entering a new version of the instrument: what it takes, that no step of it is lost, and that both sides see the same
whatever came first."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings

from mithaq import canonical, moments
from mithaq.errors import Refusal
from mithaq.instrument import sealing
from mithaq.instrument.law import Law
from mithaq.instrument.sealing import Sealed
from mithaq.instrument.words import Words
from mithaq.moments import Moment
from mithaq.notices import envelope
from mithaq.notices.envelope import KeySet, Reference, Roots, key_set_text, text_of
from mithaq.notices.keys import with_signatures
from mithaq.record import note
from mithaq.signing import PrivateKey
from mithaq_files import case, held, verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from mithaq_node import queries
from mithaq_node.queries import agreement as seen
from mithaq_node.queries import instrument, ledgers
from mithaq_node.services import agreement, casing, changing_over, fsck, outward, proposing, sequencing
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import bell
from mithaq_node.store import log as record
from tests.mithaq_node import announcing, meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair, identity, key_set_header, notice, release
from tests.mithaq_node.services.test_outward import unpacked
from tools import verify

HOUR = 60
INCIDENT = "incident.initial"
WORKS = "works.planned"
CLEARING: dict[str, Any] = {
    "activity": "demining",
    "place": {"form": "kilometre", "km": 20},
    "distance": "under-2-km",
    "period": {"from": "2030-05-20T05:00:00Z", "until": "2030-05-22T05:00:00Z"},
}


def amended(change: Callable[[Law], Law], words: Words | None = None, by: tuple[str, ...] = ("ML", "RL")) -> Sealed:
    """The next version after the one served, sealed by `by`."""
    served = queries.sealed()
    law = change(msgspec.structs.replace(served.law, version=served.law.version + 1))
    return sealed(canonical.encode_trusted(law), canonical.encode_trusted(words or served.words), by)


def sealed(law: bytes, words: bytes, by: tuple[str, ...] = ("ML", "RL")) -> Sealed:
    found = Sealed.open(law, words)
    for party in by:
        found = sealing.seal(found, party, *meadow.root(party))
    return found


def quicker(law: Law) -> Law:
    """Every clock is an hour long, by night too."""
    clocks = [msgspec.structs.replace(each, minutes=HOUR, calendar="continuous") for each in law.clocks]
    return msgspec.structs.replace(law, clocks=clocks)


@pytest.fixture
def second(pair: Pair, standing: Standing) -> Sealed:
    """The second version, sealed by both."""
    with standing(pair.ml):
        return amended(quicker)


def enter(version: Sealed, now: Moment = NOW) -> changing_over.ChangedOver:
    """Bring a version to the node that is stood on, and enter it."""
    proposing.propose(proposed=version, now=now)
    return changing_over.enter(now=now)


def under(holdings: Holdings, version: Sealed) -> Any:
    """The seat of a node as whatever is made under `version` sees it."""
    return replace(holdings.seat, law=version.law, law_digest=version.law_digest)


def leaves_of(holdings: Holdings) -> list[envelope.Leaf]:
    own = holdings.own()
    return [envelope.parse(each) for each in record.read_entries(holdings.conn, holdings.engine, own, 0, own.size)]


def digest(standing: Standing, holdings: Holdings) -> str:
    with standing(holdings):
        book = ledgers.book()
        assert not book.incomplete
        return book.digest()


# What it does


def test_from_its_leaf_on_the_version_binds_and_is_served_and_the_one_before_is_kept(
    pair: Pair, standing: Standing, second: Sealed
) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    with standing(pair.ml):
        first = queries.sealed()
        (number,) = enter(second).leaves
        assert (queries.law().version, queries.sealed().law_digest) == (2, second.law_digest)
        assert [each.law.version for each in queries.held()] == [1, 2]
        assert not settings.NODE.proposed.exists()
        (old,) = ledgers.book().incidents.values()
        assert old.notices[0].leaf is not None
        assert old.notices[0].leaf.header.law == first.law_digest
    last = leaves_of(pair.ml)[-1].header
    assert (last.law, last.instrument) == (
        first.law_digest,
        envelope.InForce(law=second.law_digest, words=second.words_digest),
    )
    assert number.startswith("ML ")
    with standing(pair.rl):
        assert queries.law().version == 1


def test_a_running_clock_keeps_its_length_and_the_next_one_has_the_new(
    pair: Pair, standing: Standing, second: Sealed
) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    for holdings in (pair.ml, pair.rl):
        with standing(holdings):
            enter(second)
    release(pair.ml, [notice(under(pair.ml, second), 2)])
    pair.settle()
    with standing(pair.rl):
        before, after = sorted(ledgers.book().running, key=lambda each: each.started)[:1], ledgers.book().running
        by_notice = {each.notice: each for each in after}
        assert len(by_notice) == 2
        lengths = {number: length(each.started, each.due) for number, each in by_notice.items()}
        assert HOUR * 60 in lengths.values()
        assert len(set(lengths.values())) == 2
        assert before
    assert digest(standing, pair.ml) == digest(standing, pair.rl)


def length(start: str, end: str) -> int:
    return moments.parse(end).seconds - moments.parse(start).seconds


def test_a_notice_made_under_a_version_not_entered_here_waits_visibly_and_counts_once_it_is(
    pair: Pair, standing: Standing, second: Sealed
) -> None:
    with standing(pair.ml):
        enter(second)
    release(pair.ml, [notice(under(pair.ml, second), 1)])
    pair.settle()
    with standing(pair.rl):
        (waits,) = instrument.unheld()
        assert (waits.party, waits.law) == ("ML", second.law_digest)
        assert ledgers.book().incomplete
        assert agreement.publish(now=NOW) is None
        assert seen.agreements() == ()
        enter(second)
        assert instrument.unheld() == ()
        (incident,) = ledgers.book().incidents.values()
        assert incident.notices[0].conforms
    pair.settle()
    assert digest(standing, pair.ml) == digest(standing, pair.rl)


def test_a_wider_field_is_a_kind_that_the_next_version_has_and_both_are_told_of_it(
    pair: Pair, standing: Standing
) -> None:
    wider = announcing.instrument()
    law = msgspec.structs.replace(wider.law, version=2)
    version = sealed(canonical.encode_trusted(law), wider.words_bytes)
    for holdings in (pair.ml, pair.rl):
        with standing(holdings):
            assert queries.law().kind(WORKS) is None
            enter(version)
    release(pair.ml, [notice(under(pair.ml, version), 1, content=CLEARING, name=WORKS)])
    pair.settle()
    with standing(pair.rl):
        (told,) = [each for each in ledgers.book().notices.values() if each.kind == WORKS]
        assert told.conforms
        assert told.facts is not None
    assert digest(standing, pair.ml) == digest(standing, pair.rl)


EVENTS = ("ML enters", "RL enters", "ML tells", "RL tells", "they deliver")


@pytest.mark.parametrize("order", list(permutations(EVENTS))[::7], ids=lambda order: " ".join(order).replace(" ", "-"))
def test_both_see_the_same_in_whatever_order_they_enter_and_tell(
    order: tuple[str, ...], pair_on_sqlite: Pair, standing: Standing
) -> None:
    pair = pair_on_sqlite
    with standing(pair.ml):
        second = amended(quicker)
    sides = {"ML": pair.ml, "RL": pair.rl}
    entered: set[str] = set()
    for what in order:
        party, _, deed = what.partition(" ")
        if deed == "enters":
            with standing(sides[party]):
                enter(second)
            entered.add(party)
        elif deed == "tells":
            seat = under(sides[party], second) if party in entered else sides[party].seat
            release(sides[party], [notice(seat, 1)])
        else:
            pair.settle()
    pair.settle()
    assert digest(standing, pair.ml) == digest(standing, pair.rl)
    with standing(pair.ml):
        book = ledgers.book()
        assert len(book.incidents) == 2
        assert not book.nonconforming


def test_a_process_that_runs_meanwhile_judges_under_the_new_version_at_its_next_look(
    pair: Pair, standing: Standing, second: Sealed
) -> None:
    assert not pair.rl.seat.versions.holds(second.law_digest)
    with standing(pair.rl):
        enter(second)
    assert pair.rl.seat.versions.holds(second.law_digest)


def test_words_alone_are_entered_under_the_same_law(pair: Pair, standing: Standing) -> None:
    with standing(pair.ml):
        served = queries.sealed()
        labels = {**served.words.labels, "precedence.flash": {"en": "Lightning"}}
        mended = msgspec.structs.replace(served.words, labels=labels)
        enter(sealed(served.law_bytes, canonical.encode_trusted(mended)))
        assert queries.sealed().law_digest == served.law_digest
        assert queries.words().labels["precedence.flash"]["en"] == "Lightning"
        book = ledgers.book()
        assert not book.incomplete


def test_what_another_process_filed_under_the_version_before_is_refused_at_the_log(
    pair: Pair, standing: Standing, second: Sealed
) -> None:
    row = notice(pair.ml.seat, 1)
    with standing(pair.ml):
        enter(second)
        origin = sequencing.own_origin()
        with (
            pytest.raises(Refusal, match=r"draft\.under-other-law"),
            sequencing.open_log(origin=origin, now=NOW) as log,
        ):
            log.append(sequencing.Entry(*row))


# What it refuses


def test_it_refuses_without_a_proposal_and_without_every_seal(pair: Pair, standing: Standing) -> None:
    with standing(pair.ml):
        with pytest.raises(Refusal, match=r"instrument\.none-proposed"):
            changing_over.enter(now=NOW)
        for by in ((), ("ML",), ("RL",)):
            proposing.propose(proposed=amended(quicker, by=by), now=NOW)
            if by != ("RL",):  # the seals of both are put together
                with pytest.raises(Refusal, match=r"instrument\.not-sealed"):
                    changing_over.enter(now=NOW)
        changing_over.enter(now=NOW)


def test_it_refuses_a_version_that_leaves_one_out(pair: Pair, standing: Standing) -> None:
    with standing(pair.ml):
        proposing.propose(proposed=amended(lambda law: msgspec.structs.replace(quicker(law), version=3)), now=NOW)
        with pytest.raises(Refusal, match=r"instrument\.not-next"):
            changing_over.enter(now=NOW)
        assert (queries.law().version, len(queries.held())) == (1, 1)


def test_it_refuses_a_deadline_that_has_passed_since_it_was_proposed(pair: Pair, standing: Standing) -> None:
    def moved(law: Law) -> Law:
        promise, *rest = law.commitments
        return msgspec.structs.replace(law, commitments=[msgspec.structs.replace(promise, due="2035-01-01"), *rest])

    with standing(pair.ml):
        proposing.propose(proposed=amended(moved), now=NOW)
        with pytest.raises(Refusal, match=r"instrument\.past-deadline"):
            changing_over.enter(now=Moment(NOW.seconds + 10 * 365 * 86_400))


def test_an_extension_that_one_side_entered_in_time_is_entered_by_the_other_after_the_old_term(
    tmp_path: Path, standing: Standing
) -> None:
    after = Moment(NOW.seconds + 10 * 365 * 86_400)
    with closing(Pair(tmp_path / "pair", instrument=meadow.sealed(until="2031-01-01"))) as pair:
        pair.settle()
        with standing(pair.ml):
            longer = amended(lambda law: msgspec.structs.replace(law, until="2090-01-01"))
            enter(longer)
            queries.sealed().require_in_force(after)
        with standing(pair.rl), pytest.raises(Refusal, match=r"instrument\.past-term"):
            enter(longer, after)
        pair.settle()
        with standing(pair.rl):
            enter(longer, after)
        pair.settle()
        assert digest(standing, pair.ml) == digest(standing, pair.rl)


def test_whoever_is_two_versions_behind_enters_them_one_after_the_other_however_late(
    tmp_path: Path, standing: Standing
) -> None:
    after = Moment(NOW.seconds + 10 * 365 * 86_400)
    with closing(Pair(tmp_path / "pair", instrument=meadow.sealed(until="2031-01-01"))) as pair:
        pair.settle()
        with standing(pair.ml):
            longer = amended(lambda law: msgspec.structs.replace(law, until="2090-01-01"))
            enter(longer)
        name, key, vkey = renewed_root(pair, longer)
        with standing(pair.ml):
            mine, theirs = longer.law.parties
            parties = [msgspec.structs.replace(mine, roots=[vkey]), theirs]
            law = msgspec.structs.replace(quicker(longer.law), version=3, parties=parties)
            last = Sealed.open(canonical.encode_trusted(law), longer.words_bytes)
            last = sealing.seal(sealing.seal(last, "ML", name, key), "RL", *meadow.root("RL"))
            enter(last)
        release(pair.ml, [notice(under(pair.ml, last), 1)])
        pair.settle()
        with standing(pair.rl):
            assert ledgers.book().incomplete
            assert not ledgers.book().running
            for version in (longer, last):
                enter(version, after)
        pair.settle()
        assert digest(standing, pair.ml) == digest(standing, pair.rl)


def test_a_leaf_that_names_a_draft_makes_no_past_day_come_again_whatever_moment_it_states(
    pair: Pair, standing: Standing
) -> None:
    def moved(law: Law) -> Law:
        promise, *rest = law.commitments
        return msgspec.structs.replace(law, commitments=[msgspec.structs.replace(promise, due="2035-01-01"), *rest])

    pair.now = Moment(NOW.seconds + 10 * 365 * 86_400)
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.send(pair.ml)
    with standing(pair.ml):
        draft = amended(moved, by=())
    said = envelope.InForce(law=draft.law_digest, words=draft.words_digest)
    seat, at = pair.ml.seat, pair.ml.own().last_at
    assert at < str(pair.now)
    header = envelope.Header(
        at=at, id="0" * 32, kind="instrument", law=seat.law_digest, log=seat.origin, instrument=said
    )
    release(pair.ml, [(text_of(header), ())])
    pair.send(pair.ml)
    with standing(pair.rl):
        assert ledgers.entered_elsewhere(draft.law_digest)
        with pytest.raises(Refusal, match=r"instrument\.past-deadline"):
            proposing.propose(proposed=draft, now=pair.now)


def test_what_was_not_made_under_a_version_that_is_not_held_is_still_agreed_on(
    pair: Pair, standing: Standing, second: Sealed
) -> None:
    with standing(pair.ml):
        enter(second)
    pair.send(pair.ml)
    with standing(pair.rl):
        assert instrument.unheld()
        assert agreement.publish(now=NOW) is not None
    release(pair.ml, [notice(under(pair.ml, second), 1)])
    pair.settle()
    with standing(pair.rl):
        assert agreement.publish(now=NOW) is None


def test_a_changed_list_of_holidays_is_entered_and_moves_no_running_deadline(pair: Pair, standing: Standing) -> None:
    def rested(law: Law) -> Law:
        parties = [msgspec.structs.replace(each, weekend=[1, 2, 3, 4, 5], holidays=[]) for each in law.parties]
        return msgspec.structs.replace(law, parties=[msgspec.structs.replace(each, annex=None) for each in parties])

    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    with standing(pair.rl):
        (before,) = ledgers.book().running
        enter(amended(rested))
        (after,) = ledgers.book().running
    assert (before.due, before.started) == (after.due, after.started)


def test_it_refuses_a_version_that_is_sealed_by_other_root_keys_than_those_in_force(
    pair: Pair, standing: Standing
) -> None:
    with standing(pair.ml):
        served = queries.sealed()
        name, key = meadow.root("RL")[0], PrivateKey.from_seed(bytes(32))
        mine, theirs = quicker(msgspec.structs.replace(served.law, version=2)).parties
        theirs = msgspec.structs.replace(theirs, roots=[note.Verifier(name, note.ED25519, key.public).vkey()])
        law = msgspec.structs.replace(quicker(served.law), version=2, parties=[mine, theirs])
        found = Sealed.open(canonical.encode_trusted(law), served.words_bytes)
        found = sealing.seal(sealing.seal(found, "ML", *meadow.root("ML")), "RL", name, key)
        proposing.propose(proposed=found, now=NOW)
        with pytest.raises(Refusal, match=r"instrument\.other-roots"):
            changing_over.enter(now=NOW)


def renewed_root(pair: Pair, version: Sealed | None = None) -> tuple[str, PrivateKey, str]:
    """ML changes its root key, under a version: name and key of the new one, and its public half."""
    name, key = "ml.mithaq.example/root/2", PrivateKey.from_seed(b"2" * 32)
    vkey = note.Verifier(name, note.ED25519, key.public).vkey()
    change = KeySet(version=2, roots=Roots(keys=[vkey], threshold=1))
    text = key_set_text(pair.ml.seat.origin, change)
    signed = with_signatures(change, [note.sign(text, *meadow.root("ML")), note.sign(text, name, key)])
    seat = under(pair.ml, version) if version else pair.ml.seat
    release(pair.ml, [(text_of(key_set_header(seat, signed)), ())])
    return name, key, vkey


def test_a_party_that_changed_its_root_keys_seals_with_those_in_force_and_the_record_verifies(
    pair: Pair, standing: Standing, tmp_path: Path
) -> None:
    name, key, vkey = renewed_root(pair)
    pair.settle()
    with standing(pair.ml):
        served = queries.sealed()
        mine, theirs = served.law.parties
        law = msgspec.structs.replace(
            quicker(served.law), version=2, parties=[msgspec.structs.replace(mine, roots=[vkey]), theirs]
        )
        found = Sealed.open(canonical.encode_trusted(law), served.words_bytes)
        found = sealing.seal(sealing.seal(found, "ML", name, key), "RL", *meadow.root("RL"))
    for holdings in (pair.ml, pair.rl):
        with standing(holdings):
            enter(found)
    pair.settle()
    check_export(pair, standing, tmp_path)


# What an auditor holds


def check_export(pair: Pair, standing: Standing, out: Path) -> Path:
    """Export the record of both, and have both verifiers judge it; its folder."""
    with standing(pair.ml):
        folder = unpacked(outward.archive(), out)
        trusted = Trust(roots=frozenset(key for party in queries.first().parties for key in party.roots))
    report = verifying.verify([folder], trusted)
    assert report.verdict is Verdict.GENUINE, report
    assert verify.main([str(folder)]) == 0
    return folder


def test_a_record_of_two_versions_is_sound_and_verifies_whole(
    pair: Pair, standing: Standing, second: Sealed, tmp_path: Path
) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    for holdings in (pair.ml, pair.rl):
        with standing(holdings):
            enter(second)
    release(pair.ml, [notice(under(pair.ml, second), 2)])
    pair.settle()
    with standing(pair.rl):
        agreement.publish(now=NOW)
    pair.settle()
    report = fsck.check(pair.ml.conn, pair.ml.engine, pair.ml.seat.versions, pair.ml.seat.fence)
    assert report.sound, report
    folder = check_export(pair, standing, tmp_path)

    (subject,) = verifying.verify([folder], Trust()).subjects
    assert (subject.nonconforming, [each.holds for each in subject.agreements]) == ((), [True])
    law = folder / "instrument" / "versions" / "2" / "law.json"
    law.write_bytes(law.read_bytes().replace(b'"minutes":60', b'"minutes":61', 1))
    assert verifying.verify([folder], Trust()).verdict is Verdict.BROKEN
    assert verify.main([str(folder)]) == 1


def test_a_case_of_an_incident_told_under_two_versions_verifies_alone(
    pair: Pair, standing: Standing, second: Sealed, tmp_path: Path
) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    for holdings in (pair.ml, pair.rl):
        with standing(holdings):
            enter(second)
    first = Reference(log=pair.ml.seat.origin, id=identity("ML", 1))
    more = {"progress": "measures"}
    told = notice(under(pair.ml, second), 2, content=more, name="incident.update", references=[first])
    release(pair.ml, [told])
    pair.settle()
    with standing(pair.ml):
        (number,) = ledgers.book().incidents
        (incident,) = ledgers.book().incidents.values()
        assert len(incident.notices) == 2
        found = casing.gather(number=number, disclose=(), language="en", now=NOW).case
    path = tmp_path / "case.zip"
    case.write(path, found, b"%PDF", b"# a verifier", demo=False)
    report = verifying.verify([path], Trust())
    assert report.verdict is Verdict.INTACT, report
    assert report.subjects[0].nonconforming == ()
    assert verify.main([str(path)]) == 0


# Cut at every step


class Cut(BaseException):
    """The power goes."""


@contextmanager
def cut_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let `step` calls to files, log and database happen, and none after; the names of those that did."""
    done: list[str] = []

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **kwargs: Any) -> Any:
            if len(done) == step:
                raise Cut
            done.append(name)
            return call(*args, **kwargs)

        return made

    with monkeypatch.context() as patched:
        for owner, name in (
            (Path, "replace"),
            (Path, "mkdir"),
            (held, "write_sealed"),
            (held, "_settle"),
            (shutil, "rmtree"),
            (record, "append"),
            (bell, "ring"),
        ):
            patched.setattr(owner, name, counted(name, getattr(owner, name)))
        yield done


def test_whichever_call_is_the_last_one_the_next_entering_finishes_and_says_it_once(
    pair: Pair, standing: Standing, second: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing(pair.ml):
        for step in range(100):
            if not settings.NODE.proposed.exists():
                proposing.propose(proposed=second, now=NOW)
            with cut_at(step, monkeypatch) as done:
                try:
                    changing_over.enter(now=NOW)
                    break
                except Cut:
                    pass
                except Refusal as refusal:  # it was whole before the cut, and taking the proposal away was cut
                    assert refusal.code == "instrument.none-proposed"  # noqa: PT017
                    break
            assert queries.law().version in (1, 2)
            assert [each.law.version for each in queries.held()] in ([1], [1, 2])
            assert ledgers.book().incomplete == ()
        else:
            raise AssertionError("it never ends")
        assert {"replace", "append", "_settle"} <= set(done) or step > 5
        assert queries.law().version == 2
        assert [each.law.version for each in queries.held()] == [1, 2]
    said = [leaf for leaf in leaves_of(pair.ml) if leaf.header.instrument is not None]
    assert [leaf.header.instrument.law for leaf in said if leaf.header.instrument][1:] == [second.law_digest]


def test_a_version_that_was_laid_here_and_given_up_makes_room_for_another(
    pair: Pair, standing: Standing, second: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing(pair.ml):
        proposing.propose(proposed=second, now=NOW)
        with monkeypatch.context() as patched:
            patched.setattr(changing_over, "_log", lambda said, now: (_ for _ in ()).throw(Cut))
            with pytest.raises(Cut):
                changing_over.enter(now=NOW)
        assert len(queries.held()) == 2
        assert queries.law().version == 1
        proposing.drop()
        other = amended(lambda law: msgspec.structs.replace(law, until="2090-01-01"))
        enter(other)
        assert [each.law_digest for each in queries.held()] == [queries.held()[0].law_digest, other.law_digest]


@pytest.fixture
def pair_on_sqlite(tmp_path: Path, django_db_blocker: Any) -> Iterator[Pair]:
    with django_db_blocker.unblock(), closing(Pair(tmp_path / "pair")) as made:
        made.settle()
        yield made
