"""A node's own settings: `node.toml` in its data folder, and the environment above it, as one typed value.

The instrument says what the parties owe each other; this file only says where this node keeps things and where it
listens. Every odd value is refused by name at start, because a node that runs on a guess is worse than one that does
not run. `tools/reference.py` writes `docs/reference/settings.md` from the types and docstrings of the fields here and
from the defaults that `parse` gives.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mithaq.errors import Refusal
from mithaq_node.settings import logs

FILE = "node.toml"
LANGUAGES = ("ar", "fa", "ckb", "en")
ENVIRONMENT = {
    "MITHAQ_HOST": "host",
    "MITHAQ_PORT": "port",
    "MITHAQ_PEER_PORT": "peer_port",
    "MITHAQ_DATABASE": "database",
    "MITHAQ_FENCE": "fence",
}
"""Variables that override a line of the file, for unit files and containers."""

ROLES = frozenset({"duty", "releasing", "secretariat", "auditor", "operator", "integrator", "observer"})
"""The roles of `mithaq_node.store.desk.Role`, which stands on these settings; a test holds the two together."""

_PARTY = re.compile(r"[A-Z]{2,3}")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_OF_DIRECTORY = {"url", "base", "attribute", "ca", "bind", "bind_password_file"}
_KNOWN = {
    "party", "demo", "demo_clock", "host", "port", "peer_host", "peer_port", "database", "fence", "language", "https",
    "hosts", "peers", "body_keys", "witnesses", "alarm", "idle_minutes", "second_factor", "directory",
    "service_alerts", "metrics", "log_format",
}  # fmt: skip


@dataclass(frozen=True)
class Peer:
    """A counterpart: its party code and the address of its door, `https://host:port`."""

    party: str
    """The counterpart's code in the instrument."""
    url: str
    """The address of its door: `https://host:port` and nothing after."""


@dataclass(frozen=True)
class WitnessAt:
    """Where an observer of the instrument takes heads: its identifier in the law, and the address of its witness."""

    observer: str
    """The observer's identifier in the instrument."""
    url: str
    """The address of its witness, `https://…` or `http://…`: what it is sent proves itself."""


@dataclass(frozen=True)
class Directory:
    """The party's own directory (LDAP), which says whether a password is right, and nothing else."""

    url: str
    """`ldaps://host:port`, or `ldap://host:port`, which is raised to TLS before anything is sent."""
    base: str
    """Below which entry officers are looked for."""
    attribute: str
    """The attribute that holds the name by which an officer is known there; `uid` when nothing is said."""
    ca: Path | None
    """The certificates that the directory's own must come from; the system's where there is none."""
    bind: str
    """The entry that may look officers up; empty where anybody may."""
    bind_password_file: Path | None
    """The file with that entry's password; where there is one, there is the other."""


