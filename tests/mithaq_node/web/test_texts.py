"""Common texts on the desk: versions beside each other, paragraphs accepted, frozen and put forward."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices import drafting, numbers
from mithaq.notices.envelope import Reference, parse
from mithaq.notices.parts import Part
from mithaq_files import verifying, versions
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from mithaq_node import queries
from mithaq_node.queries import drafts, ledgers
from mithaq_node.services import accounts, assenting, casing, texting
from mithaq_node.services import drafting as desk
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store.models import PartRead
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import NOW, Pair, compiled, identity, notice, officer_key, release
from tests.mithaq_node.web.test_committee import MET, STATED, VISIT, an_hour_later

FIRST = ["Example: the committee met.", "Example: it will meet in June."]
SECOND = ["Example: the committee met.", "Example: it will meet in July."]


class Table:
    """Both sides of one text, and the pages of ML's desk."""

    def __init__(self, pair: Pair, folder: Path) -> None:
        self.pair, self.folder, self.client = pair, folder, Client()
        self._numbers = {"ML": 0, "RL": 0}

    def say(self, party: str, kind: str, content: Mapping[str, Any], *re: Reference) -> Reference:
        side = self.pair.ml if party == "ML" else self.pair.rl
        self._numbers[party] += 1
        row = notice(side.seat, self._numbers[party], content=content, name=kind, references=re)
        release(side, [row])
        self.pair.settle()
        header = parse(row[0]).header
        return Reference(log=header.log, id=header.id)

    def draft(self, party: str, lines: Sequence[str], *re: Reference) -> Reference:
        return self.say(party, "text.draft", {"matter": "communique", "words": {"en": list(lines)}}, *re)

    def accept(self, party: str, version: Reference, *numbers: int) -> Reference:
        return self.say(party, "text.acceptance", {"accepted": {"numbers": list(numbers), "of": 2}}, version)

    def put_forward_and_seal(self, version: Reference) -> None:
        """ML puts the version forward, RL seals it: both repeat the parts of the version."""
        parts = self._parts(version)
        final = self._repeat(self.pair.ml, "text.final", 101, parts, version)
        self._repeat(self.pair.rl, "joint.seal", 101, parts, final)

    def _parts(self, of: Reference) -> tuple[Part, ...]:
        index = next(n.index for n in ledgers.book().in_order if n.leaf and n.leaf.header.id == of.id)
        held = self.pair.ml
        return tuple(each.part for each in record.read_parts(held.conn, held.engine, held.own(), index, index + 1))

    def say_unjudged(self, words: object) -> Reference:
        """A text that RL opens with words that no compiler would take."""
        self._numbers["RL"] += 1
        number, seat = self._numbers["RL"], self.pair.rl.seat
        _, parts = compiled(seat, "text.draft", {"matter": "communique", "words": {"en": FIRST}}, number, NOW)
        broken = msgspec.structs.replace(parts[1], body=canonical.encode({"words": words}))
        return self._repeat(self.pair.rl, "text.draft", number, (parts[0], broken))

    def _repeat(self, side: Holdings, kind: str, number: int, parts: tuple[Part, ...], *re: Reference) -> Reference:
        """A notice of two officers that carries these very parts, delivered."""
        seat, known, at = side.seat, side.seat.law.kind(kind), str(NOW)
        assert known is not None
        named = {"law_digest": seat.law_digest, "log": seat.origin, "id": identity(seat.party, number), "at": at}
        header = drafting.header_for(seat.law, known, parts, **named, re=re)
        domain = seat.origin.split("/")[0]
        filed = drafting.sign_filing(header, at, f"{domain}/officer/1", officer_key(seat.party, 1))
        leaf = drafting.sign_release(filed, at, f"{domain}/officer/2", officer_key(seat.party, 2))
        release(side, [(leaf, parts)])
        self.pair.settle()
        return Reference(log=header.log, id=header.id)

    def number(self, of: Reference) -> str:
        book = ledgers.book()
        return next(n.number for n in book.in_order if n.leaf and n.leaf.header.id == of.id).replace(" ", "")

    def page(self, address: str, language: str = "en", status: int = 200, **posted: Any) -> str:
        url = f"/{language}/committee/{'' if address.startswith('meetings/') else 'texts/'}{address}"
        answer = self.client.post(url, posted) if posted else self.client.get(url)
        assert answer.status_code == status
        return " ".join(html.unescape(answer.content.decode()).split())


