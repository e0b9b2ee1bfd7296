"""The papers of the committee: how far commitments are carried out, how clocks are kept, what is open, an agenda.

The same words in three forms. The PDF and the .docx are for reading and stop after so many rows of a table, saying how
many there are; the spreadsheet holds them all. Each names the cut that it is of, and equal cuts give equal papers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from mithaq import moments
from mithaq.calendars import calendar_name, digits
from mithaq.errors import Refusal
from mithaq.followup.commitments import COMMITTEE, Slowdown
from mithaq.followup.report import (
    Implementation,
    Keeping,
    Line,
    Measure,
    OpenClock,
    OpenItems,
    OpenNotice,
    OpenText,
    Point,
)
from mithaq.notices.book import UNKNOWN
from mithaq.notices.compliance import Grouping, Timeliness
from mithaq.notices.scores import SCALE
from mithaq.notices.suspending import Standstill
from mithaq_files import word_processing
from mithaq_files.printed import Cell, Passage, Printed, Table
from mithaq_node.queries.reports import Drawn
from mithaq_node.web import wording
from mithaq_node.web.compliance.naming import group_name
from mithaq_node.web.papers import saying, setting
from mithaq_node.web.reader import Reader

TEMPLATE = "report.typ"
MOST_PRINTED = 1_000
"""Rows of a table in what is read on paper."""

_UNSCORED = "–"
"""In a column too narrow for words; what it means stands below."""


@dataclass(frozen=True)
class Form:
    """A form of file: its ending, its media type, and whether it holds every row."""

    ending: str
    media_type: str
    whole: bool
    write: Callable[[Printed], bytes]


def _pdf(printed: Printed) -> bytes:
    return setting.pdf(TEMPLATE, _values(printed))


def _xlsx(printed: Printed) -> bytes:
    from mithaq_files import workbooks  # and with it openpyxl, which takes longer to load than a PDF to set

    return workbooks.written(printed)


FORMS: Mapping[str, Form] = {
    form.ending: form
    for form in (
        Form("pdf", "application/pdf", whole=False, write=_pdf),
        Form(
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            whole=False,
            write=word_processing.written,
        ),
        Form(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            whole=True,
            write=_xlsx,
        ),
    )
}


def form_of(ending: str) -> Form:
    """The form with this ending; refuses one in which no report is written (`report.unknown-form`)."""
    found = FORMS.get(ending.lower().lstrip("."))
    if found is None:
        raise Refusal("report.unknown-form", found=ending[:20])
    return found


def file(drawn: Drawn, reader: Reader, form: Form) -> bytes:
    """The file of a report to one reader."""
    with translation.override(reader.language):
        return form.write(_Said(drawn, reader, None if form.whole else MOST_PRINTED).printed())


def file_name(drawn: Drawn, reader: Reader, form: Form) -> str:
    """`implementation-ML12-RL9-fa.pdf`: the paper, the cut, the language; of an exercise with that word before it."""
    cut = "-".join(each.split("-")[0].replace(" ", "") for each in drawn.up_to)
    begin = "EXERCISE-" if reader.law.exercise else ""
    return f"{begin}{drawn.report.paper}-{cut}-{reader.language}.{form.ending}"


def _values(printed: Printed) -> dict[str, Any]:
    """What the template reads."""
    return {
        "language": printed.language,
        "direction": "rtl" if printed.right_to_left else "ltr",
        "digits": [digits(str(digit), printed.language) for digit in range(10)],
        "exercise": printed.marks[0] if len(printed.marks) > 1 else "",
        "demonstration": printed.marks[-1] if printed.marks else "",
        "over": printed.over,
        "title": printed.title,
        "number": printed.cut,
        "lines": printed.lines,
        "sections": [_section(each) for each in printed.sections],
    }


def _section(section: Table | Passage) -> dict[str, Any]:
    if isinstance(section, Passage):
        return {"kind": "text", "title": section.title, "paragraphs": section.paragraphs}
    return {
        "kind": "table",
        "title": section.title,
        "lead": section.lead,
        "head": section.head,
        "widths": section.widths,
        "rows": [[cell.text for cell in row] for row in section.rows],
        "empty": section.empty,
        "more": section.more,
    }


class _Said:
    """A report in the words of one reader."""

    def __init__(self, drawn: Drawn, reader: Reader, most: int | None) -> None:
        self._drawn, self._report, self._reader, self._most = drawn, drawn.report, reader, most
        self._promises = {each.id: each for each in reader.law.commitments}
        self._drafted = {each.number: each for each in self._report.open.texts} if self._report.open else {}
        self._measured = {each.number: each for each in self._report.measures or ()}
        self._titles = {each.number: reader.text(each.title) for each in reader.law.articles}

    def printed(self) -> Printed:
        frame, reader = saying.frame(self._reader), self._reader
        cut = " / ".join(saying.spoken(reader, each) for each in self._drawn.up_to)
        return Printed(
            language=reader.language,
            right_to_left=frame["direction"] == "rtl",
            marks=tuple(each for each in (frame["exercise"], frame["demonstration"]) if each),
            over=frame["instrument"],
            title=str(wording.REPORTS[self._report.paper]),
            cut=cut,
            at=self._report.at,
            lines=tuple(self._lines(cut)),
            sections=tuple(self._sections()),
        )

    def _lines(self, cut: str) -> Iterator[str]:
        reader = self._reader
        calendar = calendar_name(reader.calendar, reader.language, reader.party.hijri_offset)
        yield _("Of the record up to %(cut)s") % {"cut": cut}
        yield _("As of %(moment)s, which the logs of all parties have reached") % {
            "moment": reader.moment(self._report.at)}  # fmt: skip
        yield from (self._still(each) for each in self._report.standstills)
        yield _("Days in the calendar: %(calendar)s") % {"calendar": calendar}
        yield _("Copy of %(party)s, which stands first in it") % {"party": reader.text(reader.party.name)}
        yield _("Coded facts that every party has; no texts and no exact places.")
        yield _("State at this cut: %(digest)s") % {"digest": f"\u2066{self._drawn.digest[:32]}\u2069"}

    def _still(self, each: Standstill) -> str:
        """Whose deadlines stand or stood, since when and until when; of more than two parties, towards whom."""
        said = {
            "version": self._digits(each.version),
            "party": saying.party(self._reader, each.owing),
            "begin": self._reader.moment(each.begin),
        }
        if len(self._report.parties) > 2:  # of two, each owes the other
            named = {"party": said["party"], "other": saying.party(self._reader, each.owed)}
            said["party"] = _("%(party)s towards %(other)s") % named
        if each.end and each.end <= self._report.at:
            said["end"] = self._reader.moment(each.end)
            return (
                _("Suspended by version %(version)s: deadlines of %(party)s stood from %(begin)s until %(end)s") % said
            )
        return _("Suspended by version %(version)s: deadlines of %(party)s have stood since %(begin)s") % said

    def _sections(self) -> Iterator[Table | Passage]:
        found = self._report
        if found.agenda is not None:
            yield self._agenda(found.agenda)
        if found.implementation is not None:
            yield self._columns(found.implementation)
            if found.agenda is None:
                yield self._commitments(found.implementation)
        if found.measures is not None:
            yield self._measures(found.measures)
        if found.implementation is not None:
            yield Passage(_("What the scores mean"), tuple(self._anchors()))
        if found.keeping is not None:
            yield from self._keeping(found.keeping)
        if found.open is not None:
            yield from self._open(found.open)
        if found.agenda is not None:
            yield from self._texts(found.agenda)
        yield Passage(_("Not shown by this"), tuple(self._not_shown()))

    # How far it is carried out

    def _columns(self, carried: Implementation) -> Table:
        words = [f"{self._digits(number)} · {word}" for number, word in enumerate(wording.SCORES)]
        rows = []
        for name, column in carried.columns.items():
            percent = column.whole_percent
            share = (
                Cell(_("nothing assessed"))
                if percent is None
                else Cell(_("%(percent)s %% of %(count)s") % {
                    "percent": self._digits(percent), "count": self._digits(column.scored)})
            )  # fmt: skip
            rows.append((Cell(self._column(name)), *map(self._number, (*column.counts, column.unscored)), share))
        equal, compared = map(self._digits, (carried.agreement.equal, carried.agreement.compared))
        alike = _("Assessed alike: %(equal)s of %(compared)s that both sides have assessed") % {
            "equal": equal, "compared": compared}  # fmt: skip
        return Table(
            title=_("How far it is carried out"),
            lead=alike,
            head=(_("Column"), *words, _("Not assessed"), _("Of the most possible")),
            widths=(4, 3, 3, 3, 3, 4, 4),
            rows=tuple(rows),
        )

    def _anchors(self) -> Iterator[str]:
        yield from (self._reader.label(f"code.score.{code}") for code in SCALE)
        yield f"{_UNSCORED} · {_('Not assessed')}"

    def _commitments(self, carried: Implementation) -> Table:
        names = tuple(carried.columns)
        rows = (
            (
                Cell(self._article(line.article)),
                Cell(self._measure(line.id)),
                *(self._score(line.scores[name]) for name in names),
                Cell(self._reader.day(line.due) if line.due else _("no day set")),
                Cell("\n".join(self._remarks(line))),
            )
            for line in carried.lines
        )
        return self._table(
            _("Commitments"),
            (_("Article"), _("What is promised"), *map(self._column, names), _("Due"), _("Remarks")),
            (4, 6, *(3 for _name in names), 3, 5),
            rows,
            empty=_("This instrument lists no commitments."),
        )

    def _measures(self, decided: tuple[Measure, ...]) -> Table:
        names = self._report.parties
        rows = (
            (
                Cell(self._matter(each)),
                Cell(self._owner(each)),
                *(self._score(each.scores[name]) for name in names),
                Cell(self._reader.day(each.due)),
                Cell("\n".join(self._lacks(each))),
            )
            for each in decided
        )
        whole = self._report.open is None
        return self._table(
            _("Decisions of meetings") if whole else _("Decisions not carried out in full"),
            (_("Decision"), _("By"), *map(self._column, names), _("Due"), _("Remarks")),
            (6, 4, *(3 for _name in names), 4, 4),
            rows,
            empty=_("Nothing has been decided yet.") if whole else _("None."),
        )

    def _matter(self, measure: Measure) -> str:
        matter = self._reader.label(f"code.meeting-item.{measure.matter}")
        return f"{matter} · {saying.spoken(self._reader, measure.number)}"

    def _owner(self, measure: Measure) -> str:
        office = self._reader.label(f"code.meeting-office.{measure.office}") if measure.office else ""
        return " · ".join(filter(None, (saying.party(self._reader, measure.owner), office)))

    def _lacks(self, measure: Measure) -> Iterator[str]:
        if measure.overdue:
            yield _("Overdue")
        if measure.differs:
            yield _("Assessed differently")

    def _remarks(self, line: Line) -> Iterator[str]:
        if line.differs:
            yield _("Assessed differently")
        if line.slowdown is not None:
            yield from self._slow(line.slowdown)
        if line.unscored:
            yield _("Not assessed by anyone")

    def _slow(self, slow: Slowdown) -> Iterator[str]:
        if slow.quiet_since:
            yield _("Slowed down: nothing said since %(day)s") % {"day": self._day(slow.quiet_since)}
        if slow.expected is not None:
            yield _("Slowed down: %(percent)s %% of the time has passed") % {"percent": self._digits(slow.expected)}

    # How clocks are kept

    def _keeping(self, keeping: Keeping) -> Iterator[Table]:
        everything = ((_("All deadlines"), keeping.totals),)
        yield self._kept(_("How both sides keep their deadlines"), _("Group"), everything)
        for by, groups in keeping.groups.items():
            named = ((group_name(self._reader, by, group.key), group.parties) for group in groups)
            yield self._kept(_GROUPED[by](), str(wording.GROUPINGS[by]), named)

    def _kept(self, title: str, over: str, groups: Iterable[tuple[str, Mapping[str, Timeliness]]]) -> Table:
        rows = (
            (
                Cell(name),
                Cell(saying.party(self._reader, party)),
                *(self._number(getattr(each, name)) for name in (*wording.KEEPING, "started")),
            )
            for name, parties in groups
            for party, each in parties.items()
        )
        head = (over, _("Party"), *map(str, wording.KEEPING.values()), _("Altogether"))
        return self._table(title, head, (5, 4, 2, 2, 2, 2, 3, 3, 3), rows, empty=_("No deadline has begun."))

    def _stood(self, each: OpenClock) -> str:
        """How a clock stands, and how long it did not count."""
        said = str(wording.KEEPING[each.state])
        if not each.stood:
            return said
        return _("%(state)s · not counted so far: %(length)s") % {
            "state": said, "length": self._reader.duration(each.stood)}  # fmt: skip

    # What is open

    def _open(self, found: OpenItems) -> Iterator[Table]:
        reader = self._reader
        yield self._table(
            _("Deadlines"),
            (_("Deadline"), _("Owed by"), _("For"), _("Due"), _("State")),
            (5, 4, 3, 5, 3),
            (
                (
                    Cell(reader.label(f"clock.{each.id}")),
                    Cell(saying.party(reader, each.party)),
                    Cell(saying.spoken(reader, each.notice)),
                    Cell(reader.moment(each.due or UNKNOWN)),
                    Cell(self._stood(each)),
                )
                for each in found.clocks
            ),
            empty=_("Nothing is owed."),
        )
        yield self._table(
            _("Incidents"),
            (_("Number"), _("Kind"), _("Opened by"), _("Opened"), _("State")),
            (3, 5, 4, 5, 4),
            (
                (
                    Cell(saying.spoken(reader, each.number)),
                    Cell(reader.label(f"kind.{each.kind}")),
                    Cell(saying.party(reader, each.party)),
                    Cell(reader.moment(each.opened)),
                    Cell(_incident(each.state, differs=each.differs)),
                )
                for each in found.incidents
            ),
            empty=_("No incident is open."),
        )
        yield self._common(found.texts)
        yield self._notices(_("Texts that wait for a seal"), found.proposals)
        yield self._notices(_("Single releases that wait for their review"), found.reviews)
        yield self._notices(_("Notices that do not conform"), found.nonconforming)
        if self._report.agenda is None:
            yield self._few(_("Commitments assessed differently"), found.differing)
            yield self._few(_("Commitments that have slowed down"), found.slow)
            yield self._few(_("Commitments not assessed by anyone"), found.unscored)

    def _common(self, drafted: Iterable[OpenText]) -> Table:
        reader = self._reader
        rows = (
            (
                Cell(self._draft(each)),
                self._number(each.version),
                Cell(saying.party(reader, each.party)),
                Cell(reader.listed(saying.party(reader, party) for party in each.awaited) or _("nobody")),
            )
            for each in drafted
        )
        head = (_("Common text"), _("The version that stands"), _("Proposed by"), _("Whose acceptance is awaited"))
        return self._table(_("Common texts"), head, (6, 3, 4, 5), rows, empty=_("None."))

    def _draft(self, text: OpenText) -> str:
        matter = self._reader.label(f"code.text-matter.{text.matter}")
        return f"{matter} · {saying.spoken(self._reader, text.number)}"

    def _notices(self, title: str, notices: Iterable[OpenNotice]) -> Table:
        reader = self._reader
        rows = (
            (
                Cell(saying.spoken(reader, each.number)),
                Cell(reader.label(f"kind.{each.kind}")),
                Cell(saying.party(reader, each.party)),
                Cell(reader.moment(each.at) if each.at else ""),
            )
            for each in notices
        )
        return self._table(title, (_("Number"), _("Kind"), _("Party"), _("When")), (3, 6, 4, 5), rows, empty=_("None."))

    def _few(self, title: str, lines: Iterable[Line]) -> Table:
        rows = (
            (Cell(self._article(each.article)), Cell(self._measure(each.id)), Cell("\n".join(self._remarks(each))))
            for each in lines
        )
        head = (_("Article"), _("What is promised"), _("Remarks"))
        return self._table(title, head, (4, 7, 6), rows, empty=_("None."))

    # The agenda

    def _agenda(self, points: tuple[Point, ...]) -> Table:
        rows = (
            (
                self._number(number),
                Cell(self._subject(each)),
                Cell(self._reader.listed(str(wording.AGENDA_REASONS[reason]) for reason in each.reasons)),
            )
            for number, each in enumerate(points, start=1)
        )
        return self._table(
            _("Proposed agenda"),
            (_("No."), _("Point"), _("Why")),
            (1, 8, 5),
            rows,
            lead=_("From what is open in the record; the secretariats add and strike out."),
            empty=_("Nothing is open."),
        )

    def _subject(self, point: Point) -> str:
        reader = self._reader
        if point.about == "commitment":
            return f"{self._article(self._promises[point.name].article)}: {self._measure(point.name)}"
        if point.about == "decision":
            measure = self._measured[point.name]
            return f"{_('Decision')} {self._matter(measure)} · {self._owner(measure)}"
        by = saying.party(reader, point.party)
        if point.about == "text":
            return f"{self._draft(self._drafted[point.name])} · {by}"
        if point.about == "clock":
            return f"{reader.label(f'clock.{point.name}')} · {by} · {self._digits(point.count)}"
        sort = _("Joint text") if point.about == "proposal" else _("Incident")
        return f"{sort} {saying.spoken(reader, point.name)} · {by}"

    def _texts(self, points: tuple[Point, ...]) -> Iterator[Passage]:
        """The articles of the commitments on the agenda."""
        wanted = {self._promises[each.name].article for each in points if each.about == "commitment"}
        for article in self._reader.law.articles:
            if article.number in wanted:
                mark = _("reported") if article.mark == "reported" else _("example")
                title = f"{self._article(article.number)} ({mark})"
                yield Passage(title, (self._reader.text(article.text),))

    # Words

    def _table(
        self,
        title: str,
        head: tuple[str, ...],
        widths: tuple[int, ...],
        rows: Iterable[tuple[Cell, ...]],
        *,
        empty: str,
        lead: str = "",
    ) -> Table:
        """A table of at most as many rows as the form takes; what was left out is counted."""
        every = tuple(rows)
        kept = every if self._most is None else every[: self._most]
        left = len(every) - len(kept)
        more = _("And %(count)s more; the spreadsheet holds all.") % {"count": self._digits(left)} if left else ""
        return Table(title=title, head=head, widths=widths, rows=kept, lead=lead, empty=empty, more=more)

    def _article(self, number: str) -> str:
        title = self._titles.get(number, "")
        return f"{_('Article')} {self._digits(number)}" + (f" · {title}" if title else "")

    def _measure(self, id: str) -> str:
        return self._reader.text(self._promises[id].measure)

    def _column(self, name: str) -> str:
        return _("Committee") if name == COMMITTEE else saying.party(self._reader, name)

    def _score(self, score: int | None) -> Cell:
        if score is None:
            return Cell(_UNSCORED)
        return Cell(f"{self._digits(score)} · {wording.SCORES[score]}", score if self._most is None else None)

    def _day(self, instant: str) -> str:
        """The day of an instant on this party's civil clock."""
        return self._reader.day(moments.civil_day(moments.parse(instant), self._reader.party.utc_offset))

    def _number(self, number: int) -> Cell:
        return Cell(self._reader.count(number), number)

    def _digits(self, text: object) -> str:
        return self._reader.digits(text)

    def _not_shown(self) -> Iterator[str]:
        yield _("that what a notice says is true: it shows who stated what, not what happened")
        yield _("that everything was told that should have been")
        yield _("what came after the cut named above")
        yield _("this paper itself: it is drawn from the record, and whoever holds the same cut draws the same figures")


def _incident(state: str, *, differs: bool) -> str:
    word = str(wording.INCIDENT[state][0])
    return f"{word} · {_('Accounts differ')}" if differs else word


_GROUPED: Mapping[Grouping, Callable[[], str]] = {
    Grouping.CLOCK: lambda: _("Deadlines by sort"),
    Grouping.KIND: lambda: _("Deadlines by kind of notice"),
    Grouping.SECTOR: lambda: _("Deadlines by sector"),
    Grouping.MONTH: lambda: _("Deadlines by month"),
}
"""The heading of each grouping, in the language that is active when it is asked for."""
