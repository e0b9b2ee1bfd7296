"""Writing through Django's connection: in one transaction that is durable when it ends, or not at all.

A full disk and a database that does not answer are refusals like any other: who wrote finds everything as it was, is
told why, and does the same again once there is room.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.utils import DatabaseError, OperationalError

from mithaq.errors import Refusal
from mithaq_node.store import failures

DATABASE = (OperationalError, *failures.DATABASE)
"""What Django, or in its place a driver, raises when the database could not do it."""


@contextmanager
def durable() -> Iterator[None]:
    """One transaction; all that the block wrote is durable when it ends.

    Refuses a full disk (`node.disk-full`) and a database that does not answer (`node.database-unreachable`); then
    nothing of the block happened.
    """
    try:
        with transaction.atomic():
            yield
    except (OSError, *DATABASE) as error:
        raise refused(error) from error


def refused(error: Exception) -> Refusal:
    """`store.failures.refused`, for what Django raises too."""
    return failures.refused(_of_driver(error))


def is_of_the_database(error: Exception) -> bool:
    """Whether the database is at fault, a damaged file included; not for a statement that was wrong."""
    return isinstance(error, (*DATABASE, MigrationSchemaMissing)) or type(error) is DatabaseError


def _of_driver(error: BaseException) -> BaseException:
    """What the driver raised, below Django's errors: the first migration tells its own without naming a cause."""
    below = error.__cause__ or (error.__context__ if isinstance(error, MigrationSchemaMissing) else None)
    return _of_driver(below) if isinstance(error, (OperationalError, MigrationSchemaMissing)) and below else error