@pytest.fixture
def table(tmp_path: Path, django_db_blocker: Any) -> Iterator[Table]:
    with django_db_blocker.unblock():
        pair = Pair(tmp_path)
        pair.settle()
        made = Table(pair, tmp_path)
        with meadow.standing_on(pair.nodes[0]), an_hour_later(tmp_path):
            made.client.force_login(accounts.create_officer(name="duty", role="duty", secret=SECRET))
            yield made
        pair.close()


def test_another_version_stands_beside_the_first_with_what_differs_marked(table: Table) -> None:
    first = table.draft("ML", FIRST)
    second = table.draft("RL", SECOND, first)
    page = table.page(f"{table.number(first)}/")
    assert "<del>June.</del><ins>July.</ins>" in page
    assert page.count("paragraph--changed") == 1
    assert "accepted the same words in version 1" in page
    alone = table.page(f"{table.number(second)}/?version=1&beside=0")
    assert "<ins>" not in alone
    assert "it will meet in June." in alone
    assert table.number(first)[:4] in table.page("")


@pytest.mark.parametrize("language", ["fa", "ar", "ckb", "en"])
def test_the_pages_stand_in_every_language_also_while_there_is_no_text(table: Table, language: str) -> None:
    assert "committee" in table.page("", language)
    first = table.draft("RL", FIRST)
    for address in ("", f"{table.number(first)}/"):
        assert "<ol" in table.page(address, language)


def docx(words: Mapping[str, Sequence[str]]) -> SimpleUploadedFile:
    return SimpleUploadedFile("first.docx", versions.written("x", dict.fromkeys(words, "x"), words))


def test_a_first_version_begins_from_the_empty_file_once_words_are_written_in_it(table: Table) -> None:
    blank = table.client.get("/en/committee/texts/blank/").content
    assert versions.read(blank) == {"en": []}
    assert "field.empty" in table.page("begin/", status=422, matter="communique", file=SimpleUploadedFile("a", blank))
    for place, words in enumerate((FIRST, SECOND), start=1):
        table.page("begin/", status=302, matter="communique", file=docx({"en": words}))
        assert len(drafts.unfinished()) == place
    assert FIRST in [draft.content["words"]["en"] for draft in drafts.unfinished()]


def test_a_first_version_of_other_languages_or_of_no_known_matter_is_refused_and_nothing_is_begun(table: Table) -> None:
    for matter, words, code in (
        ("communique", {"ar": ["a"], "fa": ["c"]}, "field.other-languages"),
        ("a poem", {"en": FIRST}, "field.not-listed"),
    ):
        assert code in table.page("begin/", status=422, matter=matter, file=docx(words))
    assert "version.no-file" in table.page("begin/", status=422, matter="communique")
    assert "docx.malformed" in table.page(
        "begin/", status=422, matter="communique", file=SimpleUploadedFile("a.docx", b"PK")
    )
    assert not drafts.unfinished()


def test_ticked_paragraphs_become_an_acceptance_that_waits_to_be_filed(table: Table) -> None:
    first = table.draft("RL", FIRST)
    number = table.number(first)
    assert "version.nothing-ticked" in table.page(f"{number}/accept/", which="ticked", status=422)
    table.page(f"{number}/accept/", which="ticked", paragraph=["2"], status=302)
    (draft,) = drafts.unfinished()
    assert draft.content == {"accepted": {"numbers": [2], "of": 2}}
    assert draft.references == [{"log": first.log, "id": first.id}]


def test_another_version_begins_from_the_one_it_refers_to(table: Table) -> None:
    first = table.draft("RL", FIRST)
    answer = table.client.get(f"/en/filing/text.draft/?re={table.number(first)}")
    assert "\n".join(FIRST) in html.unescape(answer.content.decode())


