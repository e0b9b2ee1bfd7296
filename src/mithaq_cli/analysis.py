"""`mithaq analysis`: matching and warning for researchers and desks; needs no node."""

import typer

from mithaq_cli.knox import knox
from mithaq_cli.scan import scan

commands = typer.Typer(help="Where and when reports gather; needs no node.", no_args_is_help=True)
commands.command("scan")(scan)
commands.command("knox")(knox)
