"""The program `mithaq`: every command by name, each loaded only when it is called.

Verifying needs neither a node nor Django, so a command's module is imported when its name is typed and not before. What
a command refuses is said once, here: its code and its sentence on stderr, exit status 2.
"""

from importlib import import_module
from typing import Annotated, Any

import typer

from mithaq_cli.refusing import RefusingGroup

COMMANDS = {
    "init": ("mithaq_cli.init:init", "Make one party's node from a sealed instrument."),
    "pair": ("mithaq_cli.pair:pair", "Show this node's card, or take the counterpart's."),
    "officer": ("mithaq_cli.officer:commands", "Officers of this party."),
    "token": ("mithaq_cli.token:commands", "Tokens with which programs read as an officer does."),
    "desks": ("mithaq_cli.desks:commands", "Desks of this party, and which notice comes to which."),
    "keys": ("mithaq_cli.keys:commands", "The key-set of this party's log."),
    "serve": ("mithaq_cli.serve:serve", "Run the node: pages, the counterpart's door, and the loops."),
    "backup": ("mithaq_cli.backup:backup", "Write and check a backup while the node runs."),
    "restore": ("mithaq_cli.backup:restore", "Begin again from a backup."),
    "recover": ("mithaq_cli.recover:recover", "Compare store, fence and the counterparts' copies, and read back."),
    "witness": ("mithaq_cli.witness:commands", "Heads held by observers and neutral witnesses."),
    "courier": ("mithaq_cli.courier:commands", "Exchange by files that people carry."),
    "epoch": ("mithaq_cli.epoch:commands", "Close a log that cannot go on and open the next one."),
    "check": ("mithaq_cli.check:check", "Check the node before it serves."),
    "doctor": ("mithaq_cli.doctor:doctor", "Look whether the node would do its work, and try its alarm."),
    "fsck": ("mithaq_cli.fsck:fsck", "Derive all that the node holds again, and compare."),
    "notice": ("mithaq_cli.notice:commands", "Draft, file, release and read notices."),
    "activities": ("mithaq_cli.activities:commands", "Planned activities of both sides."),
    "flows": ("mithaq_cli.flows:commands", "Forecasts and counts of traffic, as tables."),
    "earlier": ("mithaq_cli.earlier:commands", "Earlier commitments and decisions, as tables."),
    "report": ("mithaq_cli.report:report", "Papers of the committee from the record at a stated cut."),
    "words": ("mithaq_cli.words:commands", "What officers say of the words on the pages."),
    "agree": ("mithaq_cli.agree:agree", "State the digest of the common state now."),
    "erase": ("mithaq_cli.erase:erase", "Erase what is at the end of its term now."),
    "analysis": ("mithaq_cli.analysis:commands", "Which reports may be of one incident, and where reports gather."),
    "instrument": ("mithaq_cli.instrument:commands", "Write, check, seal and compare instruments."),
    "export": ("mithaq_cli.export_map:export", "The layers of the map as GeoJSON, GeoPackage, CSV or XLSX."),
    "record": ("mithaq_cli.export:commands", "Export the record, prove a notice or a fork, make a case, compare."),
    "verify": ("mithaq_cli.verify:verify", "Check an export, a proof, evidence or a case; needs no node."),
    "demo": ("mithaq_cli.demo.main:commands", "Two nodes and a border on this machine."),
}
"""Name to module and attribute, and the line that `mithaq --help` shows without loading anything."""


class LazyGroup(RefusingGroup):
    """A group whose commands are known by name and imported when called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        target, _ = COMMANDS[cmd_name]
        module, _, attribute = target.partition(":")
        found: Any = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            command = typer.main.get_command(found)
        else:
            single = typer.Typer(add_completion=False)
            single.command(cmd_name)(found)
            command = typer.main.get_command(single)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


app = typer.Typer(
    cls=LazyGroup, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("mithaq"))
        raise typer.Exit


@app.callback()
def mithaq(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """What two neighbouring states tell each other under a memorandum, delivered, answered and provable."""
