"""The passages of a text that the releasing officer must answer for, as questions of a form, and the answers typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mithaq.notices.kept import Question

SEND_BACK = "back"
"""Chosen instead of a reason: the passage goes back to the officer who filed it. No reason is called so."""
_PREFIX = "passage."


@dataclass(frozen=True)
class Asked:
    """A question on the page, and the answer that stands there already."""

    question: Question
    chosen: str

    @property
    def name(self) -> str:
        """The name of its inputs."""
        return _PREFIX + self.question.id


def asked(questions: Iterable[Question], given: Mapping[str, str]) -> tuple[Asked, ...]:
    """The questions, each with the answer that was given before, if any."""
    return tuple(Asked(each, given.get(_PREFIX + each.id, "")) for each in questions)


def answers_in(given: Mapping[str, str]) -> dict[str, str]:
    """Question to reason, as a form gave them; what was left open is left out."""
    return {name.removeprefix(_PREFIX): said for name, said in given.items() if name.startswith(_PREFIX) and said}
