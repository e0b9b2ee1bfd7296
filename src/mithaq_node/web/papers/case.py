"""The paper of a case: both accounts, what happened in the order of the record, what was owed and given, by what text.

Everything stands as it was stated, with whose statement it is; nothing is averaged and nobody is judged. The party that
makes the paper stands first (alternat).
"""

from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from mithaq.instrument.law import Article
from mithaq.notices import numbers
from mithaq.notices.book import Ladder, Step
from mithaq.record import checkpoint, note
from mithaq_node import queries
from mithaq_node.queries.incidents import AccountRow, NoticeView, Part
from mithaq_node.queries.watch import ClockFace
from mithaq_node.services.casing import Gathered
from mithaq_node.web import preferences, values, wording
from mithaq_node.web.papers import setting
from mithaq_node.web.reader import Reader

TEMPLATE = "case.typ"
_RIGHT_TO_LEFT = ("ar", "fa", "ckb")


def paper(gathered: Gathered, language: str) -> bytes:
    """The PDF of a case in one of the desk's languages."""
    sealed = queries.sealed()
    calendar = preferences.OWN_CALENDAR[language]
    reader = Reader(language, calendar, sealed.law, sealed.words, queries.own_party())
    with translation.override(language):
        return setting.pdf(TEMPLATE, _Paper(gathered, reader).values())


