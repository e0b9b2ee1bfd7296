"""The paper of a case: both accounts, what happened in the order of the record, what was owed and given, by what text.

Everything stands as it was stated, with whose statement it is; nothing is averaged and nobody is judged. The party that
makes the paper stands first (alternat).
"""

from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from mithaq.instrument.law import Article
from mithaq.record import checkpoint, note
from mithaq_node import queries
from mithaq_node.queries.incidents import AccountRow, NoticeView
from mithaq_node.queries.watch import ClockFace
from mithaq_node.services.casing import Gathered
from mithaq_node.web import values, wording
from mithaq_node.web.papers import saying, setting
from mithaq_node.web.papers.saying import spoken
from mithaq_node.web.reader import Reader

TEMPLATE = "case.typ"


def paper(gathered: Gathered, language: str) -> bytes:
    """The PDF of a case in one of the desk's languages."""
    with translation.override(language):
        return setting.pdf(TEMPLATE, _Paper(gathered, saying.reader_in(language)).values())


class _Paper:
    """The values of the template, said to one reader."""

    def __init__(self, gathered: Gathered, reader: Reader) -> None:
        self._gathered, self._reader, self._view = gathered, reader, gathered.view
        self._said = gathered.case.said

    def values(self) -> dict[str, Any]:
        """What the template reads."""
        incident, reader = self._view.incident, self._reader
        return {
            **saying.frame(reader),
            "title": _("Incident"),
            "number": spoken(reader, incident.number),
            "kind": reader.label(f"kind.{self._view.first.notice.kind}"),
            "state": str(wording.INCIDENT[incident.state][0]),
            "differ": _("Accounts differ") if incident.differences else "",
            "made": _("Made by %(party)s, which says that it was %(moment)s") % {
                "party": self._party(self._said.by), "moment": reader.moment(self._said.at)},
            "parties": [self._party(each.code) for each in queries.parties()],
            "accounts": {
                "title": _("The parties' accounts"),
                "lead": _("Side by side; nothing is averaged and nobody is judged."),
                "stated": _("What is stated"),
                "rows": [self._account(row) for row in self._view.rows],
                "none": _("No account stands yet: facts count once the other side has received them."),
            },
            "order": {
                "title": _("In the order of the record"),
                "notices": [saying.notice(reader, each, self._shown(each)) for each in self._view.timeline],
                **saying.ladder_words(),
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
                "rows": [
                    saying.part(reader, view, part, self._shown(view))
                    for view in self._view.timeline
                    for part in view.parts
                ],
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
            "not_shown": {"title": _("Not shown by this"), "rows": saying.not_shown(
                _("that everything was told that should have been"))},
        }  # fmt: skip

    def _party(self, code: str) -> str:
        return saying.party(self._reader, code)

    def _shown(self, view: NoticeView) -> frozenset[int]:
        return self._gathered.disclosed.get((view.notice.log, view.notice.index), frozenset())

    def _account(self, row: AccountRow) -> dict[str, Any]:
        kind = self._reader.law.kind(row.kind)
        field = next((each for each in kind.fields if each.name == row.field), None) if kind else None
        said = [
            {
                "value": values.say(self._reader, row.kind, field, stated.value) if field else str(stated.value),
                "number": spoken(self._reader, stated.number),
            }
            if stated
            else {"value": _("says nothing"), "number": ""}
            for _party, stated in row.said
        ]
        return {"field": self._reader.label(f"field.{row.kind}.{row.field}"), "said": said, "differs": row.differs}

    def _clock(self, face: ClockFace) -> list[str]:
        clock, reader = face.clock, self._reader
        answered = ""
        if clock.stopped:
            by = spoken(reader, clock.stopped_by) if clock.stopped_by else ""
            answered = f"{reader.moment(clock.stopped)} {by}".strip()
        if clock.disputed and clock.answer_received:
            answered += f" · {_('received')} {reader.moment(clock.answer_received)}"
        return [
            reader.label(f"clock.{clock.id}"),
            self._party(clock.party),
            spoken(reader, clock.notice),
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

    def _heads(self) -> Iterator[list[str]]:
        for signed in self._gathered.heads.values():
            text, lines = note.split(signed)
            head = checkpoint.parse(text)
            names = [line.name for line in lines if line.name != head.origin]
            root = head.root.hex()
            yield [head.origin, self._reader.count(head.size), f"{root[:32]}\n{root[32:]}", "\n".join(names)]
