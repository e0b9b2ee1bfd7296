"""How values of the record stand on a page: parties, moments, numbers, labels, refusals.

Each tag takes the stored value and says it to the reader of the page (`frame.reader`), isolated with `<bdi>` where
numbers or names of another script would otherwise move about in a line of the other direction.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info, gettext

from mithaq import calendars, moments
from mithaq.errors import Refusal
from mithaq.followup.commitments import Column
from mithaq.instrument import alternat
from mithaq.instrument.law import Field, Party, Text
from mithaq.moments import Moment
from mithaq.notices import kept, numbers
from mithaq.notices.book import UNKNOWN, Ladder, Notice, Stated, Step
from mithaq.notices.compliance import Timeliness
from mithaq.notices.envelope import Header, Kept
from mithaq.notices.fields.field_type import has_keys
from mithaq.notices.fields.links import LINK, path_of
from mithaq.notices.fields.paragraphs import PARAGRAPHS, Words, whole
from mithaq.notices.fields.references import REFERENCE
from mithaq.notices.kept import Question
from mithaq_files import fingerprints
from mithaq_node import queries
from mithaq_node.queries import ledgers
from mithaq_node.queries.incidents import AccountRow, Version
from mithaq_node.queries.watch import ClockFace
from mithaq_node.web import built as built_files
from mithaq_node.web import colour_sheet, values, wording
from mithaq_node.web.entrance import READERS
from mithaq_node.web.filing.entries import Entry
from mithaq_node.web.inside.choosing import Choice
from mithaq_node.web.numbering import SpokenNumber
from mithaq_node.web.reader import Reader
from mithaq_node.web.shift.lines import office_name

register = template.Library()


def reader_in(context: Context) -> Reader:
    """The reader of the page that is made."""
    found: Reader = context["frame"].reader
    return found


@register.simple_tag(takes_context=True)
def party(context: Context, code: str, long: bool = False) -> SafeString | str:
    """The shape, colour and name of a party."""
    reader = reader_in(context)
    known = reader.law.party(code)
    if known is None:
        return code
    return format_html(
        '<span class="party party-{}" data-shape="{}">{}</span>',
        known.code,
        known.shape,
        reader.text(known.name if long else known.short),
    )


@register.inclusion_tag("desk/aloud.html", takes_context=True)
def aloud(context: Context, document: bytes) -> dict[str, Any]:
    """The fingerprint of a document in words: the reader's language, and the others for whoever shares one of them."""
    words, language = fingerprints.in_words(document), reader_in(context).language
    others = [(code, said) for code, said in words.items() if code != language]
    return {"language": language, "words": words[language], "others": others}


@register.simple_tag
def party_class(known: Party) -> str:
    """The class that gives an element a party's colour (`--party`)."""
    return f"party-{known.code}"


@register.simple_tag(takes_context=True)
def moment(context: Context, instant: str) -> SafeString:
    """An instant in full, in the reader's calendar; the other calendars on hover."""
    reader = reader_in(context)
    return _time(reader, instant, reader.moment(instant))


@register.simple_tag(takes_context=True)
def brief(context: Context, instant: str) -> SafeString:
    """An instant for lists: day, month and time of day; in full on hover."""
    reader = reader_in(context)
    return _time(reader, instant, reader.brief(instant))


def _time(reader: Reader, instant: str, said: str) -> SafeString:
    """An instant with the other calendars on hover; of one that nobody knows yet only what is said of it."""
    if instant == UNKNOWN:
        return format_html("{}", said)
    every = reader.all_calendars(instant)
    return format_html('<time class="moment" datetime="{}" title="{}"><bdi>{}</bdi></time>', instant, every, said)


@register.simple_tag(takes_context=True)
def day(context: Context, iso_day: str, calendar: str = "") -> SafeString:
    """A day in the reader's calendar, or in the one named; the other calendars on hover."""
    reader = reader_in(context)
    return format_html(
        '<time datetime="{}" title="{}"><bdi>{}</bdi></time>',
        iso_day,
        reader.day_in_all(iso_day),
        reader.day(iso_day, calendar or None),
    )


@register.simple_tag(takes_context=True)
def day_of_week(context: Context, iso_day: str) -> SafeString:
    """A day in the reader's calendar with its day of the week; the other calendars on hover."""
    reader = reader_in(context)
    return format_html(
        '<time datetime="{}" title="{}"><bdi>{}</bdi></time>',
        iso_day,
        reader.day_in_all(iso_day),
        reader.day_of_week(iso_day),
    )


@register.simple_tag(takes_context=True)
def duration(context: Context, seconds: int) -> SafeString:
    return format_html("<bdi>{}</bdi>", reader_in(context).duration(seconds))


