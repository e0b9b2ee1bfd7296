"""What all zip archives share that this program reads and writes: cases, backups, papers, versions of texts."""

import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import Final

DAMAGES: Final = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError)
"""What reading a damaged archive may raise; RuntimeError where a changed bit says that a member is encrypted."""
_OLDEST: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every member, the oldest that an archive can say: a file is of what it holds, not of the day on which it
was written."""


def packed(members: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of these members in their order; equal members give equal bytes."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, _OLDEST), content, zipfile.ZIP_DEFLATED)
    return into.getvalue()
