"""The triggers that keep the record append-only, in the words of each engine.

They guard against a mistaken program and a careless administrator, not against one who drops triggers: the proofs and
the counterpart's cosignatures do that.
"""

from collections.abc import Iterator, Sequence

WRITTEN_ONCE = ("entry", "part", "key_set", "tile", "cosignature", "evidence")
"""Tables whose rows are never changed and never deleted."""

_SHRINKS = (
    "NEW.origin <> OLD.origin OR NEW.own <> OLD.own OR NEW.size < OLD.size OR NEW.last_at < OLD.last_at"
    " OR (NEW.size = OLD.size AND NEW.root <> OLD.root)"
)


def statements(vendor: str) -> Sequence[str]:
    """The statements that put the triggers in place on `sqlite` or `postgresql`."""
    return tuple(_sqlite() if vendor == "sqlite" else _postgresql())


def _sqlite() -> Iterator[str]:
    for table in WRITTEN_ONCE:
        for deed in ("UPDATE", "DELETE"):
            yield _sqlite_trigger(table, deed, "")
    yield _sqlite_trigger("log", "DELETE", "")
    yield _sqlite_trigger("log", "UPDATE", f"WHEN {_SHRINKS}")


def _sqlite_trigger(table: str, deed: str, when: str) -> str:
    return (
        f"CREATE TRIGGER {table}_{deed.lower()}_refused BEFORE {deed} ON {table} {when}"
        f" BEGIN SELECT RAISE(ABORT, 'mithaq: {table} is append-only'); END"
    )


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION mithaq_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'mithaq: % is append-only', TG_TABLE_NAME; END $$"
    )
    for table in (*WRITTEN_ONCE, "log"):
        yield _postgresql_trigger(table, "DELETE", "ROW", "")
        yield _postgresql_trigger(table, "TRUNCATE", "STATEMENT", "")
    for table in WRITTEN_ONCE:
        yield _postgresql_trigger(table, "UPDATE", "ROW", "")
    yield _postgresql_trigger("log", "UPDATE", "ROW", f"WHEN ({_SHRINKS})")


def _postgresql_trigger(table: str, deed: str, each: str, when: str) -> str:
    return (
        f"CREATE TRIGGER {table}_{deed.lower()}_refused BEFORE {deed} ON {table} FOR EACH {each} {when}"
        " EXECUTE FUNCTION mithaq_append_only()"
    )
