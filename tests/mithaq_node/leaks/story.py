"""A story told twice over the same line: with everything a party keeps for itself, and with nothing of it.

The Meadow's node is a whole one: its officers draft, file, hand back, release and review through the desk's services.
Keys lie in the folders, which are put back as they were before the second telling; moments are arguments, identifiers
and salts come from counters. So the two tellings send the same bytes, unless something internal is in them.
"""

import hashlib
import itertools
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client

from mithaq import recipients
from mithaq.exchange.session import Link
from mithaq.moments import Moment
from mithaq.notices import numbers
from mithaq.notices.desks import Arrangement, Desk, Rule
from mithaq.notices.envelope import Reference, parse
from mithaq_files import case as cases
from mithaq_files import sealed
from mithaq_node.queries import inside, ledgers
from mithaq_node.services import (
    accounts,
    agreement,
    alarming,
    arranging,
    assigning,
    casing,
    certifying,
    clock,
    couriering,
    delivering,
    drafting,
    feeds,
    filing,
    numbering,
    once,
    outward,
    proofreading,
    releasing,
    remarking,
    reviewing,
    seat,
    taking_over,
    templates,
    tokens,
)
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.outgoing import Ahead
from mithaq_node.services.seat import Seat
from mithaq_node.settings.node import Node
from mithaq_node.store import log as record
from mithaq_node.store import record as record_tables
from mithaq_node.store.models import (
    AccountEvent,
    Draft,
    FailedSignIn,
    LookRow,
    LookSettingRow,
    Officer,
    OutcomeRow,
    SecondFactor,
    WarnedRow,
)
from mithaq_node.web.papers import case as case_papers
from mithaq_node.web.papers import certificate, setting
from tests.mithaq_node import meadow, watches
from tests.mithaq_node import pair as pairs
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.pair import Pair

MARKS = {
    "officer": "zqduty7f31",
    "releasing officer": "zqchief8a22",
    "desk": "zqdesk55c0",
    "desk's identifier": "zqid-90d1",
    "remark": "نشانِ‌پنهان‌یکم",
    "settled remark": "zqsettled1e7",
    "remark on theirs": "zqabouttheirs4",
    "registry number": "zqreg/1404/6",
    "registry's pattern": "zqpattern{running}",
    "drawn registry number": "zqpattern1",
    "draft's remark": "zqdraftremark2",
    "reason for handing back": "zqhandback3",
    "text before it was changed": "zqfirstwords4",
    "draft that was dropped": "zqdropped5",
    "line of the watch log": "zqline12e",
    "subject of the line": "zqsubject13f",
    "reason of a silent desk": "zqsilent15b",
    "remark of the hand-over": "zqhandover16c",
    "name of a template": "zqtemplate17d",
    "what was typed": "zqtyped18e",
    "name of a device": "zqdevice19f",
    "secret of a device": "zqdevicesecret20",
    "name of a program": "zqprogram24",
    "key of a request": "zqkey25-of-a-program",
    "what a program was answered": "zqanswered26",
    "address of a screen": "zqaddress21",
    "name that was refused": "zqrefused22",
    "place of a warning": "zqwarned23",
    "what a warning was judged by": "zqjudged24",
    "word on a page": "zqword88b",
    "better word": "zqbetter99c",
    "page of the word": "zqpage11d",
    "password": SECRET.replace(" ", "-"),
}
"""What is internal, and the mark that stands in it."""

_TYPESET = setting.pdf
WORDS = {"lang": "en", "text": "Example: smoke over the meadow."}
DRAWN = tuple(hashlib.sha256(f"draft {number}".encode()).hexdigest()[:32] for number in range(9))


@dataclass
class Sent:
    """Everything that left the Meadow's node, by what it was."""

    pieces: dict[str, bytes] = field(default_factory=dict)
    seen: dict[str, bytes] = field(default_factory=dict)
    """What was only looked at: pages hold fresh tokens, the other side's database its own moments of writing."""
    kept: dict[str, bytes] = field(default_factory=dict)
    """Table and column of everything that this node keeps beside the record to all that stands in it."""

    def add(self, what: str, data: bytes) -> None:
        self.pieces[f"{len(self.pieces):03} {what}"] = data


