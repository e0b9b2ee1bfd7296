"""What a party must know to begin again when nothing is left of its node: names, places and fingerprints, no secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec
from django.conf import settings

from mithaq.moments import Moment
from mithaq.notices.envelope import Roots
from mithaq.record import note
from mithaq_files.fingerprints import in_words
from mithaq_node import queries
from mithaq_node.keystore import custody
from mithaq_node.queries import health
from mithaq_node.services import entering, rings, sequencing
from mithaq_node.services.pairing import Card
from mithaq_node.settings.addresses import without_password


@dataclass(frozen=True)
class Root:
    """A root key in force: its name, and its public half in words of each language."""

    name: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Kept:
    """Everything that stands on the page."""

    at: Moment
    version: str
    instrument: str
    """The fingerprint of the sealed law."""
    card: str
    """The fingerprint of our card, which the counterpart has taken."""
    words: Mapping[str, str]
    url: str
    roots: tuple[Root, ...]
    threshold: int
    """How many of the root keys must sign."""
    data: Path
    fence: str
    body_keys: Path
    secret: str
    """The file of the secret that opens the node's keys; empty where it comes from elsewhere."""
    database: str
    backup: Moment | None
    """When the last backup was taken."""


def gather(*, now: Moment) -> Kept:
    """What the page says as of `now`; the address of a database without its password."""
    node = settings.NODE
    card = msgspec.json.decode(node.own_card.read_bytes(), type=Card)
    roots = _roots()
    return Kept(
        at=now,
        version=version("mithaq"),
        instrument=queries.sealed().fingerprint,
        card=card.fingerprint,
        words=card.words,
        url=card.url,
        roots=tuple(Root(note.Verifier.parse(each).name, in_words(each.encode())) for each in roots.keys),
        threshold=roots.threshold,
        data=node.folder,
        fence=without_password(str(node.fence)),
        body_keys=node.body_keys,
        secret=str(custody.secret_beside(node.keys)) if custody.is_secret_beside(node.keys) else "",
        database=without_password(node.database),
        backup=health.last_backup(),
    )


def _roots() -> Roots:
    """The root keys in force: those of the law, until a key-set has put others in their place."""
    origin = sequencing.own_origin()
    ring, _ = entering.ring_of_own(origin)
    return ring.roots or rings.roots_of(queries.first(), origin)