@dataclass(frozen=True)
class Node:
    """Where one party's node keeps its data and where it listens."""

    folder: Path
    party: str
    """This node's party in the instrument, by its code: two or three capital letters."""
    demo: bool
    """Whether this is a demonstration, which takes a demonstration's instrument and says so on every page."""
    host: str
    """The address on which the pages listen; this machine alone where a proxy of your own stands before them."""
    port: int
    """The port of the pages, 1 to 65535."""
    peer_host: str
    """The address on which the counterpart's door listens."""
    peer_port: int
    """The port of that door, 1 to 65535; not that of the pages."""
    database: str
    """`sqlite` (a file in the folder), or `postgresql://…`, the address of a database of version 15 or later; as
    `postgres://…`, too."""
    fence: Path | str
    """The folder of the fence, or the address of a PostgreSQL database; on another device than the data, or in another
    cluster, outside its backups."""
    language: str
    """The desk's first language: `ar`, `fa`, `ckb` or `en`."""
    https: bool
    """Whether officers reach the desk over TLS (their cookies are then sent over TLS only)."""
    hosts: tuple[str, ...]
    """The names under which the pages are reached; others are turned away."""
    peers: tuple[Peer, ...]
    """The counterparts; `mithaq pair` writes them."""
    demo_clock: Path | None = None
    """In a demonstration only: a file with the seconds by which the story's time runs ahead."""
    body_keys: Path = Path()
    """The folder of the keys of erasable parts, which belong where the fence does: on another device, in no backup. In
    the fence's folder when nothing is said."""
    alarm: tuple[str, ...] = ()
    """A command and its arguments that is run, without a shell, while a notice rings; it finds what rings in its
    environment (below). Empty where there is none."""
    witnesses: tuple[WitnessAt, ...] = ()
    """Where observers of the instrument take heads; `mithaq witness use` writes them."""
    idle_minutes: int = 480
    """Minutes without anything done after which a session ends, 5 to 720."""
    second_factor: tuple[str, ...] = ()
    """The roles that must show a second factor; an officer of one who has none sets it up before anything else."""
    directory: Directory | None = None
    """The party's own directory (LDAP) for passwords; none where the table is missing."""
    service_alerts: bool = False
    """Whether anybody who reaches the node may read public statements as GTFS-Realtime alerts, without a sign-in."""
    metrics: tuple[IPv4Network | IPv6Network, ...] = ()
    """The addresses and networks of the monitoring that may read `/metrics`; nobody where there is none."""
    log_format: str = "json"
    """How the processes say what happens: `json`, a line of JSON each, or `text`."""

    @property
    def instrument(self) -> Path:
        return self.folder / "instrument"

    @property
    def proposed(self) -> Path:
        """A new version of the instrument that is being compared and sealed; no folder where there is none."""
        return self.folder / "proposed"

    @property
    def versions(self) -> Path:
        """The versions of the instrument entered since the first (`mithaq_files.held`); no folder before any."""
        return self.folder / "versions"

    @property
    def unfinished(self) -> Path:
        """The file that stands there until the node is whole (`services.founding`)."""
        return self.folder / "unfinished"

    @property
    def backed_up(self) -> Path:
        """The file that says when the last backup was taken (`services.backups`); none before the first."""
        return self.folder / "last-backup"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def cards(self) -> Path:
        """The pairing cards of the counterparts, `<PARTY>.json`."""
        return self.folder / "peers"

    @property
    def epochs(self) -> Path:
        """The root keys' decisions by which a party's log went on in a new epoch (`mithaq_node.store.epochs`)."""
        return self.folder / "epochs"

    @property
    def sqlite(self) -> Path:
        return self.folder / "node.sqlite3"

    @property
    def own_card(self) -> Path:
        return self.folder / "card.json"

    @property
    def engine(self) -> str:
        return "sqlite" if self.database == "sqlite" else "postgresql"


_EVERYWHERE = {"0.0.0.0", "::"}
"""Addresses on which a server listens on every other one too."""


def read(folder: Path, environment: Mapping[str, str]) -> Node:
    """The settings of the node whose data folder is `folder`; refuses a missing, broken or odd `node.toml`."""
    path = folder / FILE
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Refusal("settings.no-node", folder=str(folder)) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal("settings.unreadable", file=str(path), reason=str(error)) from error
    overridden = {name: environment[variable] for variable, name in ENVIRONMENT.items() if variable in environment}
    return parse(folder, {**values, **overridden})


def parse(folder: Path, values: Mapping[str, Any]) -> Node:
    """The settings in `values`, whose relative paths start at `folder`."""
    for name in values:
        if name not in _KNOWN:
            raise Refusal("settings.unknown", name=name)
    demo = _boolean(values, "demo", False)
    clock = values.get("demo_clock")
    if clock is not None and not demo:
        raise Refusal("settings.demo-only", name="demo_clock")
    node = Node(
        folder=folder.resolve(),
        party=_party(values.get("party")),
        demo=demo,
        host=_text(values, "host", "127.0.0.1"),
        port=_port(values, "port", 8400),
        peer_host=_text(values, "peer_host", "0.0.0.0"),
        peer_port=_port(values, "peer_port", 8402),
        database=_database(_text(values, "database", "sqlite")),
        fence=_fence(folder, _text(values, "fence", None)),
        language=_choice(values, "language", "en", LANGUAGES),
        https=_boolean(values, "https", not demo),
        hosts=tuple(_texts(values, "hosts", ("localhost", "127.0.0.1"))),
        peers=tuple(_peer(peer) for peer in _tables(values, "peers")),
        body_keys=_body_keys(folder, values, _text(values, "fence", None)),
        alarm=_texts(values, "alarm", ()) if "alarm" in values else (),
        witnesses=tuple(_witness(each) for each in _tables(values, "witnesses")),
        idle_minutes=_minutes(values, "idle_minutes", 480),
        second_factor=_roles(values, "second_factor"),
        directory=_directory(folder, values.get("directory")),
        service_alerts=_boolean(values, "service_alerts", False),
        metrics=tuple(map(_network, _texts(values, "metrics", ()))) if "metrics" in values else (),
        log_format=_choice(values, "log_format", "json", logs.FORMATS),
        demo_clock=None if clock is None else (folder / _text(values, "demo_clock", None)).resolve(),
    )
    if node.port == node.peer_port and (node.host == node.peer_host or {node.host, node.peer_host} & _EVERYWHERE):
        raise Refusal("settings.bad-value", name="peer_port", value=str(node.peer_port))
    return node