def test_a_frozen_text_is_offered_to_be_put_forward_word_for_word_and_takes_nothing_else(table: Table) -> None:
    first = table.draft("RL", FIRST)
    number = table.number(first)
    assert "version.not-frozen" in table.page(f"{number}/forward/", which="x", status=422)
    table.accept("ML", first, 1, 2)
    page = table.page(f"{number}/")
    assert "Frozen" in page
    assert "Accept all" not in page
    assert "version.frozen" in table.page(f"{number}/accept/", which="all", status=422)
    table.page(f"{number}/forward/", which="x", status=302)
    (draft,) = drafts.unfinished()
    kind = desk.kind_for_officers(queries.law(), draft.kind)
    parts = desk.parts_of(kind, draft.content, (first,))
    standing = next(n for n in ledgers.book().in_order if n.leaf and n.leaf.header.id == first.id)
    assert standing.leaf is not None
    assert [part.ref() for part in parts] == standing.leaf.header.parts
    with pytest.raises(Refusal, match=r"version\.other-words"):
        texting.frozen_parts(kind, {**draft.content, "matter": "minutes"}, (first,))


def test_what_claims_to_put_a_text_forward_and_does_not_cannot_be_sealed_here(table: Table) -> None:
    first = table.draft("ML", FIRST)
    claimed = table.say("RL", "text.final", {"matter": "communique", "words": {"en": SECOND}}, first)
    number = table.number(first)
    assert "version.not-frozen" in table.page(f"{number}/")
    with pytest.raises(Refusal, match=r"version\.not-frozen"):
        assenting.repeated((claimed,))


def test_an_acceptance_of_a_version_that_has_fewer_paragraphs_is_refused_before_it_is_signed(table: Table) -> None:
    first = table.draft("RL", FIRST)
    kind = next(kind for kind in queries.law().kinds if "text-acceptance" in kind.facets)
    with pytest.raises(Refusal, match=r"version\.other-count"):
        desk.parts_of(kind, {"accepted": {"numbers": [3], "of": 3}}, (first,))
    table.draft("RL", SECOND, first)
    with pytest.raises(Refusal, match=r"version\.not-the-last"):
        desk.parts_of(kind, {"accepted": {"numbers": [1], "of": 2}}, (first,))


def test_who_is_shown_words_is_written_down_and_an_observer_sees_only_that_there_is_a_text(table: Table) -> None:
    first = table.draft("RL", FIRST)
    number = table.number(first)
    second = table.number(table.draft("ML", SECOND, first))
    read = PartRead.objects.filter(officer__name="duty", part=1).values_list("number", flat=True)
    table.page(f"{number}/?version=1")
    assert [each.replace(" ", "") for each in read.all()] == [number]
    table.page(f"{number}/")
    assert {each.replace(" ", "") for each in read.all()} == {number, second}
    assert read.count() == 2
    table.client.force_login(accounts.create_officer(name="observer", role="observer", secret=SECRET))
    assert f"texts/{number}" not in table.page("")
    table.page(f"{number}/", status=403)


def test_a_sealed_text_seals_of_a_visit_only_what_it_names(table: Table) -> None:
    visit = table.say("ML", "visit.recorded", VISIT)
    named = table.say("ML", "visit.meeting", MET, visit)
    table.say("RL", "visit.meeting", MET | {"office": "head-of-state"}, visit)
    text = table.draft("ML", FIRST, named)
    table.accept("RL", text, 1, 2)

    def parts() -> list[str]:
        shown = table.page("meetings/").split('id="visits-title"')[1].split('id="measures-title"')[0]
        return re.split("Met with", shown)

    assert [part.count("Not sealed by the other side") for part in parts()] == [1, 0, 0]
    table.put_forward_and_seal(text)
    table.say("RL", "meeting.stated", STATED, named)
    whole, first, second = parts()
    assert "Sealed by all" not in whole + second
    assert first.count("Sealed by all") == 1
    assert first.index(f"texts/{table.number(text)}/") < first.index("Rail link", first.index("Sealed by all"))
    assert all("Not sealed by the other side" in part for part in (whole, first, second))
    assert [part.count("Entered by") for part in (whole, first, second)] == [1, 1, 1]
    table.client.force_login(accounts.create_officer(name="observer", role="observer", secret=SECRET))
    assert sum(part.count('class="spoken"') for part in parts()) == 5, "visit, two meetings, the text and the statement"
    assert not any(way in part for part in parts() for way in ("/en/notices/", "/committee/texts/", "filing/"))


