"""`mithaq activities`: planned activities of both sides, as the record says them."""

from typing import Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say

commands = typer.Typer(help="Planned activities of both sides.", no_args_is_help=True)


@commands.callback()
def _activities() -> None:
    """Planned activities of both sides."""


@commands.command("conflicts")
def conflicts(
    notice: Annotated[str, typer.Argument(help="Number of a plan; without it, of all plans that stand.")] = "",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Which plans share ground and time: yes, or too close to say. Advice to people; nothing is stopped by it."""
    options.open_node(data)
    from mithaq_node.queries import activities

    found = [
        {
            "answer": meeting.conflict.answer.value,
            "from": str(meeting.conflict.shared.start),
            "plans": [meeting.plan.number, meeting.conflict.plan.number],
            "until": str(meeting.conflict.shared.end),
        }
        for meeting in activities.meetings(notice)
    ]
    lines = [f"{' and '.join(each['plans'])}\t{each['answer']}\t{each['from']}/{each['until']}" for each in found]
    say(json, {"conflicts": found}, "\n".join(lines) or "no two plans meet")