@register.simple_tag(takes_context=True)
def elapsed(context: Context, since: str, now: str) -> SafeString:
    """How long it is from one instant to another."""
    return duration(context, moments.parse(now).seconds - moments.parse(since).seconds)


@register.simple_tag(takes_context=True)
def number(context: Context, value: int) -> SafeString:
    """A whole number in the reader's digits."""
    return format_html('<bdi class="number">{}</bdi>', reader_in(context).count(value))


@register.simple_tag(takes_context=True)
def spoken(context: Context, value: str) -> SafeString:
    """A spoken number, `IQ 1204-7`."""
    return format_html('<bdo class="spoken" dir="ltr">{}</bdo>', reader_in(context).spoken(value))


@register.simple_tag(takes_context=True)
def numbered(context: Context, number: str, style: str = "") -> SafeString:
    """A notice's spoken number, and the way to the notice for whoever may read it."""
    said = spoken(context, number)
    if getattr(context["request"].user, "role", "") not in READERS:
        return said
    address = reverse("incidents:notice", args=[number])
    return format_html('<a class="{}" href="{}">{}</a>' if style else '<a{} href="{}">{}</a>', style, address, said)


@register.simple_tag(takes_context=True)
def digits(context: Context, text: str) -> str:
    """A number that is written as people wrote it, in the reader's digits."""
    return reader_in(context).digits(text)


@register.simple_tag(takes_context=True)
def authority(context: Context, id: str) -> str:
    """The name of an authority of this party."""
    reader = reader_in(context)
    return next((reader.text(each.name) for each in reader.party.authorities if each.id == id), id)


@register.inclusion_tag("inside/line.html", takes_context=True)
def inside_line(context: Context, choice: Choice | None, number: str) -> dict[str, Any]:
    """In a list: this party's registry number of a notice, its desk, and who has it in hand."""
    if not isinstance(choice, Choice):
        return {}
    desks = choice.desks
    return {"frame": context["frame"], "place": desks.place(number), "registry": desks.registry(number)}


@register.simple_tag(takes_context=True)
def desk_name(context: Context, id: str) -> str:
    """The name of a desk of this party; its identifier where the desk is no more."""
    return next((each.name for each in context["desks"] if each.id == id), id)


@register.simple_tag
def handing_word(deed: str) -> object:
    """How a matter changed hands."""
    return wording.HANDINGS.get(deed, deed)


@register.simple_tag(takes_context=True)
def label(context: Context, *key: object) -> str:
    """A sealed label; the parts of its key are joined with dots: `{% label "kind" notice.kind %}`."""
    return reader_in(context).label(".".join(str(part) for part in key))


@register.simple_tag(takes_context=True)
def party_name(context: Context, code: str) -> str:
    """The short name of a party, to stand within a sentence."""
    known = reader_in(context).law.party(code)
    return reader_in(context).text(known.short) if known else code


@register.simple_tag(takes_context=True)
def said(context: Context, text: Text) -> str:
    """A text of the law in the reader's language."""
    return reader_in(context).text(text)


