"""Writes the reference of an operator into docs/reference, from the program itself.

python -m tools.reference write    write settings.md, commands.md, refusals.md and findings.md
python -m tools.reference check    exit 1 if one of them says something else than the program

A setting's name, type and meaning come from the typed settings (`mithaq_node.settings.node`), its default from what is
read out of a `node.toml` that leaves it out; a command's options from the program's own definitions; a refusal's
sentence from `mithaq/refusals`.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from itertools import groupby
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args, get_origin, get_type_hints

import typer

from mithaq_cli.main import COMMANDS, app
from mithaq_files.refusals import sentences
from mithaq_node.settings import node as settings
from mithaq_node.wiring.findings import FINDINGS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"

TABLES = {"peers": settings.Peer, "witnesses": settings.WitnessAt, "directory": settings.Directory}
"""Lines of `node.toml` that are tables of their own."""
ALLOWED = {"folder"}
"""Fields of the settings that are no line: where the file lies."""

ENVIRONMENT = {
    "MITHAQ_DATA": "The data folder, where a command is given no `--data`.",
    "MITHAQ_SECRET": "The secret that opens the node's keys; before the two below.",
    "MITHAQ_SECRET_FILE": "A file with that secret.",
    "CREDENTIALS_DIRECTORY": "Set by systemd: where the credential `mithaq-secret` lies.",
    "LC_ALL`, `LC_MESSAGES`, `LANG": "The language in which a command speaks: `ar`, `fa`, `ckb`; else English.",
}
"""What is read from the environment beside the lines that it overrides."""
FOR_THE_ALARM = {
    "MITHAQ_ALARM": "`ringing`; `exercise` where what rings is none of the real thing; `trial` from `mithaq doctor`.",
    "MITHAQ_NUMBERS": "The spoken numbers of what rings, with commas between.",
    "MITHAQ_STEPS": "In the same order, how far each has escalated.",
    "MITHAQ_AUTHORITIES": "In the same order, which authority of the instrument is called at that step.",
}
"""What the command `alarm` finds in its environment."""
ITS_OWN = {"MITHAQ_WITNESS"}
"""What the program sets for its own processes, and nobody else."""

_TYPES = {
    str: "text",
    int: "whole number",
    bool: "`true` or `false`",
    Path: "folder or file",
    float: "number",
    IPv4Network: "addresses",
    IPv6Network: "networks",
    settings.Peer: "table",
    settings.WitnessAt: "table",
    settings.Directory: "table",
}
_FINDINGS = """\
<!-- Written by tools/reference.py from the program. -->

# Findings

What `mithaq doctor` finds, and `mithaq check` and the start of `mithaq serve` as far as a node must not serve with it.
`E` must be mended before the node does its work; `W` should be. An id means the same for good."""
_OF_TYPER = {"help", "install_completion", "show_completion"}
"""Options that no command of ours defines."""

_SETTINGS = """\
<!-- Written by tools/reference.py from the program. -->

# Settings

A node reads `node.toml` in its data folder, at its start. A line that is not here, or a value that is odd, stops it
(`settings.unknown`, `settings.bad-value`). Relative paths begin at the data folder. `mithaq init` writes the file; how
each thing is used stands in [run a node](../how-to/run-a-node.md)."""
_COMMANDS = """\
<!-- Written by tools/reference.py from the program. -->

# Commands

Every command says what it refuses on stderr as `code: sentence`, in the language of the shell, and ends with 2; the
codes are [here](refusals.md). 0 is done, 1 is an answer that is no (`fsck`, `verify`, `record compare`), 70 is a fault
of the program. With `--json` the answer is one JSON object on stdout."""
_REFUSALS = """\
<!-- Written by tools/reference.py from the program. -->

# Refusals

