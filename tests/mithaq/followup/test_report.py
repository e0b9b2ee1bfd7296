"""Reports: the figures of generated records equal those of a second, naive reckoning over the leaves themselves."""

import dataclasses
import json
from collections import Counter
from datetime import datetime
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq import moments
from mithaq.followup import report
from mithaq.followup.report import Paper
from mithaq.instrument.law import Law
from mithaq.notices.envelope import Leaf, parse, text_of
from mithaq.notices.ledger import Ledger
from mithaq.notices.scores import SCALE
from tests.mithaq.notices.border import FIRE, START, Border, Side, plain_law

WHAT = {"concern": "event", "questions": ["what"]}
DUE = ("2031-06-09", "", "2030-12-31")
STEPS = (7, 1_441, 3_000, 30 * 1_440, 93 * 1_440)
"""Minutes that pass between two things said."""

PLAIN = plain_law()


def law() -> Law:
    """Three commitments, and two clocks in continuous time."""
    rules = [
        msgspec.structs.replace(each, calendar="continuous")
        for each in PLAIN.clocks
        if each.id in ("clarification-answered", "incident-acknowledged")
    ]
    promises = [
        msgspec.structs.replace(PLAIN.commitments[0], id=f"c{number}", due=day) for number, day in enumerate(DUE)
    ]
    return msgspec.structs.replace(PLAIN, commitments=promises, clocks=rules)


LAW = law()


# A record of random things said


class Told:
    """Both sides say things, each of which is received before the next."""

    def __init__(self) -> None:
        self.border = Border(LAW)
        self.border.exchange()
        self.fires: list[tuple[int, Leaf]] = []
        self.questions: list[tuple[int, Leaf]] = []
        self.assessed: list[tuple[int, Leaf]] = []
        self.decided: list[Leaf] = []

    def say(self, act: int, by: int, number: int, score: int, minutes: int) -> None:
        side = list(self.border.sides.values())[by]
        content = {"commitment": f"c{number}", "score": SCALE[score]}
        match act:
            case 0:
                self.assessed.append((by, side.notice("commitment.assessment", content)))
            case 1:
                told = {"commitment": f"c{number}", "step": "reached", "evidence": ["site-visit"]}
                side.notice("commitment.progress", told)
            case 2:
                proposal = side.notice("commitment.agreed", content)
                self.border.exchange()
                if score:
                    side.other.assent(proposal)
            case 3 if self.assessed:
                owner, leaf = self.assessed.pop()
                list(self.border.sides.values())[owner].notice("withdrawal", {"reason": "sent-in-error"}, leaf)
            case 4:
                self.fires.append((by, side.notice("incident.initial", FIRE)))
            case 5 if self.fires:
                owner, leaf = self.fires[number % len(self.fires)]
                list(self.border.sides.values())[1 - owner].notice("acknowledgement", {"handling": "seen"}, leaf)
            case 6 if self.fires:
                owner, leaf = self.fires[number % len(self.fires)]
                asker = list(self.border.sides.values())[1 - owner]
                self.questions.append((1 - owner, asker.notice("clarification.request", WHAT, leaf)))
            case 7 if self.questions:
                asker_number, leaf = self.questions.pop()
                list(self.border.sides.values())[1 - asker_number].notice(
                    "clarification.reply", {"finding": "confirmed"}, leaf
                )
            case 8:
                content = {"matter": "rail", "owner": ("first", "second")[number % 2], "due": DUE[score % 2 * 2]}
                self.decided.append(side.notice("meeting.decided", content, self.called(side)))
            case 9 if self.decided:
                side.notice("decision.assessed", {"score": SCALE[score]}, self.decided[number % len(self.decided)])
        self.border.exchange()
        self.border.now = moments.format(moments.add_minutes(moments.parse(self.border.now), minutes))

    def called(self, side: Side) -> Leaf:
        """A meeting that this side calls, received."""
        starts = moments.format(moments.add_minutes(moments.parse(self.border.now), 1_440))
        content = {"level": "joint-committee", "starts": starts, "venue": "first-party", "agenda": ["rail"]}
        leaf = side.notice("meeting.called", content)
        self.border.exchange()
        return leaf

    @property
    def at(self) -> str:
        """The earlier of the last moments that the two sides state."""
        return min(parse(side.leaves[-1]).header.at for side in self.border.sides.values())

    def report(self, paper: Paper) -> dict[str, Any]:
        book = self.border.book()
        found = report.report(paper, book, LAW, self.border.sides, report.as_of(book, LAW))
        plain: dict[str, Any] = json.loads(json.dumps(report.figures(found)))
        return plain


# The same figures again, from the leaves alone and in the plainest way


