"""The package around a document of a word processor (.docx): ECMA-376, Open Packaging Conventions."""

from collections.abc import Mapping
from typing import Final

from mithaq_files import archive

SPACE: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
"""The namespace of WordprocessingML."""
HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DOCUMENT: Final = "word/document.xml"

RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
"""The namespace in which a document names its other parts."""
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_KIND: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def package(document: str, beside: Mapping[str, str] | None = None) -> bytes:
    """The file of a document. `beside` maps styles, header and footer to their part; the document names the n-th of
    them `rId<n>`. Equal parts give equal bytes."""
    others = dict(beside or {})
    files = {kind: f"{kind}.xml" for kind in others}
    types = "".join(
        f'<Override PartName="/word/{name}" ContentType="{_KIND}.{kind}+xml"/>' for kind, name in files.items()
    )
    members = {
        "[Content_Types].xml": (
            f'{HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/{DOCUMENT}" ContentType="{_KIND}.document.main+xml"/>{types}</Types>'
        ),
        "_rels/.rels": _relations({"officeDocument": DOCUMENT}),
        "word/_rels/document.xml.rels": _relations(files),
        **{f"word/{files[kind]}": content for kind, content in others.items()},
        DOCUMENT: document,
    }
    return archive.packed((name, content.encode()) for name, content in members.items())


def _relations(named: Mapping[str, str]) -> str:
    each = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(named.items(), start=1)
    )
    return f'{HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'
