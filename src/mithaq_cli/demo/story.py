"""The story as it is written in `story.yaml`, and how far it has come in a folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import yaml

LANGUAGES = ("fa", "ar", "ckb", "en")
"""Persian first; the order of the console's menu."""

Text = dict[str, str]
"""Language code to text."""


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Link(_Value, frozen=True):
    """A page of a desk, opened signed in. `{name}` in `page` stands for the spoken number of a notice of the story."""

    party: str
    role: str
    language: str
    page: str


class Step(_Value, frozen=True):
    """One step: what it is called, what to look at, which fact of the report it comes from, and what is played."""

    id: str
    title: Text
    look: Text
    fact: int
    links: list[Link]
    acts: list[dict[str, dict[str, Any]]] = []
    """Each act is its name and what it takes (`acts.ACTS`)."""


class _Story(_Value, frozen=True):
    steps: list[Step]


@cache
def steps() -> tuple[Step, ...]:
    """The steps, in order."""
    return tuple(msgspec.convert(_read("story.yaml"), _Story).steps)


@cache
def words() -> Mapping[str, Text]:
    """What the console says besides the story."""
    return msgspec.convert(_read("words.yaml"), dict[str, Text])


def _read(name: str) -> Any:
    return yaml.safe_load(resources.files("mithaq_cli.demo").joinpath(name).read_text("utf-8"))


@dataclass
class Made:
    """A notice that the story has made: where it stands, and by which number it is called once it is released."""

    party: str
    log: str
    id: str
    number: str = ""


@dataclass
class Progress:
    """How far the story has come; kept in a file, so that it goes on after a stop."""

    played: int = 0
    acts: int = 0
    """Acts of the step under way that have been played."""
    notices: dict[str, Made] = field(default_factory=dict)
    results: dict[str, list[str]] = field(default_factory=dict)
    """For each step, what it made: numbers and verdicts."""
    failure: str = ""
    ready: bool = False
    """Whether both nodes have been made."""

    @classmethod
    def begun(cls) -> "Progress":
        """Both nodes stand where the story begins. Nothing is played for its first step, which is that."""
        return cls(ready=True, played=1)

    @classmethod
    def load(cls, path: Path) -> "Progress":
        return msgspec.json.decode(path.read_bytes(), type=cls) if path.exists() else cls()

    def save(self, path: Path) -> None:
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(msgspec.to_builtins(self), ensure_ascii=False, indent=1), encoding="utf-8")
        fresh.replace(path)
