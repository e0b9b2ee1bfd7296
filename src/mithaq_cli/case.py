"""`mithaq record case`: one incident in one file, to be laid before others."""

from pathlib import Path
from typing import Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say


def case(
    incident: Annotated[str, typer.Argument(help="The number of the incident, or of a notice of it: 'IQ 12-5'.")],
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

    Facts are always in it. Of parts that are not disclosed, the entries hold the commitments.
    """
    node = options.open_node(data)
    from mithaq_files import case as files
    from mithaq_node import queries
    from mithaq_node.services import casing, clock
    from mithaq_node.web.papers import case as papers

    chosen = options.language(language or node.language)
    number = _number(incident)
    with options.working(f"writing {out}"):
        gathered = casing.gather(number=number, disclose=tuple(disclose or ()), language=chosen, now=clock.now())
        paper = papers.paper(gathered, chosen)
        law = queries.law()
        files.write(out, gathered.case, paper, standalone().read_bytes(), demo=law.demo, exercise=law.exercise)
    found = {"incident": gathered.case.said.incident, "notices": gathered.case.said.notices, "out": str(out)}
    say(json, {**found, "proofs": len(gathered.case.proofs), "disclosed": gathered.case.said.disclosed}, str(out))


def standalone() -> Path:
    """The standalone verifier that came with the distribution, or the one beside the sources."""
    installed = Path(__file__).parent / "standalone" / "verify.py"
    return installed if installed.is_file() else Path(__file__).parents[2] / "tools" / "verify.py"


def _number(typed: str) -> str:
    """The spoken number with its check digit, as the desk's search box takes it."""
    from mithaq_node import queries
    from mithaq_node.queries import rolls

    return rolls.find(queries.law(), typed)
