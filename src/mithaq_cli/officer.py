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
    role: Annotated[str, typer.Option(help="duty, releasing, secretariat, auditor, operator, integrator or observer.")],
    authority: Annotated[str, typer.Option(help="The desk: an authority of this party in the instrument.")] = "",
    directory: Annotated[
        str, typer.Option(help="The name by which the party's directory (LDAP) knows the officer.")
    ] = "",
    password_file: options.PasswordFile = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Add an officer with a new signing key under their password. `mithaq keys draft` then registers the key.

    With --directory the password opens the signing key alone, and the directory's own opens the desk.
    """
    options.open_node(data)
    from mithaq_node.services import accounts

    secret = options.password(password_file)
    made = accounts.create_officer(name=name, role=role, secret=secret, authority=authority, directory=directory)
    say(json, {"key_name": made.key_name, "name": made.name, "role": made.role}, f"{made.name}: {made.key_name}")


@commands.command("list")
def list_officers(data: options.Data = None, json: options.Json = False) -> None:
    """Name, role, key name and second factors of every officer."""
    options.open_node(data)
    from mithaq_node.store.models import Officer

    officers = [
        {
            "active": each.is_active,
            "directory": each.directory,
            "factors": sorted(factor.form for factor in each.factors.all()),
            "key_name": each.key_name,
            "name": each.name,
            "role": each.role,
        }
        for each in Officer.objects.order_by("pk").prefetch_related("factors")
    ]
    lines = (
        f"{each['name']}\t{each['role']}\t{each['key_name']}" + ("" if each["active"] else "\tdisabled")
        for each in officers
    )
    say(json, {"officers": officers}, "\n".join(lines))


@commands.command("disable")
def disable(
    name: Annotated[str, typer.Option(help="The officer to be shut out.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Shut an officer out at once, every session of theirs included; the next key-set revokes the key."""
    options.open_node(data)
    from mithaq_node.services import accounts

    accounts.disable(officer=options.officer(name))
    say(json, {"active": False, "name": name}, f"{name}: disabled")


@commands.command("enable")
def enable(
    name: Annotated[str, typer.Option(help="The officer to be let in again.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Let an officer in again whose key was not revoked meanwhile."""
    options.open_node(data)
    from mithaq_node.services import accounts

    accounts.enable(officer=options.officer(name))
    say(json, {"active": True, "name": name}, f"{name}: enabled")


@commands.command("unlock")
def unlock(
    name: Annotated[str, typer.Option(help="The officer for whom the door waits.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Lift the wait after too many failed attempts with this name, wherever they were made."""
    options.open_node(data)
    from mithaq_node.services import throttle

    throttle.lift(officer=options.officer(name))
    say(json, {"name": name}, f"{name}: may try again")


@commands.command("reset-factors")
def reset_factors(
    name: Annotated[str, typer.Option(help="The officer who has lost every second factor.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Take every second factor and code on paper away, and end the officer's sessions. The auditor sees it."""
    options.open_node(data)
    from mithaq_node.services import signing_in

    signing_in.reset_factors(officer=options.officer(name))
    say(json, {"name": name}, f"{name}: no second factor")


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
