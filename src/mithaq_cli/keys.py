"""`mithaq keys`: the keys of this party's log, listed, replaced and ended; and the key-sets that its root keys sign.

`sign` and `root show` are for the machine where root keys are kept and need no node. The ceremony is in
docs/how-to/key-ceremony.md.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mithaq_cli import options
from mithaq_cli.pair import aloud
from mithaq_cli.refusing import say

if TYPE_CHECKING:
    from mithaq.notices.registering import Draft
    from mithaq_node.services.changing_keys import Listed

commands = typer.Typer(help="The keys of this party's log, and the key-sets that change them.", no_args_is_help=True)
root_commands = typer.Typer(help="Root keys: kept apart from every node.", no_args_is_help=True)
commands.add_typer(root_commands, name="root")

Out = Annotated[Path, typer.Option(help="Where to write the key-set that the root keys sign.")]
Public = Annotated[Path | None, typer.Option(help="Where to write its public half.")]


@commands.command("list")
def list_keys(
    party: Annotated[str, typer.Option(help="Whose log; this node's own without it.")] = "",
    audience: options.Audience = "all",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Every key that a log ever registered: its name and role, and the leaves for which it counts."""
    options.open_node(data)
    from mithaq_node.services import changing_keys

    found = changing_keys.keys_of(party, audience)
    say(json, {"keys": [_told(each) for each in found]}, "\n".join(_line(each) for each in found))


