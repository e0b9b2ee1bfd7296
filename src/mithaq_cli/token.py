"""`mithaq token`: secrets with which programs, such as a GIS or a dispatch centre, act as an officer does."""

from typing import TYPE_CHECKING, Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say

if TYPE_CHECKING:
    from mithaq_node.store.models import AccessToken

commands = typer.Typer(help="Tokens with which programs act as an officer does.", no_args_is_help=True)


@commands.command("create")
def create(
    scope: Annotated[list[str], typer.Option(help="What it opens, such as read:features or write:drafts; repeatable.")],
    officer: Annotated[str, typer.Option("--officer", help="As whom it acts, by sign-in name.")] = "",
    label: Annotated[str, typer.Option(help="The program that it is for.")] = "",
    days: Annotated[int, typer.Option(help="After how many days it is over.")] = 90,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Make a token and show its secret, this once. Without --officer it is of the only officer who reads notices."""
    options.open_node(data)
    from mithaq_node.services import tokens

    made, secret = tokens.make(
        officer=options.officer(officer) if officer else tokens.only_reader(), scopes=scope, label=label, days=days
    )
    say(json, {**_said(made), "token": secret}, secret)


@commands.command("list")
def list_tokens(data: options.Data = None, json: options.Json = False) -> None:
    """Every token there has been, without its secret."""
    options.open_node(data)
    from mithaq_node.store.models import AccessToken

    said = [_said(each) for each in AccessToken.objects.order_by("pk").select_related("officer")]
    lines = ("\t".join(str(each[name]) for name in ("id", "state", "officer", "expires", "label")) for each in said)
    say(json, {"tokens": said}, "\n".join(lines))


@commands.command("revoke")
def revoke(
    number: Annotated[int, typer.Argument(help="Its number, from `mithaq token list`.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Take a token back: it opens nothing any more."""
    options.open_node(data)
    from mithaq_node.services import tokens

    ended = _said(tokens.revoke(number))
    say(json, ended, f"{ended['id']}: {ended['state']}")


def _said(token: "AccessToken") -> dict[str, object]:
    from mithaq.moments import Moment
    from mithaq_node.services import tokens

    return {
        "expires": str(Moment(int(token.expires_at.timestamp()))),
        "id": token.pk,
        "label": token.label,
        "officer": token.officer.name,
        "role": token.officer.role,
        "scopes": token.scopes.split(),
        "state": tokens.state(token),
    }
