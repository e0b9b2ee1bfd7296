"""The form of a line for the watch log: what was typed is kept until the node has taken it."""

from dataclasses import dataclass, field

from django.http import QueryDict

from mithaq.errors import Refusal
from mithaq.instrument.law import Field
from mithaq.moments import Moment
from mithaq.notices.watchlog import CALLS, LONGEST_SUBJECT, LONGEST_TEXT, NOTE
from mithaq_node.queries import watch_log
from mithaq_node.queries.watch_log import LineView
from mithaq_node.services import noting
from mithaq_node.web.filing import entries
from mithaq_node.web.filing.entries import Entry
from mithaq_node.web.filing.forms import posted
from mithaq_node.web.filing.typed import typed_from
from mithaq_node.web.reader import Reader
from mithaq_node.web.wording import LINE_KINDS, Word

_AT = Field(name="at", type="moment", part="text", required=True)
_DAY = Field(name="day", type="day", part="text", required=True)


@dataclass
class LineForm:
    """What stands in the form."""

    at: Entry
    kind: str = NOTE
    office: str = ""
    subject: str = ""
    text: str = ""
    corrects: LineView | None = None
    stays: bool = False
    drawn: str = ""
    offices: list[tuple[str, str]] = field(default_factory=list)
    """Authorities of the other parties, with their names."""
    longest_text: int = LONGEST_TEXT
    longest_subject: int = LONGEST_SUBJECT

    @property
    def kinds(self) -> list[tuple[str, Word, bool]]:
        """Each kind with its word, and whether it is chosen."""
        return [(kind, word, kind == self.kind) for kind, word in LINE_KINDS.items()]

    @property
    def is_call(self) -> bool:
        return self.kind in CALLS

    def moment(self) -> str:
        """The stated moment; refuses one that is not in the calendar."""
        try:
            return str(entries.value_of(self.at))
        except Refusal as refusal:
            self.at.refusal = refusal
            raise


def blank(reader: Reader, now: Moment, drawn: str, corrects: str) -> LineForm:
    """A new form, on this minute; of a line that corrects another one, if it is there."""
    at = Entry("", _AT, reader, typed_from(str(now), _AT, reader))
    return LineForm(at, corrects=_line(corrects), drawn=drawn, offices=_offices(reader))


def typed(reader: Reader, data: QueryDict, drawn: str) -> LineForm:
    """What was typed. Office and subject count for a call alone."""
    form = LineForm(
        Entry("", _AT, reader, posted(data).get(_AT.name, {})),
        kind=data.get("kind", NOTE),
        text=data.get("text", "").replace("\r\n", "\n"),
        corrects=_line(data.get("corrects", "")),
        stays=data.get("stays") == "yes",
        drawn=drawn,
        offices=_offices(reader),
    )
    if form.is_call:
        form.office, form.subject = data.get("office", ""), data.get("subject", "")
    return form


def asked_day(reader: Reader, data: QueryDict, today: str) -> tuple[Entry, str | None]:
    """The inputs of the day whose lines are asked for, and that day; today where none is, None where it is no day."""
    given = posted(data).get(_DAY.name, {})
    if not given:
        day = data.get("on", today)
        try:
            return Entry("", _DAY, reader, typed_from(day, _DAY, reader)), day
        except (Refusal, ValueError):
            return Entry("", _DAY, reader, {}, Refusal("desk.bad-day")), None
    entry = Entry("", _DAY, reader, given)
    try:
        return entry, entries.value_of(entry)
    except Refusal as refusal:
        entry.refusal = refusal
        return entry, None


def _line(number: str) -> LineView | None:
    return watch_log.line(int(number)) if number.isascii() and number.isdigit() and len(number) < 12 else None


def _offices(reader: Reader) -> list[tuple[str, str]]:
    return [(office, office_name(reader, office)) for office in noting.offices()]


def office_name(reader: Reader, office: str) -> str:
    """A counterpart's authority as the law names it; as it stands, where the law names it no more."""
    code, _, name = office.partition("/")
    party = reader.law.party(code)
    found = next((each for each in party.authorities if each.id == name), None) if party else None
    return f"{reader.text(party.short)} · {reader.text(found.name)}" if party and found else office
