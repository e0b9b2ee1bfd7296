"""The keys of one party, as its log says: a fold of its key-set leaves.

The law holds only the root keys. Leaf 0 of every log is the party's first key-set, signed by its root threshold; later
key-set leaves add and revoke (docs/spec/keys.md). A change takes effect from its own leaf on: a key added at index `i`
signs leaves and checkpoints from `i`, a key revoked `since` s signs nothing in leaves from `s` on. A leaf is judged by
where it stands in the log, whenever it arrives. One key never has two roles, and the name of a key says its role and
its party. That a registered key is held is shown to those who sign for the root (`mithaq.notices.registering`).
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import msgspec

from mithaq import recipients, signing
from mithaq.errors import Refusal
from mithaq.notices.envelope import Key, KeySet, Leaf, Revocation, Roots, RootSignature, key_set_text
from mithaq.record import note

NEVER = 2**63
ROLES = ("log", "cosigner", "node", "body", "tls", "officer")
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
    keys: Mapping[bytes, HeldKey] = field(default_factory=dict)
    """By the public key, in the order of registration."""
    log: str = ""
    """The origin of the log, once its first key-set has been applied."""
    roots: Roots | None = None
    """Root keys that a key-set leaf put in place of those in the law; None while the law's stand."""

    def apply(self, leaf: Leaf, index: int, roots: Roots) -> "KeyRing":
        """The ring after the key-set `leaf` at `index`; `roots` are those in the law.

        Refuses a leaf whose version does not follow, that too few root keys signed, that registers a name or a key
        twice or under a name that is not its role's, a key that is no sound point, or that revokes what is not there.
        """
        change, log = leaf.header.keyset, leaf.header.log
        if change is None:
            raise Refusal("keys.not-a-key-set")
        if self.log not in ("", log):
            raise Refusal("leaf.other-log", log=log[:200])
        if change.version != self.version + 1:
            raise Refusal("keys.wrong-version", expected=self.version + 1, found=change.version)
        check_signed(change, log, self.roots or roots)
        keys = _added(_revoked(self.keys, change.revoke, index), change.add, index, log)
        return replace(self, version=change.version, keys=keys, log=log, roots=change.roots or self.roots)

    def verifier(self, name: str, index: int) -> note.Verifier | None:
        """The verifier of the officer's key `name` for the leaf at `index`; None when none such counts there."""
        for key in self._officers.get(name, ()):
            if key.since <= index < key.until:
                return key.verifier
        return None

    def log_verifiers(self, size: int) -> list[note.Verifier]:
        """The keys that may sign a checkpoint of `size`: those that count for its last leaf."""
        return [key.verifier for key in self.counting("log", max(size, 1) - 1)]

    def counting(self, role: str, index: int) -> tuple[HeldKey, ...]:
        """The keys of a role that count for the leaf at `index`."""
        return tuple(key for key in self.keys.values() if key.role == role and key.since <= index < key.until)

    def named(self, name: str) -> tuple[HeldKey, ...]:
        """Every key that ever stood under this name, the oldest first."""
        return tuple(key for key in self.keys.values() if key.name == name)

    @property
    def log_verifier(self) -> note.Verifier:
        """The verifier of the log key that signs checkpoints now."""
        return self.current("log").verifier

    @property
    def cosigner(self) -> note.Verifier:
        """The verifier of the key with which this party cosigns the others' checkpoints."""
        return self.current("cosigner").verifier

    @property
    def node(self) -> note.Verifier:
        """The verifier of the key that signs this node's requests."""
        return self.current("node").verifier

    @property
    def body(self) -> bytes:
        """The X25519 key to which bodies for this party are sealed (`mithaq.recipients.recipient` names it for age)."""
        return self.current("body").public

    @property
    def tls(self) -> tuple[bytes, ...]:
        """SHA-256 of the public keys (SPKI) of the certificates that this node may show."""
        return tuple(key.public for key in self._current("tls"))

    @property
    def officers(self) -> tuple[str, ...]:
        """The names of the officers' keys that count now and are not to be revoked."""
        return tuple(key.name for key in self._current("officer"))

    def current(self, role: str) -> HeldKey:
        """The key of a role that has one key at a time; refuses a log that names none."""
        current = self._current(role)
        if not current:
            raise Refusal("keys.none-of-role", role=role)
        return current[-1]

    def _current(self, role: str) -> list[HeldKey]:
        return [key for key in self.keys.values() if key.role == role and key.until == NEVER]

    @cached_property
    def _officers(self) -> Mapping[str, list[HeldKey]]:
        found: dict[str, list[HeldKey]] = {}
        for key in self.keys.values():
            if key.role == "officer":
                found.setdefault(key.name, []).append(key)
        return found


def check_signed(change: KeySet, log: str, roots: Roots) -> None:
    """Refuse a change that too few of `roots` signed, or, where it brings new root keys, too few of the new ones."""
    text, signatures = key_set_text(log, change), signatures_of(change)
    check_threshold(text, signatures, roots)
    if change.roots is not None:
        check_threshold(text, signatures, change.roots)


def signatures_of(change: KeySet) -> tuple[note.Signature, ...]:
    """The signature lines that a key-set carries."""
    return tuple(note.Signature.from_base64(each.by, each.sig) for each in change.signed)


def with_signatures(change: KeySet, signatures: Iterable[note.Signature]) -> KeySet:
    """The change with these signature lines, each once, in the order they came."""
    lines = [RootSignature(by=each.name, sig=each.base64()) for each in dict.fromkeys(signatures)]
    return msgspec.structs.replace(change, signed=lines)


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


def _revoked(keys: Mapping[bytes, HeldKey], revocations: Iterable[Revocation], index: int) -> dict[bytes, HeldKey]:
    """What was signed before the revoking leaf stays signed: a revocation `since` an earlier leaf counts from here."""
    held = dict(keys)
    for revocation in revocations:
        named = [key for key in held.values() if key.name == revocation.name and key.until > index]
        if not named:
            raise Refusal("keys.unknown-key", name=revocation.name)
        if named[0].role != "officer" and revocation.since > index:
            raise Refusal("keys.revoked-ahead", name=revocation.name, since=revocation.since, index=index)
        for key in named:
            held[key.public] = replace(key, until=min(key.until, max(revocation.since, index)))
    return held


def _added(keys: Mapping[bytes, HeldKey], new: Iterable[Key], index: int, log: str) -> dict[bytes, HeldKey]:
    held = dict(keys)
    for entry in new:
        key = _read(entry, index, log)
        if any(before.name == key.name and before.until > index for before in held.values()):
            raise Refusal("keys.name-taken", name=key.name)
        if key.public in held:
            raise Refusal("keys.two-roles", name=key.name)
        held[key.public] = key
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
