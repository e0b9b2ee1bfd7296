"""`mithaq record case`: one incident, or one sealed common text, in one file, to be laid before others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say

if TYPE_CHECKING:
    from mithaq_files.case import Case


def case(
    incident: Annotated[
        str,
        typer.Argument(help="The number of the incident or of a notice of it, or of a sealed common text: 'IQ 12-5'."),
    ],
    out: Annotated[Path, typer.Option(help="A new file, such as case.zip.")],
    disclose: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART",
            help="Parts to disclose beside the facts: a retention class, 'NUMBER:CLASS', or 'all'. May be repeated.",
        ),
    ] = None,
    language: Annotated[str, typer.Option(help="Language of case.pdf: ar, fa, ckb or en; default: the node's.")] = "",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write a case: the paper, the proofs, the sealed instrument and the verifier; either side can do it alone.

    Facts are always in it. Of parts that are not disclosed, the entries hold the commitments. The words of a common
    text that all have sealed are always in it.
    """
    node = options.open_node(data)
    from mithaq_files import case as files
    from mithaq_node import queries

    chosen = options.language(language or node.language)
    with options.working(f"writing {out}"):
        made, paper = _made(_number(incident), tuple(disclose or ()), chosen)
        law = queries.law()
        files.write(out, made, paper, files.standalone(), demo=law.demo, exercise=law.exercise)
    found = {"incident": made.said.incident, "notices": made.said.notices, "out": str(out)}
    say(json, {**found, "proofs": len(made.proofs), "disclosed": made.said.disclosed}, str(out))


def _made(number: str, disclose: tuple[str, ...], language: str) -> "tuple[Case, bytes]":
    """The case of what has this number, and its paper."""
    from mithaq_node.queries import texts
    from mithaq_node.services import casing, clock
    from mithaq_node.web.papers import case, communique

    if texts.is_one(number):
        text = casing.gather_text(number=number, language=language, now=clock.now())
        return text.case, communique.paper(text, language, attach=False)
    incident = casing.gather(number=number, disclose=disclose, language=language, now=clock.now())
    return incident.case, case.paper(incident, language)


def _number(typed: str) -> str:
    """The spoken number with its check digit, as the desk's search box takes it."""
    from mithaq_node import queries
    from mithaq_node.queries import rolls

    return rolls.find(queries.law(), typed)