def write(node: Node) -> str:
    """The text of the `node.toml` that reads back as `node`."""
    lines = [
        f"party = {quoted(node.party)}",
        f"demo = {str(node.demo).lower()}",
        f"host = {quoted(node.host)}",
        f"port = {node.port}",
        f"peer_host = {quoted(node.peer_host)}",
        f"peer_port = {node.peer_port}",
        f"database = {quoted(node.database)}",
        f"fence = {quoted(str(node.fence))}",
        f"body_keys = {quoted(str(node.body_keys))}",
        f"language = {quoted(node.language)}",
        f"https = {str(node.https).lower()}",
        f"hosts = [{', '.join(quoted(host) for host in node.hosts)}]",
    ]
    if node.alarm:
        lines.append(f"alarm = [{', '.join(quoted(each) for each in node.alarm)}]")
    if node.idle_minutes != Node.idle_minutes:
        lines.append(f"idle_minutes = {node.idle_minutes}")
    if node.second_factor:
        lines.append(f"second_factor = [{', '.join(quoted(each) for each in node.second_factor)}]")
    if node.service_alerts:
        lines.append("service_alerts = true")
    if node.metrics:
        lines.append(f"metrics = [{', '.join(quoted(str(each)) for each in node.metrics)}]")
    if node.log_format != Node.log_format:
        lines.append(f"log_format = {quoted(node.log_format)}")
    if node.demo_clock is not None:
        lines.append(f"demo_clock = {quoted(str(node.demo_clock))}")
    for peer in node.peers:
        lines += ["", "[[peers]]", f"party = {quoted(peer.party)}", f"url = {quoted(peer.url)}"]
    for witness in node.witnesses:
        lines += ["", "[[witnesses]]", f"observer = {quoted(witness.observer)}", f"url = {quoted(witness.url)}"]
    if node.directory is not None:
        lines += ["", "[directory]", *_directory_lines(node.directory)]
    return "\n".join(lines) + "\n"


def _directory_lines(directory: Directory) -> list[str]:
    said = {
        "url": directory.url,
        "base": directory.base,
        "attribute": directory.attribute,
        "ca": directory.ca,
        "bind": directory.bind,
        "bind_password_file": directory.bind_password_file,
    }
    return [f"{name} = {quoted(str(value))}" for name, value in said.items() if value]


def with_peer(node: Node, peer: Peer) -> Node:
    """`node` with this counterpart in place of an earlier one of the same party."""
    others = tuple(each for each in node.peers if each.party != peer.party)
    return replace(node, peers=(*others, _checked(peer)))


def with_witness(node: Node, witness: WitnessAt) -> Node:
    """`node` with this address in place of an earlier one of the same observer."""
    others = tuple(each for each in node.witnesses if each.observer != witness.observer)
    return replace(node, witnesses=(*others, _reached(witness)))


def _party(value: object) -> str:
    if not isinstance(value, str) or not _PARTY.fullmatch(value):
        raise Refusal("settings.bad-value", name="party", value=str(value))
    return value


def _text(values: Mapping[str, Any], name: str, default: str | None) -> str:
    value = values.get(name, default)
    if not isinstance(value, str) or not value or "\n" in value:
        raise Refusal("settings.bad-value", name=name, value=str(value))
    return value


