"""A proposed version at a desk: what differs, law and words apart, the effect on each running deadline, the seals."""

import html
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.instrument import sealing
from mithaq.instrument.law import Law
from mithaq.instrument.sealing import Sealed
from mithaq_node import queries
from mithaq_node.queries import proposal
from mithaq_node.services import accounts, proposing
from mithaq_node.web.instrument.proposed import rows
from mithaq_node.web.papers import saying
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.pair import Pair, notice, release

LANGUAGES = ("fa", "ar", "ckb", "en")
PAGE = "instrument/proposed/"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Pair]:
    """Two nodes; ML told of an incident that RL has not acknowledged."""
    with django_db_blocker.unblock():
        made = Pair(tmp_path_factory.mktemp("proposed"))
        made.settle()
        release(made.ml, [notice(made.ml.seat, 1)])
        made.settle()
        yield made
        made.close()


@pytest.fixture
def desk(pair: Pair) -> Iterator[Client]:
    """The secretariat's browser at ML's desk; no proposal is left behind."""
    with meadow.standing_on(pair.nodes[0]):
        client = Client()
        name = f"secretariat {secrets.token_hex(4)}"
        client.force_login(accounts.create_officer(name=name, role="secretariat", secret=SECRET))
        yield client
        if proposal.is_proposed():
            proposing.drop()


def page(desk: Client, language: str = "en") -> str:
    answer = desk.get(f"/{language}/{PAGE}")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def version(change: Callable[[Law], Law], label: str = "") -> Sealed:
    """The next version of the served instrument, unsealed; with another label of the precedence flash where one is
    said."""
    served = queries.sealed()
    law = canonical.encode_trusted(change(msgspec.structs.replace(served.law, version=served.law.version + 1)))
    words = served.words
    if label:
        named = {**words.labels, "precedence.flash": {**words.labels["precedence.flash"], "en": label}}
        words = msgspec.structs.replace(words, labels=named)
    return Sealed.open(law, canonical.encode_trusted(words))


def longer(law: Law) -> Law:
    """Every clock an hour long, and another word in the first article."""
    clocks = [msgspec.structs.replace(each, minutes=60, calendar="continuous") for each in law.clocks]
    first, *rest = law.articles
    text = {**first.text, "en": first.text["en"] + " Forthwith."}
    return msgspec.structs.replace(law, clocks=clocks, articles=[msgspec.structs.replace(first, text=text), *rest])


def test_without_a_proposal_every_language_says_so_and_how_one_comes_here(desk: Client) -> None:
    for language in LANGUAGES:
        assert "mithaq instrument propose" in page(desk, language)
    assert "A new version is proposed" not in desk.get("/en/instrument/").content.decode()


def test_law_and_words_stand_apart_and_each_running_deadline_has_its_effect_beside_it(desk: Client) -> None:
    proposing.propose(proposed=version(longer, "Lightning"), now=NOW)
    for language in LANGUAGES:
        page(desk, language)
    shown = page(desk)
    law, words = shown.split('id="law-title"')[1].split('id="words-title"')
    assert "<ins>Forthwith.</ins>" in law
    assert "Lightning" not in law
    assert "<ins>Lightning</ins>" in words
    effect = shown.split('id="effect-title"')[1].split('id="law-title"')[0]
    (found,) = proposal.proposal(str(NOW)).effects
    assert found.clock.notice.split("-")[0].replace(" ", "") in effect.replace(" ", "").replace("-", "")
    assert found.due_after != found.clock.due
    assert 'Would be due otherwise: <bdi class="number">1</bdi>' in " ".join(effect.split())
    assert "A new version is proposed" in desk.get("/en/instrument/").content.decode()


def test_the_seals_of_both_sides_come_one_after_the_other_and_are_put_together(desk: Client) -> None:
    fresh = version(longer)
    for party in ("ML", "RL"):
        name, key = meadow.root(party)
        kept = proposing.propose(proposed=sealing.seal(fresh, party, name, key), now=NOW)
    assert kept.in_force
    assert page(desk).split('id="effect-title"')[0].count("badge--kept") == 2
    assert queries.sealed().law.version < kept.law.version


