"""Where a server of this machine listens: whether the port is free, and how the machine itself reaches it."""

import errno
import socket

from mithaq.errors import Refusal


def require_free(host: str, port: int) -> None:
    """Refuse a port that another program has. The server itself would share it without an error (SO_REUSEPORT)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            code = "node.port-busy" if error.errno == errno.EADDRINUSE else "node.port-unusable"
            raise Refusal(code, host=host, port=port) from error


def reachable(host: str) -> str:
    """Where a server that listens on `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