What a node refuses, over the line, on its pages and by its commands, has a stable code and named data. The sentence
stands in `src/mithaq/refusals` in Arabic, Persian, Sorani Kurdish and English; here in English, with the data in
braces."""


def settings_page() -> str:
    """The whole of settings.md."""
    least = settings.parse(Path(_PLACE), {"party": "ML", "fence": "fence"})
    demanded = {"party", "fence"}
    lines = [
        _SETTINGS,
        "",
        "## Lines of `node.toml`",
        "",
        *_head("line", "type", "when it is left out", "what for"),
    ]
    for name, kind, meaning in _described(settings.Node):
        if name in ALLOWED | TABLES.keys():
            continue
        default = "must be there" if name in demanded else _default(getattr(least, name))
        lines.append(f"| `{name}` | {kind} | {default} | {meaning} |")
    for name, table in TABLES.items():
        form = f"[{name}]" if name == "directory" else f"[[{name}]]"
        (meaning,) = (said for each, _, said in _described(settings.Node) if each == name)
        lines += ["", f"## `{form}`", "", meaning, "", *_head("line", "type", "what for")]
        lines += [f"| `{each}` | {kind} | {said} |" for each, kind, said in _described(table)]
    lines += ["", "## The environment", "", "These stand above the file:", "", *_head("variable", "line")]
    lines += [f"| `{variable}` | `{name}` |" for variable, name in settings.ENVIRONMENT.items()]
    lines += ["", "These are read besides:", "", *_head("variable", "what for")]
    lines += [f"| `{variable}` | {meaning} |" for variable, meaning in ENVIRONMENT.items()]
    lines += ["", "The command that `alarm` names finds:", "", *_head("variable", "what it says")]
    lines += [f"| `{variable}` | {meaning} |" for variable, meaning in FOR_THE_ALARM.items()]
    return "\n".join(lines) + "\n"


_PLACE = "/srv/mithaq"


def _default(value: Any) -> str:
    if value in ((), None, ""):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in value)
    return f"`{str(value).removeprefix(f'{_PLACE}/')}`"


def _described(table: type) -> Iterator[tuple[str, str, str]]:
    """Name, type in words and meaning of every field of a dataclass, in their order; a field without one is a fault."""
    (body,) = ast.parse(dedent(inspect.getsource(table))).body
    assert isinstance(body, ast.ClassDef)
    said = {
        line.target.id: inspect.cleandoc(str(after.value.value))
        for line, after in zip(body.body, body.body[1:], strict=False)
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
    }
    types = get_type_hints(table)
    for each in fields(table):
        if each.name not in ALLOWED:
            yield each.name, _in_words(types[each.name]), " ".join(said[each.name].split())


def _in_words(kind: Any) -> str:
    among = [each for each in get_args(kind) if each not in (type(None), Ellipsis)]
    if get_origin(kind) is tuple:
        return f"list of {_in_words(among[0])}"
    if among:
        return " or ".join(dict.fromkeys(_in_words(each) for each in among))
    return _TYPES[kind]


def commands_page() -> str:
    """The whole of commands.md."""
    lines = [
        _COMMANDS,
    ]
    program: Any = typer.main.get_command(app)
    for name in COMMANDS:
        command = program.get_command(None, name)
        lines += ["", f"## {name}", "", COMMANDS[name][1]]
        lines += [line for path, each in _leaves(f"mithaq {name}", command) for line in _command(path, each)]
    return "\n".join(lines) + "\n"


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command below `command` that does something, by the words that call it."""
    below = getattr(command, "commands", {})
    if not below or command.invoke_without_command:
        yield path, command
    for name, each in below.items():
        if not each.hidden:
            yield from _leaves(f"{path} {name}", each)


def _command(path: str, command: Any) -> list[str]:
    taken = [each for each in command.params if each.name not in _OF_TYPER and not getattr(each, "hidden", False)]
    arguments = " ".join(_argument(each) for each in taken if each.param_type_name == "argument")
    lines = ["", f"### `{f'{path} {arguments}'.strip()}`", "", *_paragraphs(command.help or "")]
    options = [each for each in taken if each.param_type_name == "option"]
    if taken:
        lines += ["", *_head("given", "type", "when it is left out", "what for")]
    for each in taken:
        given = ", ".join(f"`{word}`" for word in (*each.opts, *each.secondary_opts)) if each in options else ""
        given = given or f"`{_argument(each)}`"
        lines.append(
            f"| {given} | {_kind(each)} | {_left_out(each)} | {(each.help or '').replace('|', chr(92) + '|')} |"
        )
    return lines


def _paragraphs(text: str) -> list[str]:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")).splitlines()


def _argument(parameter: Any) -> str:
    name = parameter.name.upper()
    many = f"{name}…" if parameter.nargs == -1 else name
    return many if parameter.required else f"[{many}]"


def _kind(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    inner = [each for each in get_args(annotation) if each is not type(None)]
    bare = inner[0] if inner else annotation
    kind = " or ".join(f"`{each.value}`" for each in bare) if issubclass(bare, Enum) else _TYPES[bare]
    return f"{kind}, repeatable" if getattr(parameter, "multiple", False) else kind


def _left_out(parameter: Any) -> str:
    if parameter.required:
        return "must be given"
    if parameter.envvar:
        return f"`{parameter.envvar}`"
    value = parameter.default
    if value in (None, "", (), []) or callable(value):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else getattr(value, 'value', value)}`"


def refusals_page() -> str:
    """The whole of refusals.md."""
    lines = [
        _REFUSALS,
    ]
    codes = sentences()
    for area, found in groupby(sorted(codes), lambda code: code.partition(".")[0]):
        lines += ["", f"## {area}", "", *_head("code", "sentence")]
        lines += [f"| `{code}` | {codes[code]['en'].replace('|', chr(92) + '|')} |" for code in found]
    return "\n".join(lines) + "\n"


def findings_page() -> str:
    """The whole of findings.md."""
    lines = [_FINDINGS, "", *_head("id", "it means", "what to do")]
    lines += [f"| `{id}` | {known.means} | {known.remedy} |" for id, known in FINDINGS.items()]
    return "\n".join(lines) + "\n"


def _head(*names: str) -> list[str]:
    return [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]


def written() -> dict[Path, str]:
    """Each page with what it must say."""
    pages = {
        "settings.md": settings_page,
        "commands.md": commands_page,
        "refusals.md": refusals_page,
        "findings.md": findings_page,
    }
    return {FOLDER / name: page() for name, page in pages.items()}


def main(arguments: Sequence[str]) -> int:
    match list(arguments):
        case ["write"]:
            FOLDER.mkdir(exist_ok=True)
            for path, text in written().items():
                path.write_text(text, "utf-8")
        case ["check"]:
            stale = [path for path, text in written().items() if not path.exists() or path.read_text("utf-8") != text]
            sys.stdout.writelines(f"{path.name}: not as the program says\n" for path in stale)
            return 1 if stale else 0
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
