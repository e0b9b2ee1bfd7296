"""The glossary: which of its words were found in a source, and which are ours.

python tools/glossary.py proposed [LANGUAGE]    the terms of a language that are proposed and unreviewed, one a line
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

GLOSSARY = Path(__file__).resolve().parent.parent / "docs" / "glossary.yaml"
LANGUAGES = ("ar", "fa", "ckb")
PROPOSED = "proposed"


def read() -> Mapping[str, Any]:
    """The glossary: its sources, its terms, and the words that stand nowhere."""
    known: Mapping[str, Any] = yaml.safe_load(GLOSSARY.read_text("utf-8"))
    return known


def is_proposed(term: Mapping[str, Any], language: str, sources: Mapping[str, Any]) -> bool:
    """Whether no source of a term can be asked in a language, or the term says itself that its word is ours."""
    asked = [name for name in term["source"] if name != PROPOSED and language in sources[name]["languages"]]
    return PROPOSED in term["source"] or not asked


def proposed(language: str) -> Iterator[str]:
    """A line for each term of a language that a native reader should look at first: the English, and our word."""
    known = read()
    for term in known["terms"]:
        if is_proposed(term, language, known["sources"]):
            yield f"{language}\t{term['en']}\t{term[language][0]}"


def main(arguments: Sequence[str]) -> int:
    match list(arguments):
        case ["proposed", *chosen] if set(chosen) <= set(LANGUAGES):
            for language in chosen or LANGUAGES:
                sys.stdout.writelines(f"{line}\n" for line in proposed(language))
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