class _Paper:
    """The values of the template, said to one reader."""

    def __init__(self, gathered: Gathered, reader: Reader) -> None:
        self._gathered, self._reader, self._view = gathered, reader, gathered.view
        self._said = gathered.case.said

    def values(self) -> dict[str, Any]:
        """What the template reads."""
        incident, reader = self._view.incident, self._reader
        law = reader.law
        return {
            "language": reader.language,
            "direction": "rtl" if reader.language in _RIGHT_TO_LEFT else "ltr",
            "demonstration": _("Demonstration. Not a document of any government.") if law.demo else "",
            "title": _("Incident"),
            "number": _spoken(reader, incident.number),
            "kind": reader.label(f"kind.{self._view.first.notice.kind}"),
            "instrument": reader.text(law.title),
            "state": str(wording.INCIDENT[incident.state][0]),
            "differ": _("Accounts differ") if incident.differences else "",
            "made": _("Made by %(party)s, which says that it was %(moment)s") % {
                "party": self._party(self._said.by), "moment": reader.moment(self._said.at)},
            "parties": [self._party(each.code) for each in queries.parties()],
            "accounts": {
                "title": _("Two accounts"),
                "lead": _("Side by side; nothing is averaged and nobody is judged."),
                "stated": _("What is stated"),
                "rows": [self._account(row) for row in self._view.rows],
                "none": _("No account stands yet: facts count once the other side has received them."),
            },
            "order": {
                "title": _("In the order of the record"),
                "notices": [self._notice(each) for each in self._view.timeline],
                "step": _("How far it has come"),
                "proof": _("Proven by"),
                "moment": _("Moment, as stated"),
                "by": _("Stated by"),
            },
            "clocks": {
                "title": _("Who owes what"),
                "head": [_("Clock"), _("Owed by"), _("For"), _("Began"), _("Due"), _("Answered"), ""],
                "rows": [self._clock(face) for face in self._view.clocks],
                "none": _("Nothing is owed."),
            },
            "articles": {"title": _("By what text"), "rows": list(self._articles())},
            "parts": {
                "title": _("Parts and their commitments"),
                "head": [_("Notice"), _("Class"), _("Bytes"), _("In this file"), _("Commitment")],
                "rows": [self._part(view, part) for view in self._view.timeline for part in view.parts],
            },
            "heads": {
                "title": _("Heads of the logs"),
                "head": [_("Log"), _("Entries"), _("Root"), _("Held and signed by")],
                "rows": list(self._heads()),
            },
            "law": {
                "title": _("The sealed law"),
                "digest": self._said.law,
                "fingerprint": queries.sealed().fingerprint,
            },
            "not_shown": {"title": _("Not shown by this"), "rows": _not_shown()},
        }  # fmt: skip

    def _party(self, code: str) -> str:
        party = self._reader.law.party(code)
        return self._reader.text(party.name) if party else code

    def _account(self, row: AccountRow) -> dict[str, Any]:
        kind = self._reader.law.kind(row.kind)
        field = next((each for each in kind.fields if each.name == row.field), None) if kind else None
        said = [
            {
                "value": values.say(self._reader, row.kind, field, stated.value) if field else str(stated.value),
                "number": _spoken(self._reader, stated.number),
            }
            if stated
            else {"value": _("says nothing"), "number": ""}
            for _party, stated in row.said
        ]
        return {"field": self._reader.label(f"field.{row.kind}.{row.field}"), "said": said, "differs": row.differs}

    def _notice(self, view: NoticeView) -> dict[str, Any]:
        notice, reader = view.notice, self._reader
        shown = self._gathered.disclosed.get((notice.log, notice.index), frozenset())
        said = [part.values for part in view.parts if part.number == 0 or part.number in shown]
        fields = view.kind.fields if view.kind else []
        rows = [
            [
                reader.label(f"field.{notice.kind}.{field.name}"),
                values.say(reader, notice.kind, field, each[field.name]),
            ]
            for field in fields
            for each in said
            if field.name in each
        ]
        return {
            "number": _spoken(reader, notice.number),
            "kind": reader.label(f"kind.{notice.kind}"),
            "party": self._party(notice.party),
            "at": reader.moment(notice.at) if notice.at else "",
            "release": str(wording.RELEASES.get(notice.release, notice.release)),
            "officers": list(view.officers),
            "signed": _("Signed by"),
            "refers": [_spoken(reader, number) for number in notice.refers],
            "to": _("Refers to"),
            "wrong": [reader.refusal(refusal) for refusal in notice.refusals],
            "rows": rows,
            "ladders": [list(self._ladder(ladder)) for ladder in notice.ladder.values()],
        }

    def _ladder(self, ladder: Ladder) -> Iterator[list[str]]:
        for name, word in wording.STEPS:
            step: Step | None = getattr(ladder, name)
            if step is None:
                yield [str(word), "", _("not yet"), ""]
                continue
            party = self._reader.law.party_of(step.log)
            number = numbers.spoken_in(party.code, step.log, step.index) if party else ""
            at = self._reader.moment(step.at) if step.at else ""
            yield [str(word), _spoken(self._reader, number), at, self._party(party.code) if party else ""]

    def _clock(self, face: ClockFace) -> list[str]:
        clock, reader = face.clock, self._reader
        answered = ""
        if clock.stopped:
            by = _spoken(reader, clock.stopped_by) if clock.stopped_by else ""
            answered = f"{reader.moment(clock.stopped)} {by}".strip()
        if clock.disputed and clock.answer_received:
            answered += f" · {_('received')} {reader.moment(clock.answer_received)}"
        return [
            reader.label(f"clock.{clock.id}"),
            self._party(clock.party),
            _spoken(reader, clock.notice),
            reader.moment(clock.started),
            reader.moment(clock.due),
            answered,
            str(wording.CLOCK[face.display]),
        ]

    def _articles(self) -> Iterator[dict[str, str]]:
        named = {f"kind:{view.notice.kind}" for view in self._view.timeline}
        named |= {f"clock:{face.clock.id}" for face in self._view.clocks}
        for article in self._reader.law.articles:
            if named & set(article.governs):
                yield {
                    "title": self._title(article),
                    "text": self._reader.text(article.text),
                    "mark": _("reported") if article.mark == "reported" else _("example"),
                }

    def _title(self, article: Article) -> str:
        return f"{self._reader.digits(article.number)} · {self._reader.text(article.title)}"

    def _part(self, view: NoticeView, part: Part) -> list[str]:
        notice = view.notice
        shown = part.number == 0 or part.number in self._gathered.disclosed.get((notice.log, notice.index), ())
        there = _("yes") if shown else _("not disclosed")
        if part.body is None:
            there = _("not at hand")
        committed = view.leaf.header.parts[part.number].c if view.leaf else ""
        reader = self._reader
        return [
            _spoken(reader, notice.number),
            reader.label(f"class.{part.retention}"),
            reader.count(part.size),
            there,
            committed,
        ]

    def _heads(self) -> Iterator[list[str]]:
        for signed in self._gathered.heads.values():
            text, lines = note.split(signed)
            head = checkpoint.parse(text)
            names = [line.name for line in lines if line.name != head.origin]
            root = head.root.hex()
            yield [head.origin, self._reader.count(head.size), f"{root[:32]}\n{root[32:]}", "\n".join(names)]


def _not_shown() -> list[str]:
    return [
        _("that what a notice says is true: it shows who stated what, not what happened"),
        _("that everything was told that should have been"),
        _("that a stated moment is right: it is the statement of the party beside it"),
        _("that a person read a notice, unless a signed acknowledgement says so"),
        _("what came after the heads shown here"),
        _("this paper itself: it is drawn from the record, and only the proofs beside it are signed"),
    ]


def _spoken(reader: Reader, number: str) -> str:
    """A spoken number in its own order in either direction of writing."""
    return f"\u202d{reader.spoken(number)}\u202c" if number else ""
