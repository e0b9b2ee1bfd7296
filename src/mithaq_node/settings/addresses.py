"""Addresses of databases as they may be shown: on a screen, in a refusal, on paper."""

import psycopg
from psycopg.conninfo import conninfo_to_dict


def without_password(address: str) -> str:
    """The servers and the name of a database, `host:port,host:port/name`; what is no address of one, as it is.

    It is put together from the parts that may be seen, so that no way to write an address lets a password through.
    """
    scheme, is_address, _ = address.partition("://")
    if not is_address:
        return address
    try:
        named = conninfo_to_dict(address)
    except (psycopg.Error, UnicodeDecodeError):  # which part is the password cannot be told
        return f"{scheme}://…"
    hosts = str(named.get("host") or named.get("hostaddr") or "").split(",")
    ports = str(named.get("port") or "").split(",")
    ports *= len(hosts) if len(ports) == 1 else 1
    servers = (f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=False))
    return f"{','.join(servers)}/{named.get('dbname') or ''}"