class Line(Pair):
    """A pair whose Meadow is a whole node, and a line that keeps all that leaves it."""

    def __init__(self, nodes: list[Node], sent: Sent) -> None:
        self.nodes, self.sent = nodes, sent
        self.ml, self.rl = (Holdings(_counted(seat.take(node.folder, {}))) for node in nodes)
        self.links = {"ML": Link(), "RL": Link()}
        self.aheads = {"ML": Ahead(), "RL": Ahead()}
        self.damage = self.tamper = lambda body: body
        self.lose_request = self.lose_answer = False
        self.carried, self.now = [], NOW

    def _carry(self, receiver: Holdings) -> delivering.Carry:
        carry = super()._carry(receiver)

        def kept(body: bytes, fields: Mapping[str, str]) -> bytes:
            if receiver is self.rl:
                self.sent.add("delivery", json.dumps(dict(fields), sort_keys=True).encode() + b"\n" + body)
            said = carry(body, fields)
            if receiver is self.ml:
                self.sent.add("answer", said)
            return said

        return kept


class Stage:
    """Two founded nodes in `folder`, and the way back to how they were founded."""

    def __init__(self, folder: Path) -> None:
        self._at, self._before = folder / "now", folder / "before"
        self.nodes = [pairs.found(self._at / party, party, 9000 + n) for n, party in enumerate(meadow.PARTIES)]
        pairs.introduce(self.nodes[0], self.nodes[1])
        with meadow.standing_on(self.node("ML")):
            for name, role in (("one", "duty"), ("two", "releasing")):
                accounts.create_officer(name=name, role=role, secret=SECRET)
            meadow.enter("ML")
        pairs.enter(seat.take(self.nodes[1].folder, {}))
        shutil.copytree(self._at, self._before)

    def node(self, party: str) -> Node:
        folder = self._at / party
        return meadow.settings_of(folder, party)

    def reset(self) -> None:
        shutil.rmtree(self._at)
        shutil.copytree(self._before, self._at)