def test_whoever_is_interrupted_between_two_versions_loses_no_seal(
    desk: Client, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(Exception): ...

    folder, fresh, replace = pair.nodes[0].proposed, version(longer), Path.replace
    ours, theirs = (sealing.seal(fresh, party, *meadow.root(party)) for party in ("ML", "RL"))
    proposing.propose(proposed=ours, now=NOW)

    def stopping(place: Path, target: Path) -> Path:
        if target == folder:
            raise Stopped
        return replace(place, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", stopping)
        with pytest.raises(Stopped):
            proposing.propose(proposed=theirs, now=NOW)
    assert proposing.propose(proposed=theirs, now=NOW).in_force
    assert sorted(each.name for each in folder.parent.glob(".proposed*")) == []

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", stopping)
        with pytest.raises(Stopped):
            proposing.propose(proposed=ours, now=NOW)
    proposing.drop()
    assert sorted(each.name for each in folder.parent.glob("*proposed*")) == []


def test_words_alone_are_proposed_without_touching_the_law(desk: Client) -> None:
    served = queries.sealed()
    mended = version(lambda law: law, "Lightning")
    proposing.propose(proposed=Sealed.open(served.law_bytes, mended.words_bytes), now=NOW)
    found = proposal.proposal(str(NOW))
    assert (found.sort, found.difference.law) == ("words", ())


def restful(law: Law) -> Law:
    """No working time any more, another day of rest and one holiday more for the first party, and a term."""
    clocks = [msgspec.structs.replace(each, calendar="continuous") for each in law.clocks]
    first, *rest = law.parties
    first = msgspec.structs.replace(first, weekend=[7], holidays=[*first.holidays, "2034-05-01"])
    return msgspec.structs.replace(law, clocks=clocks, parties=[first, *rest], until="2040-01-01")


def test_days_times_and_lengths_are_said_in_words_and_of_a_list_only_what_differs(desk: Client) -> None:
    proposing.propose(proposed=version(restful), now=NOW)
    reader = saying.reader_in("en")
    found = {row.path: row for row in rows(proposal.proposal(str(NOW)).difference.law, reader)}
    assert all(row.in_words for row in found.values())
    assert [found[path].after for path in ("parties[ML].weekend", "parties[ML].holidays", "until")] == [
        "Sunday",
        reader.day("2034-05-01"),
        reader.day("2040-01-01"),
    ]
    assert (found["parties[ML].holidays"].before, found["until"].added) == ("none", True)
    (clock,) = {(row.before, row.after) for path, row in found.items() if path.startswith("clocks[")}
    assert clock == ("working time of the party bound", "all time, days of rest included")
    for language in LANGUAGES:
        assert saying.reader_in(language).day("2040-01-01") in page(desk, language)


def moved(law: Law, day: str) -> Law:
    first, *rest = law.commitments
    return msgspec.structs.replace(law, commitments=[msgspec.structs.replace(first, due=day), *rest])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda law: moved(law, "2001-01-01"), "instrument.past-deadline"),
        (lambda law: msgspec.structs.replace(law, until="2001-01-01"), "instrument.past-term"),
        (lambda law: msgspec.structs.replace(law, id="another"), "instrument.not-later"),
        (lambda law: msgspec.structs.replace(law, version=law.version - 1, until="2090-01-01"), "instrument.not-later"),
    ],
)
def test_it_refuses_what_does_not_follow_or_changes_what_is_past(
    desk: Client, change: Callable[[Law], Law], code: str
) -> None:
    with pytest.raises(Refusal, match=code.replace(".", r"\.")):
        proposing.propose(proposed=version(change), now=NOW)
    assert not proposal.is_proposed()


def test_it_refuses_the_served_version_itself_and_to_drop_what_is_not_there(desk: Client) -> None:
    with pytest.raises(Refusal, match=r"instrument\.nothing-differs"):
        proposing.propose(proposed=queries.sealed(), now=NOW)
    with pytest.raises(Refusal, match=r"instrument\.none-proposed"):
        proposing.drop()


def test_a_day_that_passes_while_the_proposal_waits_is_said_above_it(desk: Client) -> None:
    proposing.propose(proposed=version(lambda law: moved(law, "2035-01-01")), now=NOW)
    assert proposal.proposal(str(NOW)).refused is None
    late = proposal.proposal("2035-01-02T00:00:00Z").refused
    assert late is not None
    assert late.code == "instrument.past-deadline"
