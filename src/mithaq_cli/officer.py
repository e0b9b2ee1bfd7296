"""`mithaq officer`: who may sign in at this node, with which role."""

from pathlib import Path
from typing import Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say

commands = typer.Typer(help="Officers of this party.", no_args_is_help=True)


@commands.command("add")
def add(
    name: Annotated[str, typer.Option(help="An office or a post, as it signs in; never published.")],
    role: Annotated[str, typer.Option(help="duty, releasing, secretariat or auditor.")],
    authority: Annotated[str, typer.Option(help="The desk: an authority of this party in the instrument.")] = "",
    password_file: options.PasswordFile = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Add an officer with a new signing key under their password. `mithaq keys draft` then registers the key."""
    options.open_node(data)
    from mithaq_node.services import accounts

    secret = options.password(password_file)
    made = accounts.create_officer(name=name, role=role, secret=secret, authority=authority)
    say(json, {"key_name": made.key_name, "name": made.name, "role": made.role}, f"{made.name}: {made.key_name}")


@commands.command("list")
def list_officers(data: options.Data = None, json: options.Json = False) -> None:
    """Name, role and key name of every officer."""
    options.open_node(data)
    from mithaq_node.store.models import Officer

    officers = [
        {"active": each.is_active, "key_name": each.key_name, "name": each.name, "role": each.role}
        for each in Officer.objects.order_by("pk")
    ]
    lines = (f"{each['name']}\t{each['role']}\t{each['key_name']}" for each in officers)
    say(json, {"officers": officers}, "\n".join(lines))


@commands.command("disable")
def disable(
    name: Annotated[str, typer.Option(help="The officer to be shut out.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Shut an officer out at once; the next key-set revokes the key."""
    options.open_node(data)
    from mithaq_node.services import accounts

    accounts.disable(officer=options.officer(name))
    say(json, {"active": False, "name": name}, f"{name}: disabled")


@commands.command("password")
def change_password(
    name: Annotated[str, typer.Option(help="The officer.")],
    password_file: options.PasswordFile = None,
    new_password_file: Annotated[Path | None, typer.Option(help="A file with the new password.")] = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Put an officer's key under a new password; the old one opens it first."""
    options.open_node(data)
    from mithaq_node.services import accounts

    accounts.change_secret(
        officer=options.officer(name),
        secret=options.password(password_file),
        new_secret=options.password(new_password_file, "New password"),
    )
    say(json, {"name": name}, f"{name}: changed")