def tell(stage: Stage, internal: bool, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Sent:
    """Play the story, with everything internal or with nothing of it, and gather what left the node."""
    with monkeypatch.context() as patch:
        return _Telling(stage, internal, patch, folder).told()


class _Telling:
    def __init__(self, stage: Stage, internal: bool, patch: pytest.MonkeyPatch, folder: Path) -> None:
        stage.reset()
        self.stage, self.internal, self.folder = stage, internal, folder / f"internal-{internal}"
        self.folder.mkdir()
        self.sent = Sent()
        self.line = Line(stage.nodes, self.sent)
        self.secret = MARKS["password"] if internal else SECRET
        identifiers = itertools.count(100)
        patch.setattr(ledgers, "_rolls", {})
        patch.setattr(inside, "_kept", {})
        ledgers._digest_at.cache_clear()
        patch.setattr(drafting, "salts", lambda: (hashlib.sha256(bytes([n])).digest() for n in range(99)))
        patch.setattr(drafting, "new_id", lambda: hashlib.sha256(b"%d" % next(identifiers)).hexdigest()[:32])
        patch.setattr(setting, "pdf", self._pdf)

    def told(self) -> Sent:
        ours, theirs = (self.stage.node(party) for party in meadow.PARTIES)
        with meadow.standing_on(ours):
            if self.internal:
                self._arrange()
            incident, hazard = self._incident(), self._hazard()
            feeds.publish(kind="flow.count", content=meadow.FLOW, now=_at(30))
        self._courier("first")
        self.line.settle()
        question = self._their_question(incident)
        with meadow.standing_on(ours):
            if self.internal:
                self._keep(incident, question)
            self._answer(question)
            agreement.publish_all(now=_at(60))
        self._courier("second")
        self.line.settle()
        with meadow.standing_on(ours):
            self.sent.kept = _beside_the_record()
            self._taken_out(incident, hazard)
            self._pages("ours, to nobody in particular", Client(), PUBLIC)
        with meadow.standing_on(theirs):
            reader = Client()
            reader.force_login(accounts.create_officer(name="their reader", role="auditor", secret=SECRET))
            self._pages("theirs", reader, (*READ, *(f"{place}/{_short(number)}/" for place, number in (
                ("incidents", incident), ("notices", incident), ("notices", hazard)))))  # fmt: skip
        self.line.close()
        for file in sorted(theirs.folder.rglob("*")):
            if file.is_file():
                self.sent.seen[f"their file {file.relative_to(theirs.folder)}"] = file.read_bytes()
        return self.sent

    def _arrange(self) -> None:
        """Officers and desks get marked names, and officers marked passwords."""
        for known, name in (("one", "officer"), ("two", "releasing officer")):
            officer = Officer.objects.get(name=known)
            accounts.change_secret(officer=officer, secret=SECRET, new_secret=self.secret)
            Officer.objects.filter(pk=officer.pk).update(name=MARKS[name])
        desk = Desk(MARKS["desk's identifier"], "watch", MARKS["desk"], [MARKS["officer"]])
        order = Arrangement(desks=[desk], main=desk.id, rules=[Rule(desk.id)], registry=MARKS["registry's pattern"])
        arranging.arrange(arrangement=order, seen=0, by=None, now=NOW)

    def _incident(self) -> str:
        """An incident with a text. Told whole, it was first worded otherwise, remarked on, and handed back."""
        duty, chief, content = _officer("duty"), _officer("releasing"), {**meadow.INCIDENT, "account": WORDS}
        if self.internal:
            first = {**content, "account": {**WORDS, "text": MARKS["text before it was changed"]}}
            self._save(duty, 1, "incident.initial", first, remark=MARKS["draft's remark"])
            filing.file(draft_id=DRAWN[1], officer=duty, secret=self.secret, now=NOW)
            releasing.hand_back(draft_id=DRAWN[1], officer=chief, remark=MARKS["reason for handing back"], now=_at(5))
            dropped = {**content, "account": {**WORDS, "text": MARKS["draft that was dropped"]}}
            self._save(duty, 2, "incident.initial", dropped)
            drafting.delete_draft(draft_id=DRAWN[2], officer=duty)
            self._save(duty, 3, "incident.initial", dropped, remark=MARKS["draft's remark"])  # and this one lies there
        self._save(duty, 1, "incident.initial", content)
        return self._released(1, _at(10))

    def _hazard(self) -> str:
        """A danger to life, released by one officer and reviewed by another."""
        duty, chief = _officer("duty"), _officer("releasing")
        self._save(duty, 4, "humanitarian.hazard", meadow.HAZARD, precedence="flash")
        number = releasing.release_alone(draft_id=DRAWN[4], officer=duty, secret=self.secret, now=_at(15))
        reviewing.review(number=number, officer=chief, secret=self.secret, now=_at(20))
        return number

    def _their_question(self, incident: str) -> str:
        """The Ridge asks about the incident, at once: it rings."""
        leaf = next(parse(each) for each in _leaves(self.line.ml) if b'"kind":"incident.initial"' in each)
        about = Reference(log=self.line.ml.seat.origin, id=leaf.header.id)
        asked = pairs.notice(
            self.line.rl.seat, 7, name="clarification.request", precedence="flash", references=[about],
            content={"concern": "event", "questions": ["what"]},
        )  # fmt: skip
        index = self.line.rl.own().size
        pairs.release(self.line.rl, [asked])
        self.line.settle()
        return numbers.spoken("RL", index)

    def _keep(self, incident: str, question: str) -> None:
        """Everything that officers keep beside the record."""
        duty, chief, now = _officer("duty"), _officer("releasing"), _at(40)
        assigning.take(number=incident, officer=duty, seen=0, now=now)
        assigning.give(number=incident, by=duty, to=f"officer:{chief.name}", seen=1, now=now)
        assigning.give(number=incident, by=chief, to="desk:" + MARKS["desk's identifier"], seen=2, now=now)
        asked = remarking.remark(number=incident, officer=duty, text=MARKS["remark"], asks=True, now=now)
        remarking.settle(remark=asked.pk, officer=chief, text=MARKS["settled remark"], now=now)
        remarking.remark(number=question, officer=chief, text=MARKS["remark on theirs"], now=now)
        numbering.register(number=incident, officer=duty, typed=MARKS["registry number"], now=now)
        numbering.register(number=question, officer=duty, now=now)
        alarming.escalate(now=now)
        self._watch(duty, now)
        self._desk(duty, now)
        self._warned(duty, clock.as_datetime(now))
        word, better, page = (MARKS[each] for each in ("word on a page", "better word", "page of the word"))
        proofreading.keep(
            officer=duty, language="fa", page=page, word=word, suggestion=better, now=clock.as_datetime(now)
        )

    def _watch(self, duty: Officer, now: Moment) -> None:
        """A shift is taken over, writes into its log, and is handed over."""
        silent = taking_over.SoundTest(silent=MARKS["reason of a silent desk"])
        watches.take(duty, "t1", secret=self.secret, sound=silent, now=now)
        subject = MARKS["subject of the line"]
        line = watches.write(
            duty, MARKS["line of the watch log"], kind="call-to-us", office="RL/watch", subject=subject, now=now
        )
        assert line.text == MARKS["line of the watch log"]
        watches.hand(duty, remark=MARKS["remark of the hand-over"], secret=self.secret, now=now)

    def _warned(self, duty: Officer, at: datetime) -> None:
        """A warning that the desk was shown, and a judgement of it."""
        settings = {"recurrence": 365, "history": 365, "longest": 14, "widest": 0}
        LookSettingRow.objects.create(**settings, by=duty, at=at)
        look = LookRow.objects.create(day="2030-05-03", at=at, cut="{}", method=2, settings="{}", cases=9)
        shown = WarnedRow.objects.create(
            look=look, sectors=MARKS["place of a warning"], first="2030-04-27", last="2030-05-02",
            observed=5, expected=1_200, p=2_000, recurrence=500,
        )  # fmt: skip
        OutcomeRow.objects.create(
            warned=shown, outcome="known-cause", about=MARKS["what a warning was judged by"], by=duty, at=at
        )

    def _desk(self, duty: Officer, now: Moment) -> None:
        """What the desk knows of its officers' drafts and devices, as the rows stand after their ceremonies."""
        typed, at = {"account": {"text": [MARKS["what was typed"]]}}, clock.as_datetime(now)
        templates.keep(
            officer=duty, kind="incident.initial", name=MARKS["name of a template"], typed=typed,
            precedence="priority", now=now,
        )  # fmt: skip
        self._save(duty, 6, "incident.initial", meadow.INCIDENT, typed=typed, unread=["account"])
        address, secret = MARKS["address of a screen"], MARKS["secret of a device"].encode()
        SecondFactor.objects.create(
            officer=duty, form="codes", label=MARKS["name of a device"], secret=secret, added_at=at
        )
        token, _ = tokens.make(officer=duty, scopes=["read:features"], label=MARKS["name of a program"], days=30)
        answered = MARKS["what a program was answered"].encode()
        once.once(token=token, key=MARKS["key of a request"], asked=b"a draft", do=lambda: answered)
        FailedSignIn.objects.create(name=MARKS["name that was refused"], address=address, at=at)
        AccountEvent.objects.create(officer=duty, deed="signed-in", address=address, at=at)

    def _answer(self, question: str) -> None:
        about = ledgers.book().notices[question]
        assert about.leaf is not None
        re = [Reference(log=about.log, id=about.leaf.header.id)]
        self._save(_officer("duty"), 5, "clarification.reply", {"finding": "confirmed"}, references=re)
        self._released(5, _at(45))

    def _taken_out(self, incident: str, hazard: str) -> None:
        """Everything that leaves by another road than the line."""
        add = self.sent.add
        archive = outward.archive()
        add("export", b"".join(archive))
        archive.close()
        add("policy", outward.policy_of(party="ML"))
        add("card", self.stage.node("ML").own_card.read_bytes())
        for number in (incident, hazard):
            add(f"proof {number}", outward.proof(number=number))
            made = certifying.certify(number=number, disclose=["text"] if number == incident else (), now=_at(80))
            for language in ("fa", "en"):
                add(f"certificate {number} {language}", certificate.paper(made, language))
        gathered = casing.gather(number=incident, disclose=["all"], language="ar", now=_at(80))
        paper = case_papers.paper(gathered, "ar")
        add("case", cases.encode(gathered.case, paper, b"# a verifier", demo=False))

    def _courier(self, name: str) -> None:
        """What would be carried if the line were down, as its receiver opens it."""
        packed = couriering.pack(self.line.ml, self.line.ml.seat.peers["RL"], self.folder / name, _at(70))
        pieces: list[bytes] = []
        for file in packed.files:
            sealed.read(file, [recipients.identity(self.line.rl.seat.keys.body)], pieces.append)
        self.sent.add("courier", b"".join(pieces))

    def _pages(self, whose: str, client: Client, addresses: tuple[str, ...]) -> None:
        for address in addresses:
            answer = client.get(f"/en/{address}")
            assert answer.status_code == 200, (address, answer.status_code)
            self.sent.seen[f"{whose}: {address}"] = answer.content

    def _save(self, officer: Officer, number: int, kind: str, content: Mapping[str, Any], **named: Any) -> None:
        known = Draft.objects.filter(pk=DRAWN[number]).exists()
        named["draft_id" if known else "drawn"] = DRAWN[number]
        drafting.save_draft(officer=officer, kind=kind, content=content, now=NOW, **named)

    def _released(self, number: int, now: Moment) -> str:
        filing.file(draft_id=DRAWN[number], officer=_officer("duty"), secret=self.secret, now=now)
        return releasing.release(draft_id=DRAWN[number], officer=_officer("releasing"), secret=self.secret, now=now)

    def _pdf(self, template: str, values: Mapping[str, Any], attached: Mapping[str, bytes] | None = None) -> bytes:
        """Letters in a PDF are glyphs of a font, so the words are kept as they were handed to it."""
        self.sent.add(f"words of {template}", json.dumps(values, ensure_ascii=False, sort_keys=True).encode())
        return _TYPESET(template, values, attached)


PUBLIC = ("instrument/", "report/", "help/", "signin/", "watch/parties.css")
READ = ("watch/", "pairs/", "watch/incidents.geojson", "crossings/", "compliance/", "record/", "record/logs/ML-all-1/")


_WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def _beside_the_record() -> dict[str, bytes]:
    """Every column of words or bytes, of every table of the node but those of the record."""
    found = {}
    for model in apps.get_app_config("store").get_models():
        for column in model._meta.get_fields() if model.__module__ != record_tables.__name__ else ():
            if isinstance(column, _WORDS) and not column.choices:
                values = model._default_manager.values_list(column.name, flat=True)
                found[f"{model.__name__}.{column.name}"] = b"\n".join(map(_bytes, values))
    return found


def _at(minutes: int) -> Moment:
    return Moment(NOW.seconds + 60 * minutes)


def _short(number: str) -> str:
    return number.replace(" ", "")


def _officer(role: str) -> Officer:
    return Officer.objects.get(role=role)


def _leaves(holdings: Holdings) -> list[bytes]:
    return record.read_entries(holdings.conn, holdings.engine, holdings.own(), 0, holdings.own().size)


def _counted(taken: Seat) -> Seat:
    """The seat with draws from a counter."""
    count = itertools.count()
    return replace(taken, draw=lambda size: hashlib.sha256(b"%d" % next(count)).digest()[:size])
