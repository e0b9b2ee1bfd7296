"""How something stands, on a page: badges, bars and the words for states and steps; never by colour alone."""

from django import template
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from mithaq.followup.commitments import Column
from mithaq.notices import numbers
from mithaq.notices.book import Ladder, Step
from mithaq.notices.compliance import Timeliness
from mithaq_node.queries.incidents import Version
from mithaq_node.queries.watch import ClockFace
from mithaq_node.web import wording
from mithaq_node.web.templatetags.desk import reader_in

register = template.Library()


@register.simple_tag
def handing_word(deed: str) -> object:
    """How a matter changed hands."""
    return wording.HANDINGS.get(deed, deed)


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


@register.simple_tag
def finding_word(finding: str) -> object:
    """What a passage looks like; the code itself, where this version does not know it."""
    return wording.FINDINGS.get(finding, finding)


@register.simple_tag
def reason_word(reason: str) -> object:
    """Why a passage stays; the code itself, where this version does not know it."""
    return wording.REASONS.get(reason, reason)


@register.simple_tag
def line_kind(kind: str) -> object:
    """What a line of the watch log is."""
    return wording.LINE_KINDS.get(kind, kind)


@register.simple_tag
def verdict_badge(verdict: str) -> SafeString:
    """What can be said of a signature on the paper of a shift."""
    word, meaning = wording.SIGNATURES[verdict]
    return badge(meaning, word)


@register.simple_tag
def release_word(form: str) -> object:
    """How a notice was released."""
    return wording.RELEASES.get(form, form)


@register.simple_tag
def leaf_word(kind: str) -> object:
    """What a machine's entry is."""
    return wording.MACHINE_LEAVES.get(kind, kind)


@register.simple_tag
def account_deed(deed: str) -> str:
    """What was done to an account."""
    return str(wording.ACCOUNT.get(deed, deed))
