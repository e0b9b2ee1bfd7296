"""A key-set on its way to the root keys and back: the change, and the proof that each new key is held.

    {"change": {…}, "log": origin, "proofs": {name: base64}}

The proofs are for those who sign and for the node that enters: neither goes on without them. They are not logged: the
root keys vouch for what they sign, and a leaf of 4 KiB holds twice as many keys without (docs/decisions/0052).
"""

from base64 import b64encode

import msgspec

from mithaq import canonical, recipients, signing
from mithaq.errors import Refusal
from mithaq.notices.envelope import Key, KeySet, key_set_text
from mithaq.notices.keys import key_of, signatures_of, with_signatures
from mithaq.record import note
from mithaq.signing import PUBLIC_BYTES, PrivateKey

MOST_BYTES = 65_536


class Registered(msgspec.Struct, frozen=True):
    """A key as it is registered: the entry of the key-set, and the proof that it is held (empty for tls)."""

    key: Key
    proof: bytes


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A change of the keys of the log `log`, with the signatures it has so far and the proofs by key name."""

    log: str
    change: KeySet
    proofs: dict[str, str]

    def encode(self) -> bytes:
        """The bytes of the file that is carried to the root keys."""
        return canonical.encode_trusted(self) + b"\n"

    @property
    def text(self) -> bytes:
        """What the root keys sign."""
        return key_set_text(self.log, self.change)


def draft(log: str, change: KeySet, registered: list[Registered]) -> Draft:
    """The change with `registered` added."""
    change = msgspec.structs.replace(change, add=[each.key for each in registered])
    proofs = {each.key.name: b64encode(each.proof).decode() for each in registered if each.proof}
    return Draft(log=log, change=change, proofs=proofs)


def read(encoded: bytes) -> Draft:
    """The draft in a file; refuses every byte sequence that is not exactly that form, and a key that is not shown to be
    held (`keys.not-held`)."""
    if len(encoded) > MOST_BYTES:
        raise Refusal("keys.not-a-key-set")
    try:
        found = msgspec.json.decode(encoded, type=Draft)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Refusal("keys.not-a-key-set") from error
    if found.encode() != encoded:
        raise Refusal("keys.not-a-key-set")
    for key in found.change.add:
        check_held(key, note.decode_base64(found.proofs.get(key.name, "").encode()))
    return found


def sign(draft: Draft, name: str, key: PrivateKey) -> Draft:
    """The draft with the signature of the root key `name` added; signing twice adds nothing."""
    lines = (*signatures_of(draft.change), note.sign(draft.text, name, key))
    return msgspec.structs.replace(draft, change=with_signatures(draft.change, lines))


def registration(name: str, role: str, key: PrivateKey) -> Registered:
    """`key` under `name`, with the proof that it is held; for every role but tls."""
    public = recipients.body_key(key) if role == "body" else key.public
    return Registered(key_of(name, role, public), possession(name, role, key))


def possession(name: str, role: str, key: PrivateKey) -> bytes:
    """The proof that `key` is held: its signature over role, name and public key. A body key does not sign, so its
    proof begins with the Ed25519 key that it was made from."""
    if role == "body":
        return key.public + key.sign(_text(name, role, recipients.body_key(key)))
    return key.sign(_text(name, role, key.public))


def check_held(key: Key, proof: bytes) -> None:
    """Refuse a key without the proof that only its holder can make; a TLS key is shown to be held at a handshake."""
    public = note.decode_base64(key.key.encode())
    if key.role == "tls":
        held = not proof
    elif key.role == "body":
        held = _is_body_held(public, proof[:PUBLIC_BYTES], proof[PUBLIC_BYTES:], _text(key.name, key.role, public))
    else:
        signing.check_public_key(public)
        held = signing.verifies(public, _text(key.name, key.role, public), proof)
    if not held:
        raise Refusal("keys.not-held", name=key.name)


def _is_body_held(public: bytes, signer: bytes, signature: bytes, text: bytes) -> bool:
    try:
        signing.check_public_key(signer)
        return recipients.body_key_of(signer) == public and signing.verifies(signer, text, signature)
    except Refusal:
        return False


def _text(name: str, role: str, public: bytes) -> bytes:
    return f"mithaq/possession/v1\n{role} {name}\n{b64encode(public).decode()}\n".encode()
