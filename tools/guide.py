"""Writes the officer's guide as papers of their own, `docs/for-officers/<language>.md`, from the text of the page.

python -m tools.guide write    write the papers
python -m tools.guide check    exit 1 if one of them says something else than the page
"""

import sys
from collections.abc import Sequence

from mithaq_node.web.help.guide import LANGUAGES, Guide, Say, guide
from tools import catalogues

FOLDER = catalogues.ROOT / "docs" / "for-officers"
HEAD = "<!-- Written by tools/guide.py from src/mithaq_node/web/help/guide; a node shows it with pictures. -->"


def said_in(language: str) -> Say:
    """What the pages say in a language for an English string; an unknown one is an error."""
    if language == "en":
        known = {str(message.id): str(message.id) for message in catalogues.read("fa") if isinstance(message.id, str)}
    else:
        known = {str(each.id): str(each.string) for each in catalogues.read(language) if isinstance(each.id, str)}
    return known.__getitem__


def paper(found: Guide) -> str:
    """A guide as one Markdown document, without pictures: they are made, not kept."""
    chapters = (f"## {each.title}\n\n{each.text}\n" for each in found.chapters)
    return "\n".join([f"{HEAD}\n\n# {found.title}\n\n{found.lead}\n", *chapters])


def papers() -> dict[str, str]:
    """The papers by the names of their files."""
    return {f"{language}.md": paper(guide(language, said_in(language))) for language in LANGUAGES}


def main(arguments: Sequence[str]) -> int:
    match list(arguments):
        case ["write"]:
            FOLDER.mkdir(exist_ok=True)
            for name, text in papers().items():
                (FOLDER / name).write_text(text, encoding="utf-8")
        case ["check"]:
            return int(any((FOLDER / name).read_text("utf-8") != text for name, text in papers().items()))
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
