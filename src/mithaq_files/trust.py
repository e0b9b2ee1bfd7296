"""What a verifier trusts beforehand: root keys, or one law by its digest or its spoken fingerprint."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mithaq.errors import Refusal
from mithaq.instrument import sealing
from mithaq.record import note

_DIGEST = re.compile(r"[0-9a-f]{32,64}")
_SPOKEN = re.compile(r"\d{30}")


@dataclass(frozen=True)
class Trust:
    """Nothing by default. `roots` are verifier keys; `digest` the beginning of a law's digest, hex; `spoken` its
    fingerprint in thirty digits."""

    roots: frozenset[str] = frozenset()
    digest: str = ""
    spoken: str = ""

    def names_law(self, law_bytes: bytes) -> bool:
        """Whether this is the law that was named."""
        if self.digest:
            return sealing.digest(law_bytes).startswith(self.digest)
        return bool(self.spoken) and sealing.fingerprint(law_bytes).replace(" ", "") == self.spoken

    def names_signers(self, text: bytes, signatures: Sequence[note.Signature], domain: str) -> bool:
        """Whether more than half of the root keys that were named for the party of `domain` have signed `text`.

        How many root keys make a seal stands in the law, and a law cannot vouch for itself: whoever holds one stolen
        key could write a law in which one is enough. So a party's seal counts here when most of its named keys made it.
        """
        named = [root for root in map(note.Verifier.parse, self.roots) if root.name.startswith(f"{domain}/root/")]
        signed = [root for root in named if any(root.verifies(text, signature) for signature in signatures)]
        return 2 * len(signed) > len(named)


def read(named: str) -> Trust:
    """What `--trust` names: a file of root keys (one verifier key a line), a law's digest or its fingerprint."""
    path = Path(named)
    if path.is_file():
        return Trust(roots=_roots(path))
    compact = named.replace(" ", "").lower()
    if _SPOKEN.fullmatch(compact) and compact.isascii():
        return Trust(spoken=compact)
    if _DIGEST.fullmatch(compact):
        return Trust(digest=compact)
    raise Refusal("verify.bad-trust", named=named[:200])


def _roots(path: Path) -> frozenset[str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("verify.bad-trust", named=str(path)) from error
    roots = frozenset(note.Verifier.parse(line.strip()).vkey() for line in lines if line.strip())
    if not roots:
        raise Refusal("verify.bad-trust", named=str(path))
    return roots
