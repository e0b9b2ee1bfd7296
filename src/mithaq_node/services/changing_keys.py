"""Changing keys: a new key beside the old one until a key-set names it, and the end of one that is revoked.

A key of the node is made here and waits: the node signs with whatever its own log names at the leaf in question, so the
change happens at the leaf of the key-set that registers the new key, on both sides at the same place.
"""

from dataclasses import dataclass

from django.conf import settings

from mithaq.errors import Refusal
from mithaq.instrument.sealing import fingerprint
from mithaq.moments import Moment
from mithaq.notices import numbers
from mithaq.notices.envelope import Revocation, Roots
from mithaq.notices.keys import NEVER, HeldKey
from mithaq.record import note
from mithaq_files.fingerprints import in_words
from mithaq_node import queries
from mithaq_node.keystore import custody, tls
from mithaq_node.queries.reading import reader
from mithaq_node.services import accounts, entering, rings, sequencing
from mithaq_node.store import log as record
from mithaq_node.store.models import Officer

ROTATED = (*custody.SEEDS, custody.TLS)


@dataclass(frozen=True)
class Listed:
    """A key as a log tells of it, in a log of `size` leaves."""

    key: HeldKey
    size: int

    @property
    def counts(self) -> bool:
        """Whether the next leaf may be signed with it."""
        return self.key.since <= self.size < self.key.until

    @property
    def until(self) -> int | None:
        return None if self.key.until == NEVER else self.key.until

    @property
    def document(self) -> bytes:
        """What a fingerprint of the key is taken of: its role, its name and the key itself."""
        return f"{self.key.role} {self.key.name}\n{self.key.public.hex()}\n".encode()

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.document)

    @property
    def words(self) -> dict[str, str]:
        return in_words(self.document)


def keys_of(party: str = "", audience: str = numbers.ALL) -> list[Listed]:
    """Every key that the log of a party (this one, without a name) for an audience ever registered, the oldest
    first."""
    law = queries.law()
    origin = sequencing.own_origin(audience) if not party else law.origin(party, audience)
    conn, engine = reader()
    log = record.find(conn, engine, origin)
    if log is None:
        raise Refusal("keyset.missing", log=origin)
    return [Listed(key, log.size) for key in rings.ring_of(conn, engine, queries.first(), log).keys.values()]


def named(name: str) -> list[Listed]:
    """The keys that ever stood under a name, in any log that this node holds; refuses a name that none has."""
    found = [each for party in queries.law().parties for each in _held(party.code) if each.key.name == name]
    if not found:
        raise Refusal("keys.unknown-key", name=name[:200])
    return found


def rotate(role: str, now: Moment) -> str:
    """Make the next key of a role of this node; how it is called. The next drafted key-set registers it.

    A TLS key is shown as soon as the node serves again, so the counterpart takes the new card first.
    """
    if role not in ROTATED:
        raise Refusal("keys.unknown-role", role=role[:40])
    folder = settings.NODE.keys
    if role == custody.TLS:
        _replace_certificate(now)
    else:
        custody.follow(folder, role)
    return role


def revocation(name: str, since: int | None, audience: str = numbers.ALL) -> bytes:
    """The file of a key-set that ends the key `name` in an audience's log at the size `since`, or with its own leaf;
    for the root keys.

    A node's own key is replaced, never only ended. An officer whose key ends at once is shut out at once.
    """
    ring, size = entering.ring_of_own(sequencing.own_origin(audience))
    held = [key for key in ring.named(name) if key.until > size]
    if not held:
        raise Refusal("keys.unknown-key", name=name[:200])
    if held[-1].role != "officer":
        raise Refusal("keyset.rotate-instead", name=name, role=held[-1].role)
    if since is None or since <= size:
        for officer in Officer.objects.filter(key_name=name, is_active=True):
            accounts.disable(officer=officer)
    return entering.draft_key_set(
        revoke=[Revocation(name=name, since=size if since is None else since)], audience=audience
    )


def new_roots(keys: list[str], threshold: int) -> bytes:
    """The file of a key-set that puts these verifier keys in place of the root keys; the old and the new ones sign."""
    domain = queries.own_party().domain
    for vkey in keys:
        name = note.Verifier.parse(vkey).name
        if not name.startswith(f"{domain}/root/"):
            raise Refusal("keys.wrong-name", name=name[:200], role="root", expected=f"{domain}/root/")
    if not 0 < threshold <= len(set(keys)):
        raise Refusal("keys.too-few-roots", found=len(set(keys)), needed=threshold)
    return entering.draft_key_set(roots=Roots(keys=keys, threshold=threshold))


def _held(party: str) -> list[Listed]:
    try:
        return keys_of(party)
    except Refusal:
        return []


def _replace_certificate(now: Moment) -> None:
    folder = settings.NODE.keys
    hosts = tls.hosts((folder / custody.TLS_CERTIFICATE).read_bytes())
    domain = queries.own_party().domain
    private, certificate = tls.self_signed(domain, hosts, now, custody.tls_password(folder))
    for name, content in ((custody.TLS_KEY, private), (custody.TLS_CERTIFICATE, certificate)):
        beside = folder / f"{name}.new"
        beside.unlink(missing_ok=True)
        custody.write_private(beside, content)
        beside.replace(folder / name)