class Naive:
    """Leaves and their facts as lists; every figure by looking at all of them."""

    def __init__(self, told: Told) -> None:
        self.at = told.at
        self.parties = list(told.border.sides)
        self.said: list[dict[str, Any]] = []
        self.receipts: list[dict[str, Any]] = []
        for side in told.border.sides.values():
            for index, leaf in enumerate(side.leaves):
                self._read(side, index, leaf)
        self.gone = {
            ref: each for each in self.said if each["kind"] == "withdrawal" for ref in each["re"]
        }  # what is taken back, and by what

    def _read(self, side: Side, index: int, leaf: bytes) -> None:
        header = parse(leaf).header
        if header.receipt is not None:
            self.receipts.append({"by": side.code, "at": header.at, "size": header.receipt.size})
            return
        parts = side.parts[index]
        self.said.append(
            {
                "by": side.code,
                "index": index,
                "id": header.id,
                "kind": header.kind,
                "at": header.at,
                "re": [each.id for each in header.re],
                "facts": json.loads(parts[0].body) if parts else {},
            }
        )

    def had(self, notice: dict[str, Any]) -> str:
        covering = [r["at"] for r in self.receipts if r["by"] != notice["by"] and r["size"] > notice["index"]]
        return max(notice["at"], min(covering)) if covering else ""

    def score(self, commitment: str, column: str) -> int | None:
        found = None
        for each in self.said:
            if each["facts"].get("commitment") != commitment:
                continue
            code = each["facts"].get("score")
            own = (each["kind"], each["by"]) == ("commitment.assessment", column)
            if own and each["id"] not in self.gone:
                found = SCALE.index(code)
        if column == "committee":
            sealed = [(self.sealed(each), each) for each in self.said if each["kind"] == "commitment.agreed"]
            mine = [(at, each) for at, each in sealed if at and each["facts"]["commitment"] == commitment]
            if mine:
                found = SCALE.index(max(mine, key=lambda pair: pair[0])[1]["facts"]["score"])
        return found

    def sealed(self, proposal: dict[str, Any]) -> str:
        seals = [each for each in self.said if each["kind"] == "joint.seal" and proposal["id"] in each["re"]]
        return max((self.had(each) for each in seals), default="")

    def about(self, commitment: str) -> list[str]:
        """When each statement about it was had; a proposal when all had agreed."""
        kinds = ("commitment.assessment", "commitment.progress", "commitment.agreed")
        found = [e for e in self.said if e["kind"] in kinds and e["facts"].get("commitment") == commitment]
        return [at for e in found if (at := self.sealed(e) if e["kind"] == "commitment.agreed" else self.had(e))]

    def slow(self, commitment: str, due: str) -> tuple[str, int | None] | None:
        since = f"{LAW.signing.day}T00:00:00Z"
        agreed = self.score(commitment, "committee")
        if agreed == 3:
            return None
        last = max(self.about(commitment), default=since)
        quiet = last if _seconds(last, self.at) > 92 * 86_400 else ""
        scores = [agreed] if agreed is not None else [self.score(commitment, party) or 0 for party in self.parties]
        expected = None
        if due:
            whole, gone = _seconds(since, f"{due}T00:00:00Z"), _seconds(since, self.at)
            gone = min(gone, whole)
            if gone * 3 > min(scores) * whole:
                expected = 100 * gone // whole
        return (quiet, expected) if quiet or expected is not None else None

    def measures(self) -> list[tuple[str, str, list[int | None], bool]]:
        """Owner, day due, what each party says of it, and whether its day is over, of every decision."""
        found = []
        for each in (e for e in self.said if e["kind"] == "meeting.decided"):
            said = {
                e["by"]: SCALE.index(e["facts"]["score"])
                for e in self.said
                if e["kind"] == "decision.assessed" and each["id"] in e["re"]
            }
            scores = [said.get(party) for party in self.parties]
            over = each["facts"]["due"] < self.at[:10] and scores != [3] * len(scores)
            owner = self.parties[("first", "second").index(each["facts"]["owner"])]
            found.append((owner, each["facts"]["due"], scores, over))
        return found

    def clocks(self) -> dict[str, Counter[str]]:
        kept: dict[str, Counter[str]] = {party: Counter() for party in self.parties}
        for asked, answered, minutes in (
            ("incident.initial", "acknowledgement", 1_440),
            ("clarification.request", "clarification.reply", 2_880),
        ):
            for each in self.said:
                if each["kind"] == asked:
                    owes = next(party for party in self.parties if party != each["by"])
                    kept[owes][self._outcome(each, owes, answered, minutes)] += 1
        return kept

    def _outcome(self, asked: dict[str, Any], owes: str, answered: str, minutes: int) -> str:
        started = min(r["at"] for r in self.receipts if r["by"] == owes and r["size"] > asked["index"])
        replies = [e["at"] for e in self.said if e["kind"] == answered and e["by"] == owes and asked["id"] in e["re"]]
        if replies:
            return "met" if _seconds(started, min(replies)) <= minutes * 60 else "late"
        return "running" if _seconds(started, self.at) <= minutes * 60 else "missed"


