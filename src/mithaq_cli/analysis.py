"""`mithaq analysis`: matching and warning for researchers and desks; needs no node."""

import typer

from mithaq_cli.match import match

commands = typer.Typer(help="Which reports may be of one incident; needs no node.", no_args_is_help=True)
commands.callback()(lambda: None)
commands.command("match")(match)
