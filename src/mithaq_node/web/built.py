"""The files that are built for the browser: each has its digest in its name, so that it is kept there for ever."""

import json
from functools import cache
from pathlib import Path

BUILT = Path(__file__).parent / "static" / "built"


def name(plain: str) -> str:
    """What the built file `desk.css` is called, such as `desk-2F4A6C8E.css`."""
    return _names()[plain]


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = json.loads((BUILT / "built.json").read_text(encoding="ascii"))["names"]
    return names
