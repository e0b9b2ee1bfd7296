"""The triggers that keep the record, the watch log and the papers of shifts append-only, in the words of each engine.

They guard against a mistaken program and a careless administrator, not against one who drops triggers: the proofs and
the counterpart's cosignatures do that.
"""

from collections.abc import Iterator, Sequence

_FIRST = ("entry", "part", "key_set", "tile", "cosignature", "evidence")
OF_A_SHIFT = ("shift", "handing", "watch_line")
WRITTEN_ONCE = (*_FIRST, "erasure", "volume", *OF_A_SHIFT)
"""Tables whose rows are never changed and never deleted, but for parts that an `erased` leaf of ours names, and leaves
and facts that lie in a volume."""
INSIDE = ("arrangement", "assignment", "remark", "registration", "escalation")
"""Tables of the party's own remarks and hands, which are added to and never changed."""
TICKED = ("tick",)
"""The ticks of its checklists, which are too."""
WARNED = ("look_setting", "look", "warned", "outcome")
"""The ledger of its warnings, which is too."""

_SHRINKS = (
    "NEW.origin <> OLD.origin OR NEW.own <> OLD.own OR NEW.size < OLD.size OR NEW.last_at < OLD.last_at"
    " OR (NEW.size = OLD.size AND NEW.root <> OLD.root)"
)


_NAMED = (
    "EXISTS (SELECT 1 FROM erasure WHERE erasure.log_id = OLD.log_id AND erasure.retention = OLD.retention"
    ' AND erasure.size > OLD."index")'
)
"""Whether the part that goes is one that our own log says is erased."""

_SEALED = 'EXISTS (SELECT 1 FROM volume WHERE volume.log_id = OLD.log_id AND volume.number = OLD."index" / 256)'
"""Whether a volume holds the tile of the row that goes."""
_ENTRY_SEALED = (
    f'OLD."index" >= 0 AND {_SEALED}'
    ' AND NOT EXISTS (SELECT 1 FROM key_set WHERE key_set.log_id = OLD.log_id AND key_set."index" = OLD."index")'
    ' AND NOT EXISTS (SELECT 1 FROM erasure WHERE erasure.by_log_id = OLD.log_id AND erasure.by_index = OLD."index")'
)
"""Whether the leaf that goes lies in a volume, and no index of the store names it."""
_PART_GOES = f"({_NAMED} OR (OLD.retention = 'facts' AND OLD.number = 0 AND OLD.month = '' AND {_SEALED}))"
_OF_ITS_TILE = (
    "EXISTS (SELECT 1 FROM tile WHERE tile.log_id = NEW.log_id AND tile.level = 0 AND tile.number = NEW.number"
    " AND tile.root = NEW.root)"
)
"""Whether the volume that comes is of a full tile."""

_SAID = (
    "NEW.retention <> 'facts' AND EXISTS (SELECT 1 FROM log AS by_log"
    ' JOIN entry ON entry.log_id = by_log.id AND entry."index" = NEW.by_index'
    " JOIN log AS about ON about.id = NEW.log_id"
    " WHERE by_log.id = NEW.by_log_id AND by_log.own AND {found})"
)
_LINE = """'{"class":"' || NEW.retention || '","log":"' || about.origin || '","size":' || NEW.size || '}'"""
"""One line of an `erased` leaf, as its canonical header spells it."""


def statements(vendor: str) -> Sequence[str]:
    """The statements that put the triggers in place on `sqlite` or `postgresql`."""
    return tuple(_sqlite() if vendor == "sqlite" else _postgresql())


def erasing(vendor: str) -> Sequence[str]:
    """The statements that let a part go where the index of erasures names it, and guard that index."""
    return tuple(_sqlite_erasing() if vendor == "sqlite" else _postgresql_erasing())


def sealing(vendor: str) -> Sequence[str]:
    """The statements that let leaves and facts go where a volume of their tile stands, and guard the volumes."""
    return tuple(_sqlite_sealing() if vendor == "sqlite" else _postgresql_sealing())