@register.simple_tag(takes_context=True)
def refusal(context: Context, value: Refusal) -> str:
    """Why something is refused, in the reader's language."""
    return reader_in(context).refusal(value)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The value under a key that the template itself has in hand."""
    return mapping.get(key) if hasattr(mapping, "get") else None


def badge(meaning: str, word: object) -> SafeString:
    """A word in a badge; `meaning` gives it shape and colour."""
    return format_html('<span class="badge badge--{}">{}</span>', meaning, word)


@register.simple_tag
def incident_badge(state: str) -> SafeString:
    """The state of an incident."""
    word, meaning = wording.INCIDENT[state]
    return badge(meaning, word)


@register.simple_tag
def joint_badge(version: Version) -> SafeString:
    """How far a joint text has come."""
    text = version.text
    if text.is_agreed:
        return badge("kept", wording.JOINT["agreed"])
    if text.withdrawn:
        return badge("idle", wording.JOINT["withdrawn"])
    return badge("idle", wording.JOINT["replaced"]) if version.replaced_by else badge("due", wording.JOINT["open"])


@register.simple_tag
def clock_badge(face: ClockFace) -> SafeString:
    """How a clock stands."""
    return badge(face.meaning, wording.CLOCK[face.display])


@register.simple_tag
def kept_bar(kept_by: Timeliness, most: int) -> SafeString:
    """A bar as long as the clocks that started, beside one of `most`; the numbers stand beside it in words."""
    start, pieces = 0, []
    for name in wording.KEEPING:
        count = getattr(kept_by, name)
        if count:
            pieces.append((name, start, count))
        start += count
    drawn = format_html_join("", '<rect class="kept-bar__{}" x="{}" width="{}" height="1"/>', pieces)
    frame = '<svg class="kept-bar" viewBox="0 0 {} 1" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    return format_html(frame, max(most, 1), drawn)


@register.simple_tag(takes_context=True)
def score(context: Context, number: int) -> SafeString:
    """A score, 0 to 3: its number, its word, and as many filled steps."""
    steps = format_html_join(
        "", '<i class="score__step{}"></i>', ((" score__step--on" if n < number else "",) for n in range(3))
    )
    digits, word = reader_in(context).digits(number), wording.SCORES[number]
    frame = '<span class="score"><span class="score__steps" aria-hidden="true">{}</span><bdi>{}</bdi> {}</span>'
    return format_html(frame, steps, digits, word)


@register.simple_tag
def score_bar(column: Column) -> SafeString:
    """The distribution of a column as a bar; the numbers stand beside it in words."""
    start, pieces = 0, []
    for name, count in enumerate(column.counts):
        if count:
            pieces.append((name, start, count))
        start += count
    drawn = format_html_join("", '<rect class="score-bar__{}" x="{}" width="{}" height="1"/>', pieces)
    frame = '<svg class="kept-bar" viewBox="0 0 {} 1" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    return format_html(frame, max(column.scored + column.unscored, 1), drawn)


@register.simple_tag(takes_context=True)
def finding_badge(context: Context, found: str) -> SafeString:
    """What a party found of evidence."""
    return badge(wording.EVIDENCE_FOUND.get(found, "idle"), reader_in(context).label(f"code.found.{found}"))


@register.simple_tag
def link_badge(state: str) -> SafeString:
    """How a link stands."""
    word, meaning = wording.LINK[state]
    return badge(meaning, word)


@register.simple_tag
def draft_badge(state: str) -> SafeString:
    """How far a draft is."""
    word, meaning = wording.DRAFT[state]
    return badge(meaning, word)


@register.simple_tag
def ladder_word(ladder: Ladder) -> SafeString:
    """The highest step that a notice has reached."""
    reached = [word for name, word in wording.STEPS if getattr(ladder, name) is not None]
    return format_html('<span class="rung">{}</span>', reached[-1])


@register.simple_tag
def rungs(ladder: Ladder) -> list[tuple[object, Step | None]]:
    """The steps of a ladder, each with its word and what proves it."""
    return [(word, getattr(ladder, name)) for name, word in wording.STEPS]


@register.simple_tag(takes_context=True)
def step_number(context: Context, step: Step) -> str:
    """The spoken number of the leaf that proves a step."""
    found = reader_in(context).law.party_of(step.log)
    return numbers.spoken_in(found.code, step.log, step.index) if found else ""


@register.simple_tag(takes_context=True)
def gist(context: Context, notice: Notice) -> SafeString | str:
    """What a notice says in a few words: where it was, and its first coded values."""
    reader = reader_in(context)
    kind, said = queries.law_of(notice.leaf).kind(notice.kind), notice.facts or notice.stated
    if kind is None or not said:
        return ""
    told = [
        values.say(reader, kind.name, field, said[field.name])
        for field in kind.fields
        if field.name in said and field.type in ("place", "sector", "crossing", "code", "codes", "counts", "phrase")
    ]
    return format_html("<bdi>{}</bdi>", " · ".join(told[:5]))


@register.simple_tag(takes_context=True)
def value(context: Context, kind: str, field: Field, said: Any) -> SafeString:
    """A value of a field, isolated; free text keeps its own language and direction and is marked with it."""
    reader = reader_in(context)
    text = values.say(reader, kind, field, said)
    if field.type == "text" and isinstance(said, dict):
        return _as_written(reader, said, text)
    if field.type == PARAGRAPHS.name and any(lines for _, lines in whole(said)):
        return _in_columns(said, lambda line: format_html("{}", line))
    if field.type == LINK.name and path_of(said) is not None:
        return outward(said)
    if field.type == REFERENCE.name:
        return _named(reader, said)
    return format_html("<bdi>{}</bdi>", text)


@register.simple_tag
def outward(address: str) -> SafeString:
    """A link to a page elsewhere, as text: nothing of it is fetched, and the page is not told where the reader came
    from."""
    return format_html(
        '<a class="foreign outward" rel="noreferrer noopener external" dir="ltr" href="{0}">{0}</a>', address
    )


def _named(reader: Reader, said: Any) -> SafeString:
    """The notice that a reference names, by its spoken number, or that it is not in the record."""
    name = (said["log"], said["id"]) if has_keys(said, frozenset({"log", "id"})) else ("", "")
    found = ledgers.named({name}).get(name)
    if found is None:
        return format_html("<span>{}</span>", gettext("a notice that is not in the record"))
    at = reverse("incidents:notice", args=[found.number])
    return format_html('<a href="{}"><bdo class="spoken" dir="ltr">{}</bdo></a>', at, reader.spoken(found.number))


@register.simple_tag(takes_context=True)
def marked(context: Context, kind: str, field: Field, said: Any) -> SafeString:
    """`value`, with each passage of a free text marked that this node's linter finds; a mark is the target of its
    question."""
    questions = kept.asked_by(field, said)
    if not questions or questions[0].is_of_a_picture:
        return value(context, kind, field, said)
    if field.type == LINK.name:
        return format_html('<span class="foreign outward" dir="ltr">{}</span>', _with_marks(said, questions))
    if field.type == PARAGRAPHS.name:
        return _in_columns(said, lambda line: _with_marks(line, [each for each in questions if each.text == line]))
    return _as_written(reader_in(context), said, _with_marks(questions[0].text, questions))


def _with_marks(text: str, questions: Iterable[Question]) -> SafeString:
    pieces, at = list[SafeString](), 0
    for question in questions:
        pieces += [format_html("{}", text[at : question.passage.start]), _mark(question)]
        at = question.passage.end
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, format_html("{}", text[at:])]))


def _in_columns(words: Words, say: Callable[[str], SafeString]) -> SafeString:
    """A whole text: its languages in facing columns, its paragraphs numbered."""
    said = dict(whole(words))
    columns = (
        (code, direction_of(code), _numbered(map(say, said[code])))
        for code in alternat.own_first(said, settings.NODE.language)
    )
    inner = format_html_join("", '<ol class="foreign" lang="{}" dir="{}">{}</ol>', columns)
    return format_html('<div class="whole-text">{}</div>', inner)


@register.filter
def direction_of(code: str) -> str:
    """In which direction a language is written, as HTML says it: `auto`, by the words, where the code is of none that
    is known here, as in what came from elsewhere."""
    try:
        return "rtl" if get_language_info(code)["bidi"] else "ltr"
    except KeyError:
        return "auto"


def _numbered(lines: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "<li>{}</li>", ((line,) for line in lines))


def _as_written(reader: Reader, said: Mapping[str, Any], text: str) -> SafeString:
    """A free text in its own language and direction; marked with its language where that is not the reader's."""
    language = said["lang"] if isinstance(said.get("lang"), str) else ""
    written = format_html('<span class="foreign" lang="{}" dir="auto">{}</span>', language, text)
    if language in ("", reader.language):
        return written
    name = format_html('<bdi lang="{}">{}</bdi>', language, language_name(language))
    return format_html('{} <span class="small quiet">{} {}</span>', written, gettext("Written in"), name)


