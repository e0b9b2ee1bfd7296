"""The proof of one notice as a file that can be checked alone (docs/spec/export.md, "One notice").

It is a tlog-proof file whose `extra` is canonical JSON with what else is needed. Nothing in `extra` is believed for
standing there: the entry is hashed and proven, the key-sets carry the signatures of root keys, the facts are held to
the commitment in the entry, and root keys count only when they are named by whoever checks.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices.envelope import Roots
from mithaq.record import note
from mithaq.record.proof import Proof


class _Extra(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    entry: str
    keysets: list[tuple[int, str]]
    roots: Roots
    facts: tuple[str, str] | None = None
    parts: list[tuple[int, str, str]] = []


_decoder = msgspec.json.Decoder(_Extra)


@dataclass(frozen=True)
class Evidence:
    """What a proof file carries besides the proof: the entry, the key-sets of its log with their indexes, the root keys
    that signed them, the salt and body of its facts where they are held, and of other parts that are disclosed."""

    entry: bytes
    keysets: Sequence[tuple[int, bytes]]
    roots: Roots
    facts: tuple[bytes, bytes] | None = None
    parts: Sequence[tuple[int, bytes, bytes]] = ()
    """Number, salt and body."""

    def encode(self) -> bytes:
        """The bytes that stand in `extra`."""
        facts = None if self.facts is None else (_word(self.facts[0]), _word(self.facts[1]))
        keysets = [(index, _word(leaf)) for index, leaf in self.keysets]
        parts = [(number, _word(salt), _word(body)) for number, salt, body in self.parts]
        return canonical.encode(
            _Extra(entry=_word(self.entry), keysets=keysets, roots=self.roots, facts=facts, parts=parts)
        )


def encode(index: int, hashes: Sequence[bytes], signed: bytes, evidence: Evidence) -> bytes:
    """The proof file of the entry at `index` under the signed checkpoint."""
    return Proof(index, tuple(hashes), signed, evidence.encode()).encode()


def of(proof: Proof) -> Evidence:
    """The evidence in a proof file; refuses a proof without, as other logs write them."""
    if proof.extra is None:
        raise Refusal("proof.no-evidence")
    try:
        extra = _decoder.decode(proof.extra)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refusal("proof.no-evidence") from error
    keysets = tuple((index, note.decode_base64(word.encode())) for index, word in extra.keysets)
    facts = None
    if extra.facts is not None:
        facts = (note.decode_base64(extra.facts[0].encode()), note.decode_base64(extra.facts[1].encode()))
    parts = [
        (number, note.decode_base64(salt.encode()), note.decode_base64(body.encode()))
        for number, salt, body in extra.parts
    ]
    return Evidence(note.decode_base64(extra.entry.encode()), keysets, extra.roots, facts, parts)


def _word(content: bytes) -> str:
    return b64encode(content).decode()
