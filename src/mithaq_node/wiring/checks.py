"""System checks of a node: what an operator must know before it serves. Each has a stable id and a hint.

They are deployment checks, run by `mithaq check` and before `mithaq serve`, and not by tools that have no node. What
each id means and what to do about it stands in `wiring.findings`; `mithaq doctor` looks at more (`wiring.examination`).
"""

from collections.abc import Iterable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.db import connection

from mithaq.errors import Refusal
from mithaq_node.keystore import custody
from mithaq_node.settings.node import Node
from mithaq_node.store.append_only import WRITTEN_ONCE
from mithaq_node.wiring.findings import found

DESKS = frozenset({"duty", "releasing", "secretariat", "auditor"})
"""The roles whose desks show what the parties tell each other."""

_WAITS_FOR_STANDBY = ("on", "remote_apply")
"""Of `synchronous_commit`: the standby has it on its disk too."""

_PORT = "5432"
"""Of PostgreSQL, where an address names none."""

_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


@register("mithaq", deploy=True)
def keys_are_private(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """`mithaq.E001`: a key that another user of the machine can read is no key."""
    try:
        custody.check_private(settings.NODE.keys)
    except Refusal as refusal:
        yield found("mithaq.E001", str(refusal))


@register("mithaq", deploy=True)
def instrument_is_there(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """`mithaq.E002`: a node serves one sealed instrument."""
    node: Node = settings.NODE
    for name in ("law.json", "words.json"):
        if not (node.instrument / name).is_file():
            yield found("mithaq.E002", f"{name} is missing")


@register("mithaq", Tags.database, deploy=True)
def record_is_append_only(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> Iterable[CheckMessage]:
    """`mithaq.E003`: the triggers that refuse changes to the record stand in the database."""
    if not databases:
        return
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    missing = sorted(f"{table}_delete_refused" for table in WRITTEN_ONCE if f"{table}_delete_refused" not in present)
    if missing:
        yield found("mithaq.E003", f"triggers are missing: {', '.join(missing)}")


@register("mithaq", Tags.database, deploy=True)
def committed_is_durable(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> Iterable[CheckMessage]:
    """`mithaq.E017`: a server that says *committed* before it is on the disk.

    `mithaq.W017`: one that is to be taken over by another and waits for none.
    """
    if not databases or connection.vendor != "postgresql":
        return
    said = _settings_of_server("fsync", "full_page_writes", "synchronous_commit", "synchronous_standby_names")
    loose = sorted(f"{name} = off" for name, value in said.items() if value == "off")
    if loose:
        yield found("mithaq.E017", f"of the server {', '.join(loose)}")
    waits = said["synchronous_standby_names"] and said["synchronous_commit"] in _WAITS_FOR_STANDBY
    if "," in str(connection.settings_dict["HOST"]) and not waits:
        yield found("mithaq.W017", "what is acknowledged is on one server alone")


def _settings_of_server(*names: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (list(names),))
        return dict(cursor.fetchall())


@register("mithaq", deploy=True)
def fence_is_elsewhere(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """`mithaq.W001`: a fence on the data's own device goes back in time together with the data."""
    node: Node = settings.NODE
    if not node.demo and _is_beside_the_data(node):
        yield found("mithaq.W001", "the fence is on the same device as the data")


def _is_beside_the_data(node: Node) -> bool:
    if isinstance(node.fence, Path):
        same_device = node.fence.exists() and node.fence.stat().st_dev == node.folder.stat().st_dev
        return node.engine == "sqlite" and same_device
    if node.engine == "sqlite":
        return False
    return not _servers(node.database).isdisjoint(_servers(node.fence))


def _servers(address: str) -> set[tuple[str, str]]:
    """Every server of an address by host and port; one port is the port of all hosts, as libpq reads it."""
    from psycopg.conninfo import conninfo_to_dict

    named = conninfo_to_dict(address)
    ports = str(named.get("port") or _PORT).split(",")
    servers: set[tuple[str, str]] = set()
    for hosts in [str(named[each]) for each in ("host", "hostaddr") if named.get(each)] or [""]:
        each_port = cycle(ports) if len(ports) == 1 else ports
        servers.update((host, port or _PORT) for host, port in zip(hosts.split(","), each_port, strict=False))
    return servers


@register("mithaq", deploy=True)
def body_keys_are_elsewhere(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """`mithaq.W003`: a key that lies in a backup beside the part it opens cannot be destroyed."""
    node: Node = settings.NODE
    if node.demo or not node.body_keys.exists():
        return
    if node.body_keys.stat().st_dev == node.folder.stat().st_dev:
        yield found("mithaq.W003", "the keys of erasable parts are on the same device as the data")


@register("mithaq", deploy=True)
def secret_is_elsewhere(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """`mithaq.W004`: who takes the disk takes the secret and the keys that it opens."""
    node: Node = settings.NODE
    if node.demo or not custody.is_secret_beside(node.keys):
        return
    if custody.secret_beside(node.keys).stat().st_dev == node.folder.stat().st_dev:
        yield found("mithaq.W004", "the secret that opens the node's keys is on the same device as the data")


@register("mithaq", deploy=True)
def desk_is_reached_over_tls(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """`mithaq.W002`: officers' passwords open their keys, so they must not cross a network in the clear."""
    node: Node = settings.NODE
    if not node.https and not node.demo:
        yield found("mithaq.W002", "`https` is off in node.toml")


@register("mithaq", deploy=True)
def second_factors_are_required(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """`mithaq.W006`: a password that was seen or guessed is enough for a desk that asks nothing else."""
    node: Node = settings.NODE
    missing = sorted(DESKS.difference(node.second_factor))
    if missing and not node.demo:
        yield found("mithaq.W006", f"no second factor is required of: {', '.join(missing)}")


@register("mithaq", deploy=True)
def directory_answers(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """`mithaq.W007`: officers whom the directory knows cannot sign in while it is silent; the node serves all the
    same."""
    node: Node = settings.NODE
    if node.directory is None:
        return
    from mithaq_node.services import directory  # and with it ldap3, which most nodes have no use for

    try:
        directory.reach(node.directory)
    except Refusal as refusal:
        yield found("mithaq.W007", f"the directory does not answer: {refusal.data.get('reason', '')}")
