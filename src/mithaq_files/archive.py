"""What all zip archives share that this program reads and writes: cases, backups, papers, versions of texts."""

import zipfile
import zlib
from typing import Final

DAMAGES: Final = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError)
"""What reading a damaged archive may raise; RuntimeError where a changed bit says that a member is encrypted."""
