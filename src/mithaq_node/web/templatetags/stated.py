"""What a notice states, on a page: values of its fields, isolated, each text in its own language and direction."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext

from mithaq.instrument import alternat
from mithaq.instrument.law import Field
from mithaq.notices import kept
from mithaq.notices.book import Notice, Stated
from mithaq.notices.envelope import Header, Kept
from mithaq.notices.fields.field_type import has_keys
from mithaq.notices.fields.links import LINK, path_of
from mithaq.notices.fields.paragraphs import PARAGRAPHS, Words, whole
from mithaq.notices.fields.references import REFERENCE
from mithaq.notices.kept import Question
from mithaq_node import queries
from mithaq_node.queries import ledgers
from mithaq_node.queries.incidents import AccountRow
from mithaq_node.web import values, wording
from mithaq_node.web.filing.entries import Entry
from mithaq_node.web.reader import Reader
from mithaq_node.web.templatetags.desk import reader_in

register = template.Library()


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


@register.simple_tag
def entry_part(entry: Entry, part: str) -> str:
    """What was typed into one input of a field."""
    return entry.first(part)


@register.simple_tag
def language_name(code: str) -> str:
    """A language in its own name."""
    return str(dict(settings.LANGUAGES).get(code, code))


@register.simple_tag
def decoded(encoded: bytes) -> str:
    """Signed bytes as text; what is no UTF-8 stands as escapes."""
    return encoded.decode("utf-8", "backslashreplace")


@register.simple_tag(takes_context=True)
def place_said(context: Context, stated: Mapping[str, Any]) -> SafeString:
    """A place in the form in which it was stated."""
    return format_html("<bdi>{}</bdi>", values.place(reader_in(context), stated))
