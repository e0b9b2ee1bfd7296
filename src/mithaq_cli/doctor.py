"""`mithaq doctor`: whether a node would do its work tonight; each finding with its remedy."""

import http.client
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.listening import reachable, require_free
from mithaq_cli.refusing import REFUSED, say
from mithaq_cli.serve import is_served
from mithaq_files.refusals import sentence

if TYPE_CHECKING:
    from django.core.checks import CheckMessage

    from mithaq_node.settings.node import Node

_PATIENCE = 5.0
"""Seconds for a port of the node's own to answer."""


def doctor(data: options.Data = None, json: options.Json = False) -> None:
    """Look at clock, disks, fence, backup, keys, certificates, database, tables, ports, links and the node's own alarm.

    Exit status 2 when something must be mended. The alarm sounds for real: say so to whoever is on watch. Whether the
    node is being served or rests makes no difference, and nothing is changed.
    """
    node = options.open_node(data, whole=False)
    found = list(_found(node))
    told = [
        {"id": str(each.id), "message": str(each.msg), "remedy": each.hint or "", "grave": each.is_serious()}
        for each in sorted(found, key=lambda each: (not each.is_serious(), str(each.id)))
    ]
    alarm = bool(node.alarm) and not any(each["id"] == "mithaq.E004" for each in told)
    lines = [f"{each['id']}: {each['message']}\n    {each['remedy']}" for each in told]
    lines += ["the alarm was sounded"] if alarm else []
    say(json, {"findings": told, "alarm": alarm}, "\n".join(lines) or "nothing to mend")
    if any(each["grave"] for each in told):
        raise typer.Exit(REFUSED)


def _found(node: "Node") -> "Iterator[CheckMessage]":
    from django.core.checks import run_checks

    from mithaq_node.services import clock
    from mithaq_node.wiring import examination

    examined = list(examination.examine(node, clock.now()))
    answers = not any(each.id == "mithaq.E005" for each in examined)
    yield from run_checks(tags=["mithaq"], include_deployment_checks=True, databases=["default"] if answers else [])
    yield from examined
    yield from _ports(node)
    yield from _alarm(node)


def _ports(node: "Node") -> "Iterator[CheckMessage]":
    """Where the node rests, that its ports are free; where it is served, that it answers on them."""
    from mithaq_node.wiring.findings import found

    if is_served(node.folder):
        if not _is_healthy(node):
            yield found("mithaq.E012", f"no page on {reachable(node.host)}:{node.port}")
        if node.peers and not _listens(node.peer_host, node.peer_port):
            yield found("mithaq.E012", f"no door on {reachable(node.peer_host)}:{node.peer_port}")
        return
    for host, port in ((node.host, node.port), (node.peer_host, node.peer_port)):
        try:
            require_free(host, port)
        except Refusal as refusal:
            yield found("mithaq.E011", sentence(refusal, "en"))


def _is_healthy(node: "Node") -> bool:
    line = http.client.HTTPConnection(reachable(node.host), node.port, timeout=_PATIENCE)
    try:
        line.request("GET", "/healthz", headers={"Host": node.hosts[0]})
        return line.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((reachable(host), port), timeout=_PATIENCE):
            return True
    except OSError:
        return False


def _alarm(node: "Node") -> "Iterator[CheckMessage]":
    from mithaq_node.services import alarming
    from mithaq_node.wiring.findings import found

    if not node.alarm:
        yield found("mithaq.W005", "only open pages ring")
        return
    try:
        alarming.sound(node.alarm, alarming.TRIAL, ())
    except Refusal as refusal:
        yield found("mithaq.E004", sentence(refusal, "en"))
