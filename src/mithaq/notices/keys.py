"""The keys of one party, as its log says: a fold of its key-set leaves.

The law holds only the root keys. Leaf 0 of every log is the party's first key-set, signed by its root threshold; later
key-set leaves add and revoke (docs/spec/keys.md). A change takes effect from its own leaf on: a key added at index `i`
signs leaves and checkpoints from `i`, a key revoked `since` s signs nothing in leaves from `s` on. One key never has
two roles, and the name of a key says its role and its party.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from mithaq import recipients, signing
from mithaq.errors import Refusal
from mithaq.notices.envelope import Key, KeySet, Leaf, Revocation, Roots
from mithaq.record import note

NEVER = 2**63
_SHA256_BYTES = 32


@dataclass(frozen=True)
class HeldKey:
    """A key with its life: it counts for the leaves `since <= index < until`."""

    name: str
    role: str
    public: bytes
    """The Ed25519 key; for `body` an X25519 key, for `tls` the SHA-256 of the certificate's public key (SPKI)."""
    since: int
    until: int = NEVER

    @cached_property
    def verifier(self) -> note.Verifier:
        """The key as one that checks signature lines."""
        return note.Verifier(self.name, note.COSIGNATURE if self.role == "cosigner" else note.ED25519, self.public)


@dataclass(frozen=True)
class KeyRing:
    """Every key a party ever registered in one log, and its root keys now. Start from `KeyRing()` and `apply`."""

    version: int = 0
    keys: Mapping[str, HeldKey] = field(default_factory=dict)
    roots: Roots | None = None
    """Root keys that a key-set leaf put in place of those in the law; None while the law's stand."""

    def apply(self, leaf: Leaf, index: int, roots: Roots) -> "KeyRing":
        """The ring after the key-set `leaf` at `index`; `roots` are those in the law.

        Refuses a leaf whose version does not follow, that too few root keys signed, that registers a name or a key
        twice or under a name that is not its role's, or that revokes what is not there or backwards.
        """
        change = leaf.header.keyset
        if change is None:
            raise Refusal("keys.not-a-key-set")
        if change.version != self.version + 1:
            raise Refusal("keys.wrong-version", expected=self.version + 1, found=change.version)
        check_threshold(leaf.text, leaf.signatures, self.roots or roots)
        if change.roots is not None:
            check_threshold(leaf.text, leaf.signatures, change.roots)
        keys = _revoked(_added(self.keys, change, index, leaf.header.log), change.revoke, index)
        return replace(self, version=change.version, keys=keys, roots=change.roots or self.roots)

    def verifier(self, name: str, index: int) -> note.Verifier | None:
        """The verifier of the officer's key `name` for the leaf at `index`; None when none such counts there."""
        key = self.keys.get(name)
        return key.verifier if key and key.role == "officer" and key.since <= index < key.until else None

    @property
    def log_verifier(self) -> note.Verifier:
        """The verifier of the log key that signs checkpoints now."""
        return self._only("log").verifier

    @property
    def cosigner(self) -> note.Verifier:
        """The verifier of the key with which this party cosigns the others' checkpoints."""
        return self._only("cosigner").verifier

    @property
    def node(self) -> note.Verifier:
        """The verifier of the key that signs this node's requests."""
        return self._only("node").verifier

    @property
    def body(self) -> bytes:
        """The X25519 key to which bodies for this party are sealed (`mithaq.recipients.recipient` names it for age)."""
        return self._only("body").public

    @property
    def tls(self) -> tuple[bytes, ...]:
        """SHA-256 of the public keys (SPKI) of the certificates that this node may show."""
        return tuple(key.public for key in self._current("tls"))

    @property
    def officers(self) -> tuple[str, ...]:
        """The names of the officers' keys that count now."""
        return tuple(key.name for key in self._current("officer"))

    def _current(self, role: str) -> list[HeldKey]:
        return [key for key in self.keys.values() if key.role == role and key.until == NEVER]

    def _only(self, role: str) -> HeldKey:
        current = self._current(role)
        if not current:
            raise Refusal("keys.none-of-role", role=role)
        return current[-1]


def check_threshold(text: bytes, signatures: tuple[note.Signature, ...], roots: Roots) -> None:
    """Refuse a text that fewer than the threshold of root keys signed."""
    signers = set()
    for vkey in set(roots.keys):
        verifier = note.Verifier.parse(vkey)
        if any(verifier.verifies(text, signature) for signature in signatures):
            signers.add(verifier.public)
    if len(signers) < max(1, roots.threshold):
        raise Refusal("keys.too-few-roots", found=len(signers), needed=max(1, roots.threshold))


def key_of(name: str, role: str, public: bytes) -> Key:
    """The entry of a key-set leaf that registers `public` under `name`."""
    return Key(name=name, role=role, key=b64encode(public).decode())


def expected_name(role: str, log: str) -> str:
    """How a key of this role must be called in `log`; for officers, how its name must begin."""
    domain, instrument = log.split("/")[:2]
    names = {
        "log": log,
        "cosigner": f"{domain}/{instrument}/cosigner",
        "node": f"{domain}/node",
        "officer": f"{domain}/officer/",
        "tls": f"{domain}/tls",
        "body": f"{domain}/body",
    }
    if role not in names:
        raise Refusal("keys.unknown-role", role=role)
    return names[role]


def _added(keys: Mapping[str, HeldKey], change: KeySet, index: int, log: str) -> dict[str, HeldKey]:
    held = dict(keys)
    publics = {key.public for key in held.values()}
    for new in change.add:
        key = _read(new, index, log)
        before = held.get(key.name)
        if before is not None and not _is_revoked_here(before, change.revoke):
            raise Refusal("keys.name-taken", name=key.name)
        if key.public in publics:
            raise Refusal("keys.two-roles", name=key.name)
        if before is not None:
            held[f"{before.name}#{before.since}"] = replace(before, until=index)
        publics.add(key.public)
        held[key.name] = key
    return held


def _read(new: Key, index: int, log: str) -> HeldKey:
    expected = expected_name(new.role, log)
    numbered = new.role == "officer"
    if new.name != expected and not (numbered and _is_numbered(new.name, expected)):
        raise Refusal("keys.wrong-name", name=new.name, role=new.role, expected=expected)
    public = note.decode_base64(new.key.encode())
    if new.role == "tls":
        if len(public) != _SHA256_BYTES:
            raise Refusal("keys.bad-pin", name=new.name)
    elif new.role == "body":
        recipients.check_body_key(public)
    else:
        signing.check_public_key(public)
    return HeldKey(new.name, new.role, public, index)


def _is_numbered(name: str, prefix: str) -> bool:
    number = name.removeprefix(prefix)
    return name.startswith(prefix) and number.isascii() and number.isdigit() and number == str(int(number))


def _is_revoked_here(key: HeldKey, revocations: list[Revocation]) -> bool:
    return key.until != NEVER or any(revocation.name == key.name for revocation in revocations)


def _revoked(keys: dict[str, HeldKey], revocations: list[Revocation], index: int) -> dict[str, HeldKey]:
    for revocation in revocations:
        key = keys.get(revocation.name)
        if key is None:
            raise Refusal("keys.unknown-key", name=revocation.name)
        if revocation.since < index:
            raise Refusal("keys.revoked-backwards", name=revocation.name, since=revocation.since, index=index)
        if key.since != index:
            keys[revocation.name] = replace(key, until=min(key.until, revocation.since))
    return keys