def _texts(values: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = values.get(name, list(default))
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        raise Refusal("settings.bad-value", name=name, value=str(value))
    return tuple(value)


def _network(value: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value)
    except ValueError as error:
        raise Refusal("settings.bad-value", name="metrics", value=value) from error


def _choice(values: Mapping[str, Any], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = _text(values, name, default)
    if value not in choices:
        raise Refusal("settings.bad-value", name=name, value=value)
    return value


def _boolean(values: Mapping[str, Any], name: str, default: bool) -> bool:
    value = values.get(name, default)
    if not isinstance(value, bool):
        raise Refusal("settings.bad-value", name=name, value=str(value))
    return value


def _port(values: Mapping[str, Any], name: str, default: int) -> int:
    value = values.get(name, default)
    if isinstance(value, str) and value.isascii() and value.isdigit():  # the environment has only text
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65_535:
        raise Refusal("settings.bad-value", name=name, value=str(value))
    return value


def _minutes(values: Mapping[str, Any], name: str, default: int) -> int:
    value = values.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 5 <= value <= 720:
        raise Refusal("settings.bad-value", name=name, value=str(value))
    return value


def _roles(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = values.get(name, [])
    if not isinstance(value, list) or len(set(map(str, value))) != len(value) or not set(map(str, value)) <= ROLES:
        raise Refusal("settings.bad-value", name=name, value=str(value))
    return tuple(value)


def _directory(folder: Path, values: object) -> Directory | None:
    if values is None:
        return None
    if not isinstance(values, dict) or not set(values) <= _OF_DIRECTORY:
        raise Refusal("settings.bad-value", name="directory", value=str(values))
    url, bind = _text(values, "url", None), values.get("bind", "")
    parts = urlsplit(url)
    if parts.scheme not in ("ldaps", "ldap") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise Refusal("settings.bad-value", name="directory.url", value=url)
    if not isinstance(bind, str) or bool(bind) != ("bind_password_file" in values):
        raise Refusal("settings.bad-value", name="directory.bind", value=str(bind))
    attribute = _text(values, "attribute", "uid")
    if not _ATTRIBUTE.fullmatch(attribute):
        raise Refusal("settings.bad-value", name="directory.attribute", value=attribute)

    def named(name: str) -> Path | None:
        return (folder / _text(values, name, None)).resolve() if name in values else None

    return Directory(url, _text(values, "base", None), attribute, named("ca"), bind, named("bind_password_file"))


def address(value: str) -> str:
    """The address of a PostgreSQL database in its one form, `postgresql://…`; libpq takes `postgres://…` as well, and
    so do we. Empty for what is no such address."""
    scheme, mark, rest = value.partition("://")
    return f"postgresql://{rest}" if mark and scheme.lower() in ("postgresql", "postgres") else ""


def _database(value: str) -> str:
    found = value if value == "sqlite" else address(value)
    if not found:
        raise Refusal("settings.bad-value", name="database", value=value.split("@")[-1])
    return found


def _fence(folder: Path, value: str) -> Path | str:
    return address(value) or (folder / value).resolve()


def _body_keys(folder: Path, values: Mapping[str, Any], fence: str) -> Path:
    """In the fence's folder when nothing is said; beside the data where the fence is no folder, which is warned of."""
    place = _fence(folder, fence)
    beside = place if isinstance(place, Path) else folder
    return (folder / _text(values, "body_keys", str(beside / "body-keys"))).resolve()


def _tables(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = values.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Refusal("settings.bad-value", name=name, value=str(value))
    return value


def _peer(value: Mapping[str, Any]) -> Peer:
    if set(value) != {"party", "url"}:
        raise Refusal("settings.bad-value", name="peers", value=str(dict(value)))
    return _checked(Peer(_party(value["party"]), str(value["url"])))


def _checked(peer: Peer) -> Peer:
    parts = urlsplit(peer.url)
    if parts.scheme != "https" or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise Refusal("settings.bad-value", name="peers.url", value=peer.url)
    return peer


def _witness(value: Mapping[str, Any]) -> WitnessAt:
    if set(value) != {"observer", "url"}:
        raise Refusal("settings.bad-value", name="witnesses", value=str(dict(value)))
    return _reached(WitnessAt(str(value["observer"]), str(value["url"])))


def _reached(witness: WitnessAt) -> WitnessAt:
    """What a witness is sent proves itself, so its address may be plain HTTP; a path before its calls is allowed."""
    parts = urlsplit(witness.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Refusal("settings.bad-value", name="witnesses.url", value=witness.url)
    return witness


def quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = "".join(f"\\u{ord(char):04x}" if char < " " or char in '"\\\x7f' else char for char in text)
    return f'"{escaped}"'