@commands.command("show")
def show(
    name: Annotated[str, typer.Argument(help="The name of the key, as `list` says it.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """One key with its fingerprint, in digits and in words of each language."""
    options.open_node(data)
    from mithaq_node.services import changing_keys

    found = changing_keys.named(name)
    told = [{**_told(each), "fingerprint": each.fingerprint, "words": each.words} for each in found]
    text = "\n".join(f"{_line(each)}\n{each.fingerprint}\n{aloud(each.words)}" for each in found)
    say(json, {"keys": told}, text)


@commands.command("rotate")
def rotate(
    role: Annotated[str, typer.Argument(help="log, cosigner, node, body or tls.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Make the next key of this node for a role. It counts from the key-set on that registers it: draft one now."""
    options.open_node(data)
    from mithaq_node.services import changing_keys, clock

    say(json, {"role": changing_keys.rotate(role, clock.now())}, f"{role}: mithaq keys draft")


@commands.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="The name of the officer's key.")],
    out: Out,
    since: Annotated[
        int | None, typer.Option("--from", help="The size of the log from which it counts no more; at once without it.")
    ] = None,
    audience: options.Audience = "all",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write a key-set that ends an officer's key. What was signed before stays signed."""
    options.open_node(data)
    from mithaq_node.services import changing_keys

    _write(out, changing_keys.revocation(name, since, audience), json)


@commands.command("secret")
def secret(
    fresh: Annotated[Path, typer.Option(help="A file with the new secret.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Put the node's keys under another secret; the present one opens them first."""
    node = options.open_node(data)
    from mithaq_node.keystore import custody

    custody.change_secret(node.keys, options.password(fresh))
    say(json, {"keys": str(node.keys)}, str(node.keys))


@commands.command("draft")
def draft(out: Out, audience: options.Audience = "all", data: options.Data = None, json: options.Json = False) -> None:
    """Write the next key-set: keys of the node and of officers that the log lacks, and revocations."""
    options.open_node(data)
    from mithaq_node.services import entering

    _write(out, entering.draft_key_set(audience=audience), json)


@commands.command("sign")
def sign(
    text: Annotated[Path, typer.Argument(help="A drafted key-set, or one that another root key has signed.")],
    root: Annotated[Path, typer.Option(help="The file of the root key.")],
    out: Annotated[Path, typer.Option(help="Where to write the signed key-set.")],
    json: options.Json = False,
) -> None:
    """Sign a drafted key-set with a root key; for the machine where that key is kept, without a node.

    Says what is signed, and refuses a key that is not shown to be held.
    """
    from mithaq.notices import registering
    from mithaq_files.roots import read_root

    drafted = registering.read(options.read(text))
    name, key = read_root(root)
    options.write(out, registering.sign(drafted, name, key).encode())
    say(json, {"name": name, "out": str(out), **_change(drafted)}, f"{_changes(drafted)}\n{out}: {name}")


@commands.command("enter")
def enter(
    signed: Annotated[Path, typer.Argument(help="The key-set as the root keys signed it.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Log a signed key-set, whatever was logged since it was drafted; it counts from its own leaf on."""
    options.open_node(data)
    from mithaq_node.services import clock, entering

    number = entering.enter_key_set(signed=options.read(signed), now=clock.now())
    say(json, {"number": number}, number)


@commands.command("instrument")
def instrument(audience: options.Audience = "all", data: options.Data = None, json: options.Json = False) -> None:
    """Log that the instrument binds this party from here on; the leaf after the first key-set."""
    options.open_node(data)
    from mithaq_node.services import clock, entering

    number = entering.enter_instrument(now=clock.now(), audience=audience)
    say(json, {"number": number}, number)


@commands.command("paper")
def paper(
    out: Annotated[Path, typer.Option(help="The file, such as safe.pdf.")],
    language: Annotated[str, typer.Option(help="ar, fa, ckb or en; default: the node's.")] = "",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write the page for the safe: what is needed to begin again from nothing. It holds no secret and opens nothing."""
    node = options.open_node(data)
    from mithaq_node.services import clock, safekeeping
    from mithaq_node.web.papers import safe

    chosen = options.language(language or node.language)
    options.write(out, safe.paper(safekeeping.gather(now=clock.now()), chosen))
    say(json, {"language": chosen, "out": str(out)}, str(out))


@root_commands.command("new")
def new_root(
    name: Annotated[str, typer.Option(help="How the key is called: <domain>/root/<number>.")],
    out: Annotated[Path, typer.Option(help="The file of the key; not on a node.")],
    public: Public = None,
    json: options.Json = False,
) -> None:
    """Make one root key; for the machine where it is kept. Its public half goes into a key-set with `root replace`."""
    import secrets

    from mithaq.signing import SEED_BYTES
    from mithaq_files.roots import write_root

    write_root(out, name, secrets.token_bytes(SEED_BYTES))
    show_root(out, public, json)


@root_commands.command("show")
def show_root(
    file: Annotated[Path, typer.Argument(help="The file of the root key.")],
    public: Public = None,
    json: options.Json = False,
) -> None:
    """The public half of a root key, and its fingerprint in words."""
    from mithaq.record.note import ED25519, Verifier
    from mithaq_files.fingerprints import in_words
    from mithaq_files.roots import read_root

    name, key = read_root(file)
    vkey = Verifier(name, ED25519, key.public).vkey()
    words = in_words(vkey.encode())
    if public is not None:
        public.write_text(f"{vkey}\n", encoding="ascii")
    say(json, {"key": vkey, "name": name, "words": words}, f"{vkey}\n{aloud(words)}")


@root_commands.command("replace")
def replace_roots(
    key: Annotated[list[Path], typer.Option(help="A file with the public half of a new root key; repeat.")],
    threshold: Annotated[int, typer.Option(help="How many of them must sign from then on.")],
    out: Out,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write a key-set that puts these root keys in place of the present ones; enough of both must sign it."""
    options.open_node(data)
    from mithaq_node.services import changing_keys

    _write(
        out,
        changing_keys.new_roots([options.read(each).decode("ascii", "replace").strip() for each in key], threshold),
        json,
    )


def _write(out: Path, drafted: bytes, json: bool) -> None:
    from mithaq.notices import registering

    options.write(out, drafted)
    found = registering.read(drafted)
    say(json, {"out": str(out), **_change(found)}, f"{_changes(found)}\n{out}")


def _change(drafted: "Draft") -> dict[str, Any]:
    change = drafted.change
    return {
        "add": [each.name for each in change.add],
        "log": drafted.log,
        "revoke": {each.name: each.since for each in change.revoke},
        "roots": change.roots.keys if change.roots else None,
        "signed_by": [each.by for each in change.signed],
        "version": change.version,
    }


def _changes(drafted: "Draft") -> str:
    """What a key-set does, a line each: for the one who signs it."""
    change = drafted.change
    lines = [f"{drafted.log} {change.version}"]
    lines += [f"- {each.name} {each.since}" for each in change.revoke]
    lines += [f"+ {each.name} {each.role} {each.key}" for each in change.add]
    if change.roots is not None:
        lines += [f"= {change.roots.threshold}/{len(change.roots.keys)} {vkey}" for vkey in change.roots.keys]
    return "\n".join(lines)


def _told(listed: "Listed") -> dict[str, Any]:
    from base64 import b64encode

    key = listed.key
    return {
        "counts": listed.counts,
        "key": b64encode(key.public).decode(),
        "name": key.name,
        "role": key.role,
        "since": key.since,
        "until": listed.until,
    }


def _line(listed: "Listed") -> str:
    key = listed.key
    until = "" if listed.until is None else listed.until
    return f"{'+' if listed.counts else '-'} {key.name}\t{key.role}\t{key.since}..{until}"
