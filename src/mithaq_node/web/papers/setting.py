"""Setting a paper: a typst template of this folder, its values as JSON, and the letters built with the desk."""

import json
import tempfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from mithaq.errors import Refusal

_HERE = resources.files("mithaq_node.web.papers")
_LETTERS = resources.files("mithaq_node.web").joinpath("static", "built", "papers")


def pdf(template: str, values: Mapping[str, Any], attached: Mapping[str, bytes] | None = None) -> bytes:
    """The PDF of a template: PDF/A-2b, or PDF/A-3b with the files `attached`; equal values give equal bytes.

    Refuses where typst is not installed.
    """
    try:
        import typst
    except ImportError as error:
        raise Refusal("case.no-papers") from error
    with tempfile.TemporaryDirectory(prefix="mithaq-paper-") as folder:
        root = Path(folder)
        for name in ("shared.typ", template):
            (root / name).write_bytes(_HERE.joinpath(name).read_bytes())
        for name, content in (attached or {}).items():
            (root / name).write_bytes(content)
        (root / "values.json").write_text(json.dumps(values, ensure_ascii=False), "utf-8")
        with resources.as_file(_LETTERS) as letters:
            made: bytes = typst.compile(
                root / template,
                root=root,
                font_paths=[letters],
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards="a-3b" if attached else "a-2b",
                timestamp=0,
            )
    return made
