"""The story is whole before it is played: twelve steps, four languages, acts that exist, facts that the report has."""

import inspect
from typing import Any

import pytest
import yaml

from mithaq_cli.demo import damage
from mithaq_cli.demo.acts import ACTS
from mithaq_cli.demo.damage import DAMAGES
from mithaq_cli.demo.folder import PARTIES
from mithaq_cli.demo.stage import ROLES, instruments
from mithaq_cli.demo.story import LANGUAGES, Progress, Step, steps, words
from mithaq_node.web.report import table

KINDS = {
    each["name"]
    for each in yaml.safe_load((instruments() / "iraq-iran-2025/instrument.yaml").read_text("utf-8"))["kinds"]
}


def _takes():
    return [takes for step in steps() for act in step.acts for takes in act.values()]


def _told() -> list[dict[str, Any]]:
    """What is told of the border; what only takes up, closes, seals or counts something says nothing new of it."""
    spare = {"acknowledgement", "incident.close", "joint.seal", "flow.count", "text.acceptance"}
    return [takes["content"] for takes in _takes() if "content" in takes and takes["kind"] not in spare]


def test_the_story_has_twelve_steps():
    assert len(steps()) == 12
    assert len({step.id for step in steps()}) == 12


def test_it_is_told_in_four_languages():
    for text in (*words().values(), *(text for step in steps() for text in (step.title, step.look))):
        assert set(text) == set(LANGUAGES)
        assert all(text.values())


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.id)
def test_every_step_stands_on_the_report_and_opens_both_desks(step: Step):
    assert 1 <= step.fact <= len(table.read().facts)
    assert {link.party for link in step.links} == set(PARTIES)
    assert all(link.role in ROLES and link.language in LANGUAGES for link in step.links)


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.id)
def test_every_act_exists_and_takes_what_the_story_gives(step: Step):
    for act in step.acts:
        for name, takes in act.items():
            inspect.signature(ACTS[name]).bind(None, **takes)
            assert takes.get("kind", "incident.initial") in KINDS


@pytest.mark.parametrize("content", [*_told(), damage.STATUS])
def test_whatever_opens_or_states_something_says_that_it_is_an_example_or_names_its_source(content: dict[str, Any]):
    text = " ".join(each["text"] for each in content.values() if isinstance(each, dict) and "text" in each)
    text += " ".join(paragraph for each in content.get("words", {}).values() for paragraph in each)
    phrase = content.get("remark", {}).get("phrase", "")
    assert phrase.startswith("example") or any(
        word in text for word in ("مثال", "نمونه", "كما نشرته", "چنان‌که مطبوعات", "از فهرست عمومی")
    )


def test_what_is_counted_as_evidence_are_notices_of_the_story_and_no_real_work():
    counted = [each for each in _told() if "count" in each.get("evidence", [])]
    assert counted
    assert all(each["counted"] == "notices-sent" and each["commitment"] == "activities-told" for each in counted)


def test_the_meeting_of_the_two_security_offices_is_entered_without_what_the_report_page_only_records():
    (met,) = [takes["content"] for takes in _takes() if takes.get("name") == "met-security"]
    assert "region" not in met["items"]


def test_a_watch_is_taken_over_with_a_line_and_a_hand_over_on_both_sides_and_every_word_of_it_is_an_example():
    def said(name: str) -> list[dict[str, Any]]:
        return [act[name] for step in steps() for act in step.acts if name in act]

    for name in ("take_over", "note", "hand_over"):
        assert {takes["party"] for takes in said(name)} == set(PARTIES)
        for takes in said(name):
            for text in (takes.get("remark"), takes.get("text"), takes.get("subject")):
                assert not text or text.startswith(("مثال", "نمونه"))


def test_each_side_is_asked_and_late_once():
    asked = [takes["party"] for takes in _takes() if takes.get("kind") == "clarification.request"]
    assert sorted(asked) == sorted(PARTIES)


def test_the_six_crossings_add_up_to_the_published_total():
    told = [takes for takes in _takes() if takes.get("kind") == "flow.count" and takes["party"] == "IR"]
    counts = [takes for takes in told if takes["content"]["day"] == "2025-08-08"]
    assert len(counts) == 6
    assert sum(takes["content"]["counts"]["pilgrims"] for takes in counts) == 2_643_343


def test_it_stands_at_its_first_step_when_it_begins_so_that_next_always_plays_something():
    assert Progress.begun().played == 1
    assert steps()[0].acts == []
    assert all(step.acts for step in steps()[1:])


def test_every_damage_is_named_on_the_console():
    assert {f"break-{name}" for name in DAMAGES} <= set(words())
