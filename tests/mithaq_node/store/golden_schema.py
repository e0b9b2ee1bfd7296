"""Backups of databases as earlier versions of the tables had them, kept in tests/golden/schemas to try upgrades.

    python -m tests.mithaq_node.store.golden_schema     keep one of the tables as they are now

One is kept for every release, named after its last migration, and never made again: it is what is in the field.
"""

import hashlib
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parents[2] / "golden" / "schemas"
MANIFEST, ROWS = "mithaq-backup.json", "rows/"
_LENGTH_BYTES = 4


def kept() -> Sequence[Path]:
    """Every backup that is kept, the oldest first."""
    return sorted(FOLDER.glob("*.backup"))


def manifest_of(backup: Path) -> dict[str, object]:
    """What a backup says of itself."""
    with zipfile.ZipFile(backup) as archive:
        found: dict[str, object] = msgspec.json.decode(archive.read(MANIFEST))
    return found


def as_of(backup: Path, migrations: Sequence[str], columns: Mapping[str, Sequence[str]], out: Path) -> Path:
    """The same rows as tables of fewer migrations would have given them, in a backup of their own: what these have no
    place for is left out."""
    from mithaq import canonical

    with zipfile.ZipFile(backup) as archive, zipfile.ZipFile(out, "w") as older:
        said = msgspec.json.decode(archive.read(MANIFEST))
        said["migrations"] = list(migrations)
        for table, had in list(said["columns"].items()):
            places = [place for place, each in enumerate(had) if each in columns.get(table, ())]
            content = b"".join(_rows(archive.read(ROWS + table), places)) if places else None
            for known in ("columns", "rows") if content is None else ():
                del said[known][table]
            del said["members"][ROWS + table]
            if content is not None:
                said["columns"][table] = [had[place] for place in places]
                said["members"][ROWS + table] = hashlib.sha256(content).hexdigest()
                older.writestr(ROWS + table, content)
        for name in archive.namelist():
            if name != MANIFEST and not name.startswith(ROWS):
                older.writestr(name, archive.read(name))
        older.writestr(MANIFEST, canonical.encode(said) + b"\n")
    return out


def _rows(dumped: bytes, places: Sequence[int]) -> Iterator[bytes]:
    at = 0
    while at < len(dumped):
        end = at + _LENGTH_BYTES + int.from_bytes(dumped[at : at + _LENGTH_BYTES], "big")
        row = msgspec.msgpack.decode(dumped[at + _LENGTH_BYTES : end])
        encoded = msgspec.msgpack.encode([row[place] for place in places])
        yield len(encoded).to_bytes(_LENGTH_BYTES, "big") + encoded
        at = end


def make() -> Path:
    """Keep a backup of a small busy node under the migrations that there are now; never over one that is there."""
    from mithaq_node.services import backups, drafting, feeds, filing, releasing, tokens
    from mithaq_node.store.models import Officer
    from tests.mithaq_node import meadow

    now = meadow.NOW
    with tempfile.TemporaryDirectory() as scratch:
        node = meadow.settings_of(Path(scratch) / "ML", "ML")
        meadow.found(node)
        with meadow.standing_on(node):
            officers = meadow.officers()
            meadow.enter("ML")
            deeds: Sequence[Callable[[str], object]] = (
                lambda _: None,
                lambda draft: filing.file(draft_id=draft, officer=officers["duty"], secret=meadow.SECRET, now=now),
                lambda draft: releasing.release(
                    draft_id=draft, officer=officers["releasing"], secret=meadow.SECRET, now=now
                ),
            )
            for until in range(1, len(deeds) + 1):
                draft = drafting.save_draft(
                    officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=now
                )
                for deed in deeds[:until]:
                    deed(draft.id)
            feeds.publish(kind="flow.count", content=meadow.FLOW, now=now)
            tokens.make(officer=officers["duty"], label="a map", scopes=("read:features",), days=30)
            Officer.objects.filter(name="auditor desk").update(is_active=False)
            written = Path(scratch) / "backup"
            last = backups.write(node=node, out=written, now=now).migrations[-1]
        place = FOLDER / f"{last}.backup"
        if place.exists():
            raise SystemExit(f"{place.name} is kept already")
        FOLDER.mkdir(exist_ok=True)
        place.write_bytes(written.read_bytes())
    return place


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
    import django

    django.setup()
    sys.stdout.write(f"{make().name}\n")
