"""When the machine under the record fails: how both drivers say so, and the refusal that it becomes."""

import errno
import sqlite3

import psycopg

from mithaq.errors import Refusal

DATABASE = (sqlite3.OperationalError, psycopg.OperationalError)
"""What the drivers raise when the database could not do it."""

FAILURES = (OSError, *DATABASE)
"""What may be raised wherever something is written."""


def refused(error: BaseException) -> Refusal:
    """What an officer is told when the machine, not the notice, is at fault."""
    if is_full(error):
        return Refusal("node.disk-full")
    return Refusal("node.database-unreachable", reason=str(error).strip()[:200])


def is_full(error: BaseException) -> bool:
    """Whether there was no room."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
    return isinstance(error, psycopg.errors.DiskFull)
