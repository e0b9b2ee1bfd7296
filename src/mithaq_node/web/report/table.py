"""The table behind the page, `docs/from-the-report.md` and the README: the report's facts and what was made of them.

`report.yaml` beside this module is the only place where it is written. Reading it judges it: every text in four
languages, facts numbered without a gap, a state from the list, a test named where something works.
"""

from functools import cache
from importlib import resources
from typing import Any

import msgspec
import yaml

from mithaq.errors import Fault

STATES = ("works", "partly", "not-yet", "recorded-only")
LANGUAGES = ("ar", "fa", "ckb", "en")

Text = dict[str, str]
"""Language code to text."""


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Source(_Value, frozen=True):
    """Where the facts come from."""

    day: str
    title: Text


class Fact(_Value, frozen=True):
    """One fact: the phrase of the report, what Mithaq makes of it, where to see it, and what proves it."""

    number: int
    phrase: str
    """Quoted from the report, in Arabic; an ellipsis where words are left out."""
    link: str
    """An address under `/<language>/`."""
    state: str
    made: Text
    said_by: Text = {}
    """By office; only for statements that are recorded and nothing more."""
    test: str = ""
    """The test that proves it, as pytest names it; empty when there is nothing to prove yet."""

    @property
    def test_name(self) -> str:
        """The test as a sentence: its own name, without file and parameters."""
        return self.test.rpartition("::")[2].partition("[")[0]

    @property
    def path(self) -> str:
        """The link without its place on the page."""
        return self.link.partition("#")[0]

    @property
    def place(self) -> str:
        """The place on the page that the link points at; empty for the page itself."""
        return self.link.partition("#")[2]


class Table(_Value, frozen=True):
    """The whole table."""

    source: Source
    facts: list[Fact]


@cache
def read() -> Table:
    """The table of this distribution; one that breaks its own rules is a fault of the program."""
    text = resources.files("mithaq_node.web.report").joinpath("report.yaml").read_text("utf-8")
    return judged(yaml.safe_load(text))


def judged(value: Any) -> Table:
    """The table in `value`, typed and judged."""
    try:
        table = msgspec.convert(value, Table)
    except msgspec.ValidationError as error:
        raise Fault("a table of facts", str(error), "mend report.yaml") from error
    numbers = [fact.number for fact in table.facts]
    if numbers != list(range(1, len(numbers) + 1)):
        raise Fault("facts numbered from 1 without a gap", str(numbers), "mend report.yaml")
    for fact in table.facts:
        if wrong := _wrong(fact):
            raise Fault(f"fact {fact.number} as its state asks", wrong, "mend report.yaml")
    return table


def _wrong(fact: Fact) -> str:
    """What a fact lacks, or an empty string."""
    if fact.state not in STATES:
        return f"state {fact.state}"
    for text in (fact.made, *([fact.said_by] if fact.state == "recorded-only" else [])):
        if set(text) != set(LANGUAGES) or not all(text.values()):
            return f"texts in {sorted(text)}"
    if fact.said_by and fact.state != "recorded-only":
        return "a speaker of something that is more than recorded"
    if fact.state == "works" and not fact.test:
        return "works without a test"
    return ""
