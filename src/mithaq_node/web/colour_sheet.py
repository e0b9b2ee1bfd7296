"""The parties' colours as the instrument names them: a style sheet, because a page has no style of its own."""

import hashlib
import re
from collections.abc import Iterable

from mithaq.instrument.law import Party

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_CODE = re.compile(r"[A-Z]{2,3}")


def sheet(parties: Iterable[Party]) -> str:
    """`--party` on elements of class `party-CODE`. In the dark a colour is lightened, so that it stays apart from the
    sheet."""
    return "\n".join(
        f".party-{party.code}{{--party:{party.colour}}}"
        f"@media(prefers-color-scheme:dark){{:root:not([data-theme=light]) .party-{party.code}"
        f"{{--party:color-mix(in srgb,{party.colour} 62%,white)}}}}"
        f":root[data-theme=dark] .party-{party.code}{{--party:color-mix(in srgb,{party.colour} 62%,white)}}"
        for party in parties
        if _COLOUR.fullmatch(party.colour) and _CODE.fullmatch(party.code)
    )


def version(parties: Iterable[Party]) -> str:
    """A few letters that change when the colours do."""
    return hashlib.sha256(sheet(parties).encode()).hexdigest()[:8]
