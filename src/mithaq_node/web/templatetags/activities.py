"""How planned activities and what they meet stand on a page."""

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from mithaq.activities.conflicts import Conflict
from mithaq.activities.drawing import square_kilometres
from mithaq.places import Answer
from mithaq_node.queries.activities import Activity
from mithaq_node.web import values, wording
from mithaq_node.web.templatetags.badges import badge
from mithaq_node.web.templatetags.desk import reader_in

register = template.Library()


@register.simple_tag(takes_context=True)
def activity_word(context: Context, activity: Activity) -> SafeString:
    """What a planned activity is, in a word or two of its kind."""
    reader = reader_in(context)
    kind = reader.law.kind(activity.kind)
    field = next((each for each in kind.fields if each.name == "activity"), None) if kind else None
    said = values.say(reader, activity.kind, field, activity.facts["activity"]) if field else activity.kind
    return format_html("<bdi>{}</bdi>", said)


@register.simple_tag
def activity_badge(state: str) -> SafeString:
    """How far a planned activity has come."""
    word, meaning = wording.ACTIVITY_STATES[state]
    return badge(meaning, word)


@register.simple_tag
def activity_step(facet: str) -> object:
    """What its party said of an activity."""
    return wording.ACTIVITY_STEPS[facet]


@register.simple_tag
def told_badge(told: str) -> SafeString:
    """Whether an activity was told of in time."""
    word, meaning = wording.TOLD[told]
    return badge(meaning, word)


@register.simple_tag
def answer_badge(answer: str) -> SafeString:
    """Whether two activities share ground: yes, no, or too close to say."""
    word, meaning = wording.ANSWERS[answer]
    return badge(meaning, word)


@register.simple_tag(takes_context=True)
def kilometres(context: Context, metres: int) -> SafeString:
    """A distance in whole kilometres, at least one."""
    count = max(1, (metres + 500) // 1_000)
    return format_html("<bdi>{} {}</bdi>", reader_in(context).count(count), values.unit_name("km"))


@register.simple_tag(takes_context=True)
def meeting_said(context: Context, conflict: Conflict) -> SafeString:
    """An overlap in words: the time that both state, where the other one is, and what is known of the ground."""
    reader = reader_in(context)
    told = {
        "place": values.place(reader, conflict.plan.facts["place"]),
        "from": reader.moment(str(conflict.shared.start)),
        "until": reader.moment(str(conflict.shared.end)),
    }
    said = [gettext("Both last from %(from)s until %(until)s; the other one is at: %(place)s.") % told]
    if conflict.answer is Answer.TOO_CLOSE:
        said.append(gettext("Whether they share ground is too close to say: the places are known only so well."))
    elif conflict.rings:
        area = reader.count(square_kilometres(conflict.rings))
        said.append(gettext("They share ground, about %(area)s km².") % {"area": area})
    else:
        said.append(gettext("They share ground."))
    return format_html("{}", " ".join(said))