def added_only(vendor: str, tables: Sequence[str]) -> Sequence[str]:
    """The statements that guard `tables` of what the party keeps for itself as the record is guarded."""
    if vendor == "sqlite":
        return tuple(_sqlite_trigger(table, deed, "") for table in tables for deed in ("UPDATE", "DELETE"))
    deeds = (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
    return tuple(_postgresql_trigger(table, deed, each, "") for table in tables for deed, each in deeds)


def _sqlite() -> Iterator[str]:
    for table in _FIRST:
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
    for table in (*_FIRST, "log"):
        yield _postgresql_trigger(table, "DELETE", "ROW", "")
        yield _postgresql_trigger(table, "TRUNCATE", "STATEMENT", "")
    for table in _FIRST:
        yield _postgresql_trigger(table, "UPDATE", "ROW", "")
    yield _postgresql_trigger("log", "UPDATE", "ROW", f"WHEN ({_SHRINKS})")


def _postgresql_trigger(table: str, deed: str, each: str, when: str) -> str:
    return (
        f"CREATE TRIGGER {table}_{deed.lower()}_refused BEFORE {deed} ON {table} FOR EACH {each} {when}"
        " EXECUTE FUNCTION mithaq_append_only()"
    )


def _sqlite_erasing() -> Iterator[str]:
    yield "DROP TRIGGER part_delete_refused"
    yield _sqlite_trigger("part", "DELETE", f"WHEN NOT {_NAMED}")
    for deed in ("UPDATE", "DELETE"):
        yield _sqlite_trigger("erasure", deed, "")
    said = _SAID.format(found=f"instr(entry.leaf, CAST({_LINE} AS BLOB)) > 0")
    yield (
        f"CREATE TRIGGER erasure_insert_checked BEFORE INSERT ON erasure WHEN NOT ({said})"
        " BEGIN SELECT RAISE(ABORT, 'mithaq: no leaf of ours says so'); END"
    )


def _postgresql_erasing() -> Iterator[str]:
    yield (
        "CREATE FUNCTION mithaq_part_goes() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF {_NAMED} THEN RETURN OLD; END IF;"
        " RAISE EXCEPTION 'mithaq: % is append-only', TG_TABLE_NAME; END $$"
    )
    yield "DROP TRIGGER part_delete_refused ON part"
    yield ("CREATE TRIGGER part_delete_refused BEFORE DELETE ON part FOR EACH ROW EXECUTE FUNCTION mithaq_part_goes()")
    for deed, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        yield _postgresql_trigger("erasure", deed, each, "")
    said = _SAID.format(found=f"position(convert_to({_LINE}, 'UTF8') IN entry.leaf) > 0")
    yield (
        "CREATE FUNCTION mithaq_erasure_said() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF {said} THEN RETURN NEW; END IF;"
        " RAISE EXCEPTION 'mithaq: no leaf of ours says so'; END $$"
    )
    yield (
        "CREATE TRIGGER erasure_insert_checked BEFORE INSERT ON erasure FOR EACH ROW"
        " EXECUTE FUNCTION mithaq_erasure_said()"
    )


def _sqlite_sealing() -> Iterator[str]:
    for table, goes in (("entry", _ENTRY_SEALED), ("part", _PART_GOES)):
        yield f"DROP TRIGGER {table}_delete_refused"
        yield _sqlite_trigger(table, "DELETE", f"WHEN NOT ({goes})")
    for deed in ("UPDATE", "DELETE"):
        yield _sqlite_trigger("volume", deed, "")
    yield (
        f"CREATE TRIGGER volume_insert_checked BEFORE INSERT ON volume WHEN NOT {_OF_ITS_TILE}"
        " BEGIN SELECT RAISE(ABORT, 'mithaq: no tile has this root'); END"
    )


def _postgresql_sealing() -> Iterator[str]:
    for table, goes in (("entry", _ENTRY_SEALED), ("part", _PART_GOES)):
        yield (
            f"CREATE OR REPLACE FUNCTION mithaq_{table}_goes() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF {goes} THEN RETURN OLD; END IF;"
            " RAISE EXCEPTION 'mithaq: % is append-only', TG_TABLE_NAME; END $$"
        )
    yield "DROP TRIGGER entry_delete_refused ON entry"
    yield (
        "CREATE TRIGGER entry_delete_refused BEFORE DELETE ON entry FOR EACH ROW EXECUTE FUNCTION mithaq_entry_goes()"
    )
    for deed, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        yield _postgresql_trigger("volume", deed, each, "")
    yield (
        "CREATE FUNCTION mithaq_volume_of_a_tile() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF {_OF_ITS_TILE} THEN RETURN NEW; END IF;"
        " RAISE EXCEPTION 'mithaq: no tile has this root'; END $$"
    )
    yield (
        "CREATE TRIGGER volume_insert_checked BEFORE INSERT ON volume FOR EACH ROW"
        " EXECUTE FUNCTION mithaq_volume_of_a_tile()"
    )
    yield "ALTER TABLE volume ALTER COLUMN packed SET STORAGE EXTERNAL"  # it is compressed already
