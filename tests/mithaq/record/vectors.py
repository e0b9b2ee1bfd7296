"""Published test vectors by people who never saw our code; they lie beside the checkout, not in it.

A test that reads them is skipped, with the reason printed, where they are absent.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "record-vectors"
REASON = "the published vectors are not beside this checkout (../shared/record-vectors)"


def present() -> bool:
    return FOLDER.is_dir()


def read(path: str) -> Any:
    """The JSON document at `path` among the vectors."""
    return json.loads((FOLDER / path).read_bytes())


def raw(path: str) -> bytes:
    return (FOLDER / path).read_bytes()


def cases(load: Callable[[], Iterable[tuple[str, Any]]]) -> list[Any]:
    """Parameters with their names, or one that is skipped with the reason."""
    if not present():
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=REASON))]
    return [pytest.param(case, id=name) for name, case in load()]


def files(folder: str) -> Iterator[tuple[str, Any]]:
    """Every JSON document below `folder`, by its path."""
    for path in sorted((FOLDER / folder).rglob("*.json")):
        yield path.relative_to(FOLDER / folder).as_posix(), json.loads(path.read_bytes())


needed = pytest.mark.skipif(not present(), reason=REASON)
"""For a test that reads one document."""
