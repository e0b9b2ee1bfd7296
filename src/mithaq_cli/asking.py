"""Questions at a terminal: one after another, with what is taken by Enter, a way back, and the reason of a refusal.

Whatever is asked is asked in the reader's language, out of `questions.yaml`. Nothing is done here: the answers are
given back when the last one stands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from getpass import getpass
from importlib import resources
from typing import Any

import typer
import yaml

from mithaq.errors import Refusal
from mithaq_files.refusals import sentence

BACK = "<"
NONE = "-"
YES, NO = ("yes", "y"), ("no", "n")

Answers = dict[str, Any]


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """What is asked: name to language to text."""
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        resources.files("mithaq_cli").joinpath("questions.yaml").read_text("utf-8")
    )
    return found


def text(name: str, language: str, **data: object) -> str:
    """One text in a language, its slots filled."""
    return texts()[name][language].format_map(data)


class Unacceptable(Exception):
    """An answer that cannot be taken, for a reason that is no refusal of the program's: `name` and data of a text."""

    def __init__(self, name: str, **data: object) -> None:
        super().__init__(name)
        self.name, self.data = name, data


@dataclass(frozen=True)
class Question:
    """One thing to be asked; `name` names its text and its answer."""

    name: str
    read: Callable[[str, Answers], Any]
    """What an answer means, given the earlier ones; refuses, or raises `Unacceptable`."""
    offered: Callable[[Answers], str] = lambda _answers: ""
    """What Enter takes; nothing where it is empty."""
    choices: Callable[[Answers], Sequence[str]] = lambda _answers: ()
    shown: Callable[[Any], str] = str
    """The answer in the summary."""
    asked: Callable[[Answers], bool] = lambda _answers: True
    """Whether it is asked at all, given the earlier answers."""
    secret: bool = False
    screened: Callable[[str], str] = lambda answer: answer
    """An answer as it may stand on the screen, where parts of it are secret."""


def dialogue(questions: Sequence[Question], answers: Answers) -> Answers:
    """Ask everything, show it, and ask whether it shall be so; refuses (`node.not-made`) when the reader stops.

    `answers` holds the language before the first question, and whatever was given already: that is offered.
    """
    try:
        _say(text("begin", _language(answers)))
        _ask_from(questions, 0, answers)
        while (changed := _confirm(questions, answers)) is not None:
            _ask_from(questions, changed, answers, only=True)
            _ask_missing(questions, answers)
    except (KeyboardInterrupt, EOFError) as error:
        _say("")
        raise Refusal("node.not-made") from error
    return answers


def _ask_from(questions: Sequence[Question], at: int, answers: Answers, *, only: bool = False) -> None:
    """Ask from a place on; back from the first question asks that again."""
    asked: list[int] = []
    while at < len(questions):
        if not questions[at].asked(answers):
            answers.pop(questions[at].name, None)
            at += 1
            continue
        if _ask(questions[at], at, len(questions), answers):
            asked.append(at)
            at += 1
            if only:
                return
        else:
            at = asked.pop() if asked else at


def _ask_missing(questions: Sequence[Question], answers: Answers) -> None:
    """Ask what a changed answer calls for, and take again what depended on it."""
    for at, question in enumerate(questions):
        if not question.asked(answers):
            answers.pop(question.name, None)
        elif question.name not in answers or not _still_stands(question, answers):
            answers.pop(question.name, None)
            _ask_from(questions, at, answers, only=True)


def _still_stands(question: Question, answers: Answers) -> bool:
    if question.secret:
        return True
    try:
        question.read(question.shown(answers[question.name]), answers)
    except (Refusal, Unacceptable):
        return False
    return True


def _ask(question: Question, at: int, of: int, answers: Answers) -> bool:
    """Ask until an answer can be taken; False when the reader goes back."""
    language = _language(answers)
    choices = ", ".join(question.choices(answers))
    offered = _offered(question, answers)
    _say(f"\n{at + 1}/{of}  {text(question.name, language, choices=choices)}")
    while True:
        heard = _hear(f"[{question.screened(offered)}] > " if offered else "> ", secret=question.secret)
        answer = heard if question.secret else heard.strip() or offered
        if answer == BACK:
            return False
        try:
            answers[question.name] = question.read(answer, answers)
        except Refusal as refusal:
            _say(sentence(refusal, language))
        except Unacceptable as wrong:
            _say(text(wrong.name, language, **wrong.data))
        else:
            return True


def _offered(question: Question, answers: Answers) -> str:
    if question.secret:
        return ""
    if question.name in answers:
        return question.shown(answers[question.name])
    return question.offered(answers)


def _confirm(questions: Sequence[Question], answers: Answers) -> int | None:
    """The place of the question to be asked again; None when all shall be so."""
    language = _language(answers)
    _say(f"\n{text('summary', language)}")
    lines = [each for each in questions if each.name in answers]
    for number, each in enumerate(lines, 1):
        _say(f"{number:>3}  {text(each.name, language, choices='').strip().rstrip(':')}: {_told(each, answers)}")
    while True:
        answer = _hear(f"\n{text('confirm', language)}\n> ").strip().lower()
        if answer in YES:
            return None
        if answer in NO:
            raise EOFError
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(lines):
            return questions.index(lines[int(answer) - 1])


def _told(question: Question, answers: Answers) -> str:
    return "********" if question.secret else question.screened(question.shown(answers[question.name]))


def _hear(prompt: str, *, secret: bool = False) -> str:
    return getpass(prompt) if secret else input(prompt)


def _say(line: str) -> None:
    typer.echo(line)


def _language(answers: Answers) -> str:
    return str(answers["language"])


def among(answer: str, choices: Sequence[str]) -> str:
    """`answer`, if it is one of `choices`, whatever its case; raises `Unacceptable`."""
    for each in choices:
        if each.casefold() == answer.casefold():
            return each
    raise Unacceptable("not_among", choices=", ".join(choices))
