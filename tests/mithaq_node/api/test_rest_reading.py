"""What programs read of the record: coded facts page by page, and what is not coded where somebody answers for it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from mithaq.notices import numbers as numbers_of
from mithaq_files import verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from mithaq_node.api.rest import cursor
from mithaq_node.queries import ledgers, walking
from mithaq_node.services import reads
from mithaq_node.store.models import Officer, PartRead
from tests.mithaq_node import meadow
from tests.mithaq_node.api.conftest import Border
from tests.mithaq_node.api.program import Program, refused
from tests.mithaq_node.meadow import INCIDENT, SECRET

ROOTS = Trust(roots=frozenset(key for party in meadow.sealed().law.parties for key in party.roots))


@pytest.fixture
def reader(border: Border) -> Program:
    return Program(border.officers["duty"], "read:notices")


def pages(program: Program, address: str) -> list[dict[str, Any]]:
    """Every page, by the links `next`, which name the address as others reach it."""
    found, following = [], f"http://testserver/api/{address}"
    while following:
        assert following.startswith("http://testserver/api/")
        answer = program.get(following.removeprefix("http://testserver/api/"))
        assert answer.status_code == 200, answer.content
        found.append(answer.json())
        following = answer.json()["next"]
    return found


def numbers(found: list[dict[str, Any]]) -> list[str]:
    return [each["number"] for page in found for each in page["items"]]


def test_every_notice_is_met_once_page_by_page_and_in_the_order_of_its_log(reader: Program) -> None:
    found = pages(reader, "notices?limit=3")
    assert all(len(page["items"]) == 3 for page in found[:-1])
    assert sorted(numbers(found)) == sorted(ledgers.book().notices)
    of_each = [(each["log"], each["index"]) for page in found for each in page["items"]]
    assert of_each == sorted(of_each)
    assert len({each["number"] for page in found for each in page["items"]}) == len(of_each)


def test_a_place_ends_where_the_book_ends_behind_what_is_no_notice(border: Border) -> None:
    """A log ends with receipts, which nobody looks at again."""
    found = walking.walk({}, 1_000, lambda notice: notice.party == "nobody")
    known = ledgers.book()
    assert found.place == known.cut
    ends = {log: max(each.index for each in known.notices.values() if each.log == log) for log in found.place}
    assert any(size > ends[log] + 1 for log, size in found.place.items()), "receipts stand behind"
    assert walking.walk(found.place, 1_000, lambda notice: True) == walking.Stretch((), found.place, False)


def test_of_no_more_leaves_than_so_many_is_asked_for_one_page(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    known, asked, spoken_in = ledgers.book(), list[int](), numbers_of.spoken_in

    def counting(party: str, origin: str, index: int) -> str:
        asked.append(index)
        return spoken_in(party, origin, index)

    monkeypatch.setattr(numbers_of, "spoken_in", counting)
    monkeypatch.setattr(walking, "_MOST_LOOKED", 3)
    place: walking.Place = {}
    met, pages_of = list[str](), 0
    while True:
        asked.clear()
        found = walking.walk(place, 1_000, lambda notice: True)
        assert len(asked) <= 3
        met += [each.number for each in found.notices]
        place, pages_of = found.place, pages_of + 1
        if not found.more:
            break
    assert sorted(met) == sorted(known.notices)
    assert pages_of > sum(known.cut.values()) / 3
    asked.clear()
    walking.walk(place, 1_000, lambda notice: True)
    assert not asked, "whoever follows looks at what came since alone"


def test_a_place_in_many_logs_is_taken_back_as_it_was_given(reader: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    (first, *_) = known = walking._logs()
    domain = "a-long-name-of-a-ministry-in-its-country.example"
    more = tuple(replace(first, origin=f"{domain}/the-instrument/an-audience-{each}/1") for each in range(62))
    monkeypatch.setattr(walking, "_logs", lambda: (*known, *more))
    place = {each.origin: 10**12 for each in (*known, *more)}
    assert len(place) == 64
    given = cursor(walking.written(place))
    answer = reader.get(f"notices?after={given}")
    assert (answer.status_code, answer.json()["cursor"]) == (200, given)
    assert walking.place(walking.written(place)) == place


@pytest.mark.parametrize("place", [{"0" * 12: 1}, {"": 1}])
def test_a_place_in_a_log_that_is_none_is_refused(reader: Program, place: dict[str, int]) -> None:
    assert refused(reader.get(f"notices?after={cursor(place)}")) == (422, "api.bad-cursor")


def test_next_keeps_what_was_asked_for(reader: Program) -> None:
    found = pages(reader, "notices?limit=2&party=RL&kind=incident.update")
    assert [each["kind"] for page in found for each in page["items"]] == ["incident.update"] * 2
    assert {each["party"] for page in found for each in page["items"]} == {"RL"}


def test_a_page_without_hits_goes_on(reader: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "_MOST_LOOKED", 2)
    found = pages(reader, "notices?party=RL&kind=crossing.status")
    assert len(found) > 2
    assert len(numbers(found)) == 1


def test_an_incident_holds_both_accounts_and_what_differs(reader: Program) -> None:
    found = pages(reader, "incidents?limit=4")
    assert sorted(numbers(found)) == sorted(ledgers.book().incidents)
    both = next(each for page in found for each in page["items"] if len(each["accounts"]) == 2)
    assert set(both["accounts"]) == {"ML", "RL"}
    assert "place" in both["differences"]
    assert both["accounts"]["ML"]["event"]["value"] == "fire"
    member = both["notices"][-1]
    assert reader.get(f"incidents/{member}").json() == both, "an incident is found by any notice of it"
    assert {each["state"] for page in pages(reader, "incidents?state=reported") for each in page["items"]} == {
        "reported"
    }


def test_a_notice_says_how_far_it_came_and_its_proof_is_judged_genuine(reader: Program, tmp_path: Path) -> None:
    number = pages(reader, "notices?limit=1")[0]["items"][0]["number"]
    found = reader.get(f"notices/{number}").json()
    assert found["ladder"]["RL"]["readable"]["at"]
    assert found["facts"]["event"] == "fire"
    proof = reader.get(f"notices/{number}/proof")
    assert proof.headers["Content-Type"] == "application/octet-stream"
    file = tmp_path / "notice.tlog-proof"
    file.write_bytes(proof.content)
    assert verifying.verify([file], ROOTS).verdict is Verdict.GENUINE


def test_crossings_hold_what_each_side_says(reader: Program) -> None:
    bridge = reader.get("crossings/bridge").json()
    (line,) = bridge["lines"]
    assert (bridge["mismatch"], line["mismatch"]) == (True, True)
    assert {each["party"]: each["facts"]["state"] for each in line["statements"]} == {"ML": "open", "RL": "closed"}
    assert bridge in reader.get("crossings").json()["items"]
    assert refused(reader.get("crossings/nowhere")) == (404, "crossing.unknown")


def test_commitments_have_a_column_for_each_side(reader: Program) -> None:
    (found,) = reader.get("commitments").json()["items"]
    assert [each["column"] for each in found["scores"]] == ["ML", "RL", "committee"]
    assert reader.get(f"commitments/{found['id']}").json() == found
    assert refused(reader.get("commitments/none")) == (404, "commitment.none")


def test_what_is_owed_comes_in_the_order_in_which_it_is_due(reader: Program) -> None:
    found = [each for page in pages(reader, "clocks?limit=1") for each in page["items"]]
    assert [each["due"] for each in found] == [each.due for each in ledgers.book().running]
    assert {each["state"] for each in found} <= {"running", "missed"}


@pytest.mark.parametrize("address", ["notices", "incidents", "kinds"])
def test_what_did_not_change_is_not_sent_again(reader: Program, address: str) -> None:
    first = reader.get(address)
    again = reader.get(address, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert reader.get(address, If_None_Match='"0"').status_code == 200
    assert reader.get(address, If_None_Match=f'"0", W/{first.headers["ETag"]}').status_code == 304


def test_an_observer_reads_crossings_and_commitments_and_no_notice(border: Border) -> None:
    program = Program(border.officers["observer"], "read:notices", "write:drafts")
    for open_to_all in ("crossings", "commitments", "meetings", "kinds", "bearer"):
        assert program.get(open_to_all).status_code == 200
    for closed in ("notices", "incidents", "clocks", "drafts"):
        assert refused(program.get(closed)) == (403, "token.not-your-place")
    assert refused(Program(border.officers["operator"], "read:notices").get("notices"))[0] == 403


def test_a_token_says_whose_it_is(border: Border) -> None:
    said = Program(border.officers["duty"], "write:drafts", "read:notices").get("bearer").json()
    assert (said["officer"], said["scopes"]) == ("the duty", ["read:notices", "write:drafts"])
    assert (said["party"], said["instrument"]) == ("ML", ledgers.roll()._law.id)


@pytest.fixture
def told(officers: dict[str, Officer]) -> str:
    """The spoken number of a notice with a text."""
    first = Program(officers["duty"], "write:drafts", "sign:notices")
    content = {**INCIDENT, "account": {"lang": "en", "text": "Smoke over the meadow."}}
    made = first.draft(content=content).json()["id"]
    first.ask("POST", f"drafts/{made}/file", {"password": SECRET})
    second = Program(officers["releasing"], "sign:notices")
    number: str = second.ask("POST", f"drafts/{made}/release", {"password": SECRET}).json()["number"]
    return number


def test_a_text_is_closed_without_its_scope_and_written_down_with_it(told: str, officers: dict[str, Officer]) -> None:
    plain, with_texts = (
        Program(officers["auditor"], "read:notices"),
        Program(officers["auditor"], "read:notices", "read:texts"),
    )
    (part,) = plain.get(f"notices/{told}").json()["parts"]
    assert (part["state"], part["content"]) == ("closed", None)
    assert not PartRead.objects.filter(part__gte=0).exists()
    (part,) = with_texts.get(f"notices/{told}").json()["parts"]
    assert part["content"]["account"]["text"] == "Smoke over the meadow."
    read = PartRead.objects.filter(part__gte=0).values_list("officer__name", "number", "part")
    assert list(read) == [("auditor desk", told, part["number"])]
    for address in ("notices", "incidents"):
        assert b"Smoke" not in plain.get(address).content + with_texts.get(address).content
    assert refused(Program(officers["auditor"], "read:texts").get(f"notices/{told}")) == (403, "token.wrong-scope")


def test_the_auditor_sees_at_the_desk_what_a_program_read(told: str, officers: dict[str, Officer]) -> None:
    Program(officers["duty"], "read:notices", "read:texts").get(f"notices/{told}")
    desk = Client()
    desk.force_login(officers["auditor"])
    words = {"en": "A program read a list of the record:", "fa": "برنامه‌ای فهرستی از سوابق را خواند:"}
    for language, said in words.items():
        page = desk.get(f"/{language}/accounts/reads/").content.decode()
        assert said in page
        assert page.count('<bdi class="mono">notices</bdi>') == 1


@pytest.mark.parametrize("name", ["notices", "incidents", "clocks", "crossings", "commitments", "meetings"])
def test_every_list_of_the_record_that_a_program_reads_is_written_down(border: Border, name: str) -> None:
    PartRead.objects.all().delete()
    assert Program(border.officers["duty"], "read:notices").get(name).status_code == 200
    assert list(PartRead.objects.values_list("number", "part")) == [(name, reads.LIST)]


@pytest.mark.parametrize(("name", "item"), [("crossings", "bridge"), ("commitments", "answer")])
def test_so_is_one_line_of_a_list(border: Border, name: str, item: str) -> None:
    PartRead.objects.all().delete()
    assert Program(border.officers["observer"], "read:notices").get(f"{name}/{item}").status_code == 200
    assert list(PartRead.objects.values_list("number", "part")) == [(name, reads.LIST)]


def test_what_is_read_is_written_down_first_and_not_shown_otherwise(
    told: str, officers: dict[str, Officer], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program(officers["auditor"], "read:notices", "read:texts")
    program.get("notices")
    assert ("notices", reads.LIST) in PartRead.objects.values_list("number", "part")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PartRead.objects, "bulk_create", full)
    answer = program.get(f"notices/{told}")
    assert refused(answer) == (503, "node.disk-full")


def test_what_came_since_is_asked_for_by_the_cursor_alone(told: str, officers: dict[str, Officer]) -> None:
    program = Program(officers["duty"], "read:notices", "write:feeds")
    place = program.get("notices").json()["cursor"]
    nothing = program.get(f"notices?after={place}").json()
    assert (nothing["items"], nothing["next"], nothing["cursor"]) == ([], None, place)
    tag = program.get("notices").headers["ETag"]
    sent = program.ask("POST", "feeds", {"kind": "flow.count", "content": meadow.FLOW}, Idempotency_Key="count-one")
    assert numbers([program.get(f"notices?after={place}").json()]) == [sent.json()["number"]]
    assert program.get("notices", If_None_Match=tag).status_code == 200


def test_meetings_are_given_page_by_page(officers: dict[str, Officer]) -> None:
    program = Program(officers["auditor"], "read:notices")
    assert program.get("meetings").json() == {"items": [], "next": None}
    assert refused(program.get("meetings/ML 3-4")) == (404, "meeting.none")