def _mark(question: Question) -> SafeString:
    word = wording.FINDINGS[question.finding]
    return format_html('<mark id="passage-{}" title="{}" dir="auto">{}</mark>', question.id, word, question.words)


@register.simple_tag
def finding_word(finding: str) -> object:
    """What a passage looks like; the code itself, where this version does not know it."""
    return wording.FINDINGS.get(finding, finding)


@register.simple_tag
def reason_word(reason: str) -> object:
    """Why a passage stays; the code itself, where this version does not know it."""
    return wording.REASONS.get(reason, reason)


@register.simple_tag
def built(name: str) -> str:
    """The address of a built file: `{% built 'desk.css' %}`."""
    return static(f"built/{built_files.name(name)}")


@register.simple_tag(takes_context=True)
def colours(context: Context) -> str:
    """The address of the parties' colours; it changes with them, so that a browser keeps what it has."""
    address, frame = reverse("watch:parties"), context.get("frame")
    return f"{address}?of={colour_sheet.version(frame.law.parties)}" if frame else address


@register.filter
def compact(number: str) -> str:
    """A spoken number as it stands in addresses and identifiers."""
    return SpokenNumber().to_url(number)


@register.filter
def of_texts(header: Header | None) -> tuple[Kept, ...]:
    """The passages of its texts that a notice was released with."""
    return kept.of_texts(header) if header else ()


@register.filter
def passages(stays: Iterable[Kept]) -> int:
    """How many passages were kept."""
    return sum(each.n for each in stays)


@register.simple_tag(takes_context=True)
def account_value(context: Context, row: AccountRow, stated: Stated) -> SafeString:
    """What an account states in a field."""
    kind = reader_in(context).law.kind(row.kind)
    field = next((each for each in kind.fields if each.name == row.field), None) if kind else None
    return value(context, row.kind, field, stated.value) if field else format_html("{}", stated.value)