BROKEN: Sequence[tuple[object, str]] = [
    ({"xx": ["Example: a line."]}, 'lang="xx" dir="auto"><li>Example: a line.</li>'),
    ({"xx": ["Example: call 0912 345 6789."]}, 'lang="xx" dir="auto"><li>Example: call <mark '),
    ({"en": "Example: no list."}, '<bdi>{"en": "Example: no list."}</bdi>'),
    ({"en": []}, '<bdi>{"en": []}</bdi>'),
    ("Example: a string.", "<bdi>Example: a string.</bdi>"),
]
"""Words that are not what the kind asks for, and how they stand on the page of their notice."""


def test_words_that_break_their_kind_are_shown_raw_and_the_page_of_the_text_says_what_is_wrong(table: Table) -> None:
    for words, shown in BROKEN:
        number = table.number(table.say_unjudged(words))
        answer = table.client.get(f"/en/notices/{number}/")
        assert answer.status_code == 200
        assert shown in html.unescape(answer.content.decode())
        assert table.client.get(f"/en/filing/text.draft/?re={number}").status_code == 200
        page = table.page(f"{number}/")
        assert "not at hand here" in page
        assert '<span class="mono small">field.' in page
        assert "version.not-at-hand" in table.page(f"{number}/accept/", which="all", status=422)


def test_minutes_stand_on_the_page_of_their_meeting(table: Table) -> None:
    content = {"level": "joint-committee", "starts": "2031-04-02T08:00:00Z", "venue": "first-party", "agenda": ["rail"]}
    called = table.say("ML", "meeting.called", content)
    told = table.say("RL", "text.draft", {"matter": "minutes", "words": {"en": FIRST}}, called)
    page = table.page(f"meetings/{table.number(called)}/")
    assert f"texts/{table.number(told)}/" in page
    assert "filing/text.draft/?re=ML" in page


def test_a_text_that_all_have_sealed_is_a_page_a_paper_and_a_case_that_verifies(table: Table, tmp_path: Path) -> None:
    first = table.draft("ML", FIRST)
    number = table.number(first)
    table.page(f"{number}/read/", status=400)
    table.accept("RL", first, 1, 2)
    table.put_forward_and_seal(first)
    assert "Sealed by all" in table.page(f"{number}/")
    for language in ("fa", "ar", "ckb", "en"):
        page = table.page(f"{number}/read/", language)
        assert FIRST[1] in page
    answer = table.client.get(f"/fa/committee/texts/{number}/paper/")
    assert answer.content.startswith(b"%PDF")
    assert b".tlog-proof" in answer.content
    gathered = casing.gather_text(number=numbers.spoken(*numbers.parse(number)), language="en", now=NOW)
    out = tmp_path / "text.zip"
    out.write_bytes(table.client.get(f"/ckb/committee/texts/{number}/case.zip").content)
    report = verifying.verify([out], Trust(roots=frozenset(k for p in queries.law().parties for k in p.roots)))
    assert report.verdict is Verdict.GENUINE, report
    assert gathered.case.said.notices == [each.notice.number for each in gathered.sealing]
    assert {each.notice.party for each in gathered.sealing} == {"ML", "RL"}


def test_a_version_leaves_as_a_file_and_comes_back_as_another_version(table: Table) -> None:
    first = table.draft("RL", FIRST)
    number = table.number(first)
    answer = table.client.get(f"/en/committee/texts/{number}/docx/")
    assert versions.read(answer.content) == {"en": FIRST}
    changed = versions.written("x", {"en": "English"}, {"en": [*FIRST, "Example: a third."]})
    table.page(f"{number}/take-in/", status=302, file=SimpleUploadedFile("a.docx", changed))
    (draft,) = drafts.unfinished()
    assert draft.content == {"matter": "communique", "words": {"en": [*FIRST, "Example: a third."]}}
    assert "docx.malformed" in table.page(f"{number}/take-in/", status=422, file=SimpleUploadedFile("a.docx", b"PK"))
    other = versions.written("x", {"ar": "x", "fa": "y"}, {"ar": ["a"], "fa": ["b"]})
    assert "field.other-languages" in table.page(
        f"{number}/take-in/", status=422, file=SimpleUploadedFile("a.docx", other)
    )
    assert "version.no-file" in table.page(f"{number}/take-in/", status=422, which="x")
