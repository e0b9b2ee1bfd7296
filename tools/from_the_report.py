"""Writes the table of the report's facts into the documents that show it.

python tools/from_the_report.py write    write docs/from-the-report.md and the table of README.md
python tools/from_the_report.py check    exit 1 if one of them says something else than the table
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from mithaq_node.web.report import table

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "<!-- from the report: written by tools/from_the_report.py -->"
END = "<!-- end of the table -->"
WORDS = {"works": "works", "partly": "partly", "not-yet": "not yet", "recorded-only": "recorded only"}

PAGE_HEAD = """\
# From the report

A press report of {day} says that Iran and Iraq signed a joint security memorandum of understanding on coordinating
the security of their shared border. This page takes its eighteen facts one by one: the phrase as the report prints it,
what Mithaq makes of it, where to see it in a running node, and the test that proves it. Its state is one of *works*,
*partly*, *not yet* and *recorded only*.

What the report does not give (articles, sectors, deadlines, kinds of notices, bodies, duration, forms) is an example in
the demonstration's instrument and says so there, line by line. Political positions and courtesies are *recorded only*:
who said it by office, where it was printed and when. The product takes no position on them and builds nothing on them.

This page is written by `python tools/from_the_report.py write` from `src/mithaq_node/web/report/report.yaml`.

"""


def short_table() -> str:
    """The table of the README: fact, phrase, what is made of it, state."""
    lines = ["| | the report says | what Mithaq makes of it | |", "| --- | --- | --- | --- |"]
    for fact in table.read().facts:
        lines.append(f"| {fact.number} | {_quoted(fact)} | {_made(fact)} | {WORDS[fact.state]} |")
    return "\n".join(lines)


def page() -> str:
    """The whole of docs/from-the-report.md."""
    parts = [PAGE_HEAD.format(day=table.read().source.day)]
    for fact in table.read().facts:
        lines = [f"## {fact.number}. {WORDS[fact.state]}", "", f"> {_quoted(fact)}", "", _made(fact), ""]
        lines.append(f"See: `/<language>/{fact.link}`")
        if fact.test:
            lines[-1] += f" · Test: `{fact.test}`"
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts).replace("\n\n\n", "\n\n")


def readme(text: str) -> str:
    """The README with the table between its two marks."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"README.md: no place for the table ({BEGIN})")
    return f"{head}{BEGIN}\n\n{short_table()}\n\n{END}{tail}"


def written() -> dict[Path, str]:
    """Each document with what it must say."""
    readme_path = ROOT / "README.md"
    return {ROOT / "docs" / "from-the-report.md": page(), readme_path: readme(readme_path.read_text("utf-8"))}


def _quoted(fact: table.Fact) -> str:
    return f"«{fact.phrase}»"


def _made(fact: table.Fact) -> str:
    said = f" Said by {fact.said_by['en']}, {table.read().source.day}." if fact.said_by else ""
    return fact.made["en"] + said


def main(arguments: Sequence[str]) -> int:
    match list(arguments):
        case ["write"]:
            for path, text in written().items():
                path.write_text(text, "utf-8")
        case ["check"]:
            stale = [path for path, text in written().items() if not path.exists() or path.read_text("utf-8") != text]
            sys.stdout.writelines(f"{path.relative_to(ROOT)}: not as the table says\n" for path in stale)
            return 1 if stale else 0
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