@register.simple_tag(takes_context=True)
def sentence(context: Context, kind: str, facts: Mapping[str, Any]) -> SafeString | str:
    """The phrase in the facts of a notice, where its kind has one and it was chosen."""
    known = reader_in(context).law.kind(kind)
    chosen = [field for field in known.fields if field.type == "phrase" and field.name in facts] if known else []
    said = ((value(context, kind, field, facts[field.name]),) for field in chosen)
    return format_html_join("", '<div class="small">{}</div>', said)


@register.simple_tag(takes_context=True)
def symbol(context: Context, kind: str) -> SafeString | str:
    """The symbol of a kind, drawn from the sealed words."""
    path = reader_in(context).words.symbols.get(kind)
    return (
        format_html('<svg class="symbol" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>', path)
        if path
        else ""
    )


@register.simple_tag(takes_context=True)
def office(context: Context, name: str) -> str:
    """A counterpart's authority, `IR/border-guard`, as the law names it."""
    return office_name(reader_in(context), name)


@register.simple_tag
def line_kind(kind: str) -> object:
    """What a line of the watch log is."""
    return wording.LINE_KINDS.get(kind, kind)


@register.simple_tag
def verdict_badge(verdict: str) -> SafeString:
    """What can be said of a signature on the paper of a shift."""
    word, meaning = wording.SIGNATURES[verdict]
    return badge(meaning, word)


@register.filter
def instant(known: datetime) -> str:
    """The canonical spelling of a row's moment."""
    return str(Moment(int(known.timestamp())))


@register.simple_tag
def entry_part(entry: Entry, part: str) -> str:
    """What was typed into one input of a field."""
    return entry.first(part)


@register.simple_tag(takes_context=True)
def calendar_name(context: Context, calendar: str) -> str:
    """The name of the calendar in which a date is typed."""
    reader = reader_in(context)
    return calendars.calendar_name(calendar, reader.language, reader.party.hijri_offset)


@register.simple_tag(takes_context=True)
def own_offset(context: Context) -> SafeString:
    """The offset from UTC of this party's civil time."""
    reader = reader_in(context)
    return format_html(
        '<bdi dir="ltr">{}</bdi>', calendars.offset_name(reader.party.utc_offset, reader.language).strip("()")
    )


@register.simple_tag(takes_context=True)
def clock_example(context: Context) -> str:
    """A time of day as the reader would write it."""
    return reader_in(context).digits("14:30")


@register.simple_tag
def unit(name: str) -> str:
    """The word for a unit of the law."""
    return values.unit_name(name)


@register.simple_tag
def language_name(code: str) -> str:
    """A language in its own name."""
    return str(dict(settings.LANGUAGES).get(code, code))


@register.simple_tag(takes_context=True)
def party_shape(context: Context, code: str) -> str:
    """The shape of a party, for elements that draw it themselves."""
    known = reader_in(context).law.party(code)
    return known.shape if known else ""


@register.simple_tag
def release_word(form: str) -> object:
    """How a notice was released."""
    return wording.RELEASES.get(form, form)


@register.simple_tag
def leaf_word(kind: str) -> object:
    """What a machine's entry is."""
    return wording.MACHINE_LEAVES.get(kind, kind)


@register.simple_tag
def key_name(name: str) -> SafeString:
    """The name of a key, which a narrow column may break behind its slashes and nowhere else."""
    return format_html(
        '<bdi class="mono small key-name" dir="ltr">{}</bdi>',
        format_html_join(mark_safe("/<wbr>"), "{}", ((part,) for part in name.split("/"))),
    )


@register.simple_tag
def decoded(encoded: bytes) -> str:
    """Signed bytes as text; what is no UTF-8 stands as escapes."""
    return encoded.decode("utf-8", "backslashreplace")


@register.simple_tag
def account_deed(deed: str) -> str:
    """What was done to an account."""
    return str(wording.ACCOUNT.get(deed, deed))


@register.simple_tag(takes_context=True)
def place_said(context: Context, stated: Mapping[str, Any]) -> SafeString:
    """A place in the form in which it was stated."""
    return format_html("<bdi>{}</bdi>", values.place(reader_in(context), stated))


@register.filter
def has(mapping: Any, key: Any) -> bool:
    """Whether something stands under a key that the template itself has in hand."""
    return key in mapping


@register.filter
def counted(number: int, reader: Reader) -> str:
    """A whole number as a reader writes it, for a sentence."""
    return reader.count(number)
