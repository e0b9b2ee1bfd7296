"""`mithaq analysis`: matching and warning for researchers and desks; needs no node, but the extra `analysis`."""

import typer

from mithaq.errors import Refusal

try:
    from mithaq_cli.knox import knox
    from mithaq_cli.match import match
    from mithaq_cli.scan import scan
    from mithaq_cli.simulate import simulate
except ModuleNotFoundError as error:
    if error.name != "numpy":
        raise
    raise Refusal("match.not-installed") from error

commands = typer.Typer(
    help="Which reports may be of one incident, and where reports gather; needs no node.", no_args_is_help=True
)
commands.command("match")(match)
commands.command("simulate")(simulate)
commands.command("scan")(scan)
commands.command("knox")(knox)
