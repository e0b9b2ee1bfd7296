"""The record through Django's connection, with the vault that opens its erasable parts."""

from django.conf import settings
from django.db import connection

from mithaq_node.keystore import vault
from mithaq_node.store import engine as engines
from mithaq_node.store.engine import Connection, Engine


def reader() -> tuple[Connection, Engine]:
    """The record for reading, in the transaction that is open if there is one."""
    connection.ensure_connection()
    return connection.connection, engines.of(settings.NODE.engine, vault.at(settings.NODE))
