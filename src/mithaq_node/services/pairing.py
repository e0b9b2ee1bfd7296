"""Pairing: each node gives the other a card, once, and people compare two fingerprints over another road.

A card says where the door is, which TLS certificate stands behind it, and with which key the node signs its requests
before its key-set has been seen. Root keys stand in the law both sides sealed; a card that names others is refused, and
so is one for another instrument.
"""

from pathlib import Path

import msgspec
from cryptography import x509

from mithaq import canonical, fingerprints, recipients
from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Party
from mithaq.instrument.sealing import fingerprint
from mithaq.notices.keys import expected_name
from mithaq.record import note
from mithaq_files.fingerprints import in_words, lists
from mithaq_node.keystore import custody
from mithaq_node.settings.node import FILE, Node, Peer, with_peer, write


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one node tells another of itself before the first delivery."""

    party: str
    instrument: str
    """The identifier of the instrument: a party has a node of its own for each."""
    domain: str
    roots: list[str]
    threshold: int
    node: str
    """Verifier key of the node's request key."""
    body: str
    """The age recipient of its body key: a courier can go before the first delivery."""
    certificate: str
    """PEM."""
    url: str

    def encode(self) -> bytes:
        return canonical.encode(self) + b"\n"

    @property
    def fingerprint(self) -> str:
        """What two people read to each other before they trust the card."""
        return fingerprint(self.encode())

    @property
    def words(self) -> dict[str, str]:
        """The fingerprint in words, by language."""
        return in_words(self.encode())


def own_card(*, node: Node, party: Party, log: str, url: str) -> Card:
    """The card of this node; `url` is how the counterpart reaches its door."""
    keys = custody.load(node.keys)
    certificate = (node.keys / custody.TLS_CERTIFICATE).read_text(encoding="ascii")
    return Card(
        party=party.code,
        instrument=log.split("/")[1],
        domain=party.domain,
        roots=list(party.roots),
        threshold=party.threshold,
        node=note.Verifier(expected_name("node", log), note.ED25519, keys.node.public).vkey(),
        body=recipients.recipient(recipients.body_key(keys.body)),
        certificate=certificate,
        url=url,
    )


def read_card(*, encoded: bytes, law: Law, own_party: str) -> Card:
    """The card of a counterpart; refuses one that does not fit the law, and our own."""
    try:
        card = msgspec.json.decode(encoded, type=Card)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal("card.not-a-card", reason=str(error)[:200]) from error
    party = law.party(card.party)
    if party is None:
        raise Refusal("card.unknown-party", party=card.party[:8])
    if card.instrument != law.id:
        raise Refusal("card.other-instrument", found=card.instrument[:80], expected=law.id)
    if card.party == own_party:
        raise Refusal("card.own", party=card.party)
    if card.domain != party.domain or set(card.roots) != set(party.roots) or card.threshold != party.threshold:
        raise Refusal("card.not-of-this-law", party=card.party)
    verifier = note.Verifier.parse(card.node)
    if verifier.name != f"{party.domain}/node" or verifier.kind != note.ED25519:
        raise Refusal("card.wrong-node-key", name=verifier.name[:80])
    _check_certificate(card.certificate)
    return card


def compare(card: Card, said: str) -> None:
    """Refuse a card whose fingerprint is not the words that the other side read out, in whichever language."""
    fingerprints.check(card.encode(), said, lists())


def keep(*, node: Node, card: Card) -> Node:
    """Keep a counterpart's card and its address; the settings of the node from now on."""
    paired = with_peer(node, Peer(card.party, card.url))
    node.cards.mkdir(exist_ok=True)
    _replace(node.cards / f"{card.party}.json", card.encode())
    save(paired)
    return paired


def save(node: Node) -> None:
    """Keep the settings of a node, whole or as they were."""
    _replace(node.folder / FILE, write(node).encode())


def _check_certificate(pem: str) -> None:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.ExtensionNotFound) as error:
        raise Refusal("card.bad-certificate", reason=str(error)[:200]) from error
    if authority:
        raise Refusal("card.bad-certificate", reason="CA:TRUE")


def _replace(path: Path, content: bytes) -> None:
    """The file with this content, or as it was; never half of it."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
