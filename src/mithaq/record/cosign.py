"""Cosignatures (C2SP tlog-cosignature, Ed25519): as of a moment, the largest consistent head someone has seen.

The cosigner of an instrument's log is a counterpart that holds every entry below the head. The cosigned message does
not hold the cosigner's name, so every cosigning role has a key of its own.
"""

from mithaq.errors import Refusal
from mithaq.record import note
from mithaq.signing import PrivateKey


def cosign(checkpoint_text: bytes, name: str, key: PrivateKey, seconds: int) -> note.Signature:
    """The cosignature of a checkpoint at `seconds` since 1970 (UTC)."""
    note.check_name(name)
    note.check_text(checkpoint_text)
    if not 0 < seconds <= note.LATEST_MOMENT:
        raise Refusal("cosignature.bad-moment", seconds=seconds)
    verifier = note.Verifier(name, note.COSIGNATURE, key.public)
    blob = seconds.to_bytes(note.MOMENT_BYTES, "big") + key.sign(note.cosigned_text(checkpoint_text, seconds))
    return note.Signature(name, verifier.key_id, blob)


def moment(signature: note.Signature) -> int:
    """The moment in a cosignature, in seconds since 1970 (UTC)."""
    if len(signature.blob) <= note.MOMENT_BYTES:
        raise Refusal("cosignature.malformed", name=signature.name)
    return int.from_bytes(signature.blob[: note.MOMENT_BYTES], "big")


def verify_cosignature(checkpoint_text: bytes, signature: note.Signature, verifier: note.Verifier) -> int:
    """The moment of a cosignature by `verifier`; refuses one that is not."""
    if verifier.kind != note.COSIGNATURE or not verifier.verifies(checkpoint_text, signature):
        raise Refusal("cosignature.bad-signature", name=signature.name)
    return moment(signature)