def _seconds(start: str, end: str) -> int:
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


said = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 1), st.integers(0, 2), st.integers(0, 3), st.sampled_from(STEPS)),
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(acts=said)
def test_the_figures_of_the_implementation_equal_a_naive_reckoning_from_the_leaves(acts: list[Any]) -> None:
    told = Told()
    for act in acts:
        told.say(*act)
    found, naive = told.report(Paper.IMPLEMENTATION), Naive(told)
    columns = [*naive.parties, "committee"]
    scores = {f"c{n}": {name: naive.score(f"c{n}", name) for name in columns} for n in range(3)}
    for name in columns:
        given_scores = [score for each in scores.values() if (score := each[name]) is not None]
        percent = (200 * sum(given_scores) // (3 * len(given_scores)) + 1) // 2 if given_scores else None
        counts = [given_scores.count(score) for score in range(4)]
        assert found["columns"][name] == {"counts": counts, "unscored": 3 - len(given_scores), "percent": percent}
    both = [[each[party] for party in naive.parties] for each in scores.values()]
    whole = [row for row in both if None not in row]
    assert found["agreement"] == {"equal": sum(len(set(row)) == 1 for row in whole), "compared": len(whole)}
    for n, line in enumerate(found["commitments"]):
        slow = naive.slow(f"c{n}", DUE[n])
        assert line["scores"] == scores[f"c{n}"]
        assert line["statements"] == len(naive.about(f"c{n}"))
        assert line["differs"] == (len(set(both[n]) - {None}) > 1)
        assert (line["slow"], line["quiet_since"], line["expected"]) == (slow is not None, *(slow or ("", None)))
    decided = [(e["owner"], e["due"], [e["scores"][p] for p in naive.parties], e["overdue"]) for e in found["measures"]]
    assert sorted(decided, key=repr) == sorted(naive.measures(), key=repr)
    left = [each for each in naive.measures() if each[2] != [3] * len(naive.parties)]
    assert len(told.report(Paper.OPEN_ITEMS)["measures"]) == len(left)


@settings(max_examples=40, deadline=None)
@given(acts=said)
def test_the_figures_of_the_clocks_equal_a_naive_reckoning_from_the_leaves(acts: list[Any]) -> None:
    told = Told()
    for act in acts:
        told.say(*act)
    found, naive = told.report(Paper.COMPLIANCE), Naive(told).clocks()
    zero = {"met": 0, "late": 0, "missed": 0, "running": 0, "disputed": 0, "standing": 0}
    assert found["clocks"] == {party: zero | naive[party] for party in naive}
    for groups in found["by"].values():
        for party, kept in naive.items():
            summed = Counter({name: sum(each[party][name] for each in groups.values()) for name in zero})
            assert +summed == +kept
    owed = told.report(Paper.OPEN_ITEMS)["open"]["clocks"]
    assert Counter((each["party"], each["state"]) for each in owed) == Counter(
        {(party, name): kept[name] for party, kept in naive.items() for name in ("missed", "running") if kept[name]}
    )


# What a paper speaks of


def test_an_agenda_names_what_differs_what_waits_for_a_seal_and_what_was_missed_with_why() -> None:
    told = Told()
    here, there = told.border.pair
    for side, score in ((here, "full"), (there, "minimum")):
        side.notice("commitment.assessment", {"commitment": "c1", "score": score})
    here.notice("incident.initial", FIRE)
    told.border.exchange()
    proposal = here.notice("commitment.agreed", {"commitment": "c1", "score": "full"})
    told.border.now = moments.format(moments.add_minutes(moments.parse(START), 2 * 1_440))
    told.border.exchange()
    points = told.report(Paper.AGENDA)["agenda"]
    named = {(each["about"], each["name"]): (each["party"], each["reasons"]) for each in points}
    assert named["commitment", "c1"] == ("", ["differs"])
    assert named["commitment", "c2"] == ("", ["slow", "unscored"])
    assert named["proposal", here.number(proposal)] == (here.code, ["unsealed"])
    assert named["clock", "incident-acknowledged"] == (there.code, ["missed"])


def test_a_decision_stands_on_the_agenda_until_both_sides_say_that_it_is_carried_out() -> None:
    told = Told()
    here, there = told.border.pair
    decided = here.notice(
        "meeting.decided", {"matter": "rail", "owner": "second", "due": "2031-06-09"}, told.called(here)
    )
    here.notice("decision.assessed", {"score": "full"}, decided)
    told.border.exchange()
    (point,) = [each for each in told.report(Paper.AGENDA)["agenda"] if each["about"] == "decision"]
    assert (point["name"], point["party"], point["reasons"]) == (here.number(decided), there.code, ["unfinished"])
    there.notice("decision.assessed", {"score": "full"}, decided)
    told.border.exchange()
    assert told.report(Paper.OPEN_ITEMS)["measures"] == []
    assert len(told.report(Paper.IMPLEMENTATION)["measures"]) == 1


def test_a_common_text_waits_for_acceptance_then_to_be_put_forward_and_then_for_a_seal() -> None:
    told = Told()
    here, there = told.border.pair
    words = {"en": ["The committee met.", "It will meet again in June."]}
    draft = here.notice("text.draft", {"matter": "communique", "words": words})
    told.border.exchange()
    found = told.report(Paper.AGENDA)
    (text,) = found["open"]["texts"]
    assert (text["number"], text["version"], text["awaited"]) == (here.number(draft), 1, [there.code])
    assert [each["reasons"] for each in found["agenda"] if each["about"] == "text"] == [["unaccepted"]]
    there.notice("text.acceptance", {"accepted": {"numbers": [1, 2], "of": 2}}, draft)
    told.border.exchange()
    assert [each["reasons"] for each in told.report(Paper.AGENDA)["agenda"] if each["about"] == "text"] == [["frozen"]]
    header, parts = here.repeat("text.final", draft, None)
    here.release(msgspec.structs.replace(header, precedence="routine"), parts)
    told.border.exchange()
    found = told.report(Paper.OPEN_ITEMS)["open"]
    assert (found["texts"], len(found["proposals"])) == ([], 1)


def test_a_closed_incident_is_no_open_item_and_one_that_nobody_acknowledged_is() -> None:
    told = Told()
    here, there = told.border.pair
    over, open_one = here.notice("incident.initial", FIRE), here.notice("incident.initial", FIRE)
    told.border.exchange()
    for side in (here, there):
        side.notice("incident.close", {"reason": "over"}, over)
        told.border.exchange()
    found = told.report(Paper.OPEN_ITEMS)["open"]["incidents"]
    assert [each["number"] for each in found] == [here.number(open_one)]


def test_the_party_that_is_named_first_stands_first_and_changes_no_figure() -> None:
    told = Told()
    told.say(0, 0, 0, 3, 7)
    book = told.border.book()
    here, there = (
        report.report(Paper.IMPLEMENTATION, book, LAW, order, told.at).implementation
        for order in (("ML", "RL"), ("RL", "ML"))
    )
    assert here is not None
    assert there is not None
    assert [list(each.columns) for each in (here, there)] == [["ML", "RL", ""], ["RL", "ML", ""]]
    assert dict(here.columns) == dict(there.columns)


def test_one_clock_that_runs_ahead_moves_no_report_on_and_takes_nothing_out_of_it() -> None:
    told = Told()
    told.say(4, 0, 0, 0, 7)
    here, there = told.border.pair
    before, told.border.now = told.border.now, "2099-01-01T00:00:00Z"
    here.notice("commitment.assessment", {"commitment": "c0", "score": "full"})
    told.border.now = before
    told.border.exchange()
    found = told.report(Paper.COMPLIANCE)
    assert found["at"] == before
    assert found["clocks"][there.code] | {"running": 1, "missed": 0} == found["clocks"][there.code]
    assert told.report(Paper.IMPLEMENTATION)["commitments"][0]["scores"][here.code] == 3


def test_a_leaf_that_does_not_conform_or_states_no_moment_is_of_no_moment_for_a_report() -> None:
    told = Told()
    here, there = told.border.pair
    at = told.report(Paper.COMPLIANCE)["at"]
    for bad in ("zzzz", "2031-06-01T00:00:00+00:00", ""):
        for side in (here, there):
            side.append(text_of(msgspec.structs.replace(side.header("receipt"), at=bad)))
    for side in (here, there):
        side.append(text_of(msgspec.structs.replace(side.header("receipt"), at="2099-01-01T00:00:00Z")))  # of nothing
    for paper in Paper:
        assert told.report(paper)["at"] == at


def test_a_report_is_of_the_day_of_signing_where_no_leaf_says_anything_else() -> None:
    nothing = Ledger(LAW).book()
    assert report.as_of(nothing, LAW) == f"{LAW.signing.day}T00:00:00Z"


def test_a_party_that_began_a_new_epoch_has_come_to_what_its_newest_log_states() -> None:
    here, there = (party.code for party in LAW.parties)
    told = {
        LAW.origin(here, epoch=1): "2099-01-01T00:00:00Z",
        LAW.origin(here, epoch=2): "2031-03-02T00:00:00Z",
        LAW.origin(there): "2031-03-03T00:00:00Z",
    }
    book = dataclasses.replace(Ledger(LAW).book(), reached=told)
    assert report.as_of(book, LAW) == "2031-03-02T00:00:00Z"
