"""`mithaq desks`: the internal order of this party: desks, routing rules, the pattern of registry numbers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say

if TYPE_CHECKING:
    from mithaq.notices.desks import Arrangement

commands = typer.Typer(help="Desks of this party, and which notice comes to which.", no_args_is_help=True)
Several = list[str] | None


@commands.command("show")
def show(data: options.Data = None, json: options.Json = False) -> None:
    """The order as it stands, as the JSON that `mithaq desks set` takes."""
    options.open_node(data)
    import msgspec

    from mithaq_node.queries import inside

    order = msgspec.to_builtins(inside.arrangement())
    document = msgspec.json.format(msgspec.json.encode(order), indent=2).decode()
    say(json, {"order": order, "version": inside.version()}, document)


@commands.command("set")
def set_order(
    file: Annotated[Path, typer.Argument(help="The whole order as JSON.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Put a whole order in force."""
    node = options.open_node(data)
    from mithaq.notices import desks
    from mithaq_node import queries

    _keep(desks.read(options.read(file), queries.law(), node.party), json)


@commands.command("add")
def add(
    name: Annotated[str, typer.Option(help="How the desk is called.")],
    authority: Annotated[str, typer.Option(help="The authority of this party in the instrument that it is under.")],
    officer: Annotated[Several, typer.Option(help="Who sits there, by sign-in name; repeatable.")] = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Add a desk; the first one is the main desk, to which comes what no rule sends elsewhere."""
    options.open_node(data)
    from msgspec.structs import replace

    from mithaq.notices.desks import Desk, free_id
    from mithaq_node.queries import inside

    order = inside.arrangement()
    made = Desk(free_id(authority, [each.id for each in order.desks]), authority, name, sorted(officer or ()))
    _keep(replace(order, desks=[*order.desks, made], main=order.main or made.id), json, made.id)


@commands.command("rule")
def rule(
    desk: Annotated[str, typer.Option(help="The desk's identifier.")],
    kind: Annotated[Several, typer.Option(help="Of these kinds; repeatable.")] = None,
    sector: Annotated[Several, typer.Option(help="In these sectors; repeatable.")] = None,
    precedence: Annotated[Several, typer.Option(help="Of these precedences; repeatable.")] = None,
    crossing: Annotated[Several, typer.Option(help="At these crossings; repeatable.")] = None,
    first: Annotated[bool, typer.Option("--first", help="Read before all others; else after them.")] = False,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Send notices to a desk; what is not said fits everything, and the first rule that fits decides."""
    options.open_node(data)
    from msgspec.structs import replace

    from mithaq.notices.desks import Rule
    from mithaq_node.queries import inside

    made = Rule(desk, list(kind or ()), list(sector or ()), list(precedence or ()), list(crossing or ()))
    order = inside.arrangement()
    _keep(replace(order, rules=[made, *order.rules] if first else [*order.rules, made]), json)


@commands.command("public")
def public(
    on: Annotated[bool, typer.Option("--on/--off", help="Whether anybody may read how the crossings stand.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Switch the public page of this node on or off; it is off until somebody does."""
    options.open_node(data)
    from msgspec.structs import replace

    from mithaq_node.queries import inside

    _keep(replace(inside.arrangement(), public=on), json)


@commands.command("alerts")
def alerts(
    on: Annotated[bool, typer.Option("--on/--off", help="Whether anybody may read dangers to the public as CAP.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Switch the public alerts of this node on or off; they are off until somebody does."""
    options.open_node(data)
    from msgspec.structs import replace

    from mithaq_node.queries import inside

    _keep(replace(inside.arrangement(), alerts=on), json)


@commands.command("where")
def where(
    notice: Annotated[str, typer.Argument(help="Its number, such as 'IQ 12-5'.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """At which desk the matter of a notice is, why, and who has it in hand."""
    options.open_node(data)
    from mithaq_node import queries
    from mithaq_node.queries import inside, rolls

    place = inside.Desks().place(rolls.find(queries.law(), notice))
    why = "given" if place.given else f"rule {place.routed.rule}" if place.routed and place.routed.rule else "no rule"
    said = {"desk": place.desk, "name": place.name, "officer": place.officer, "why": why if place.desk else ""}
    say(json, said, "\t".join(each for each in said.values() if each))


def _keep(order: "Arrangement", json: bool, said: str = "") -> None:
    from mithaq_node.queries import inside
    from mithaq_node.services import arranging, clock

    version = arranging.arrange(arrangement=order, seen=inside.version(), by=None, now=clock.now())
    say(json, {"desk": said, "version": version}, said or str(version))
