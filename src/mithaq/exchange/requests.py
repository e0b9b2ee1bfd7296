"""Who sent a request: a short profile of HTTP message signatures (RFC 9421) by the node key.

Covered are exactly `@method`, `@authority`, `@path` and `content-digest`, in this order; the parameters are exactly
`created`, `keyid`, `nonce` and `tag="mithaq"`, in this order; the label is `mithaq`; the algorithm is that of the key,
Ed25519. Any other spelling is refused, so there is one parser and one form to argue about. `docs/spec/requests.md`.

TLS with pinned certificates is the gate; this says who speaks, and still says it behind a gateway that ends TLS.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mithaq import signing
from mithaq.errors import Refusal
from mithaq.record.note import Verifier
from mithaq.signing import PrivateKey

TAG: Final = "mithaq"
SKEW: Final = 300
"""Seconds that `created` may lie from the receiver's clock, either way; nonces are remembered as long."""
NONCE_BYTES: Final = 16

_INPUT = re.compile(
    r'mithaq=(\("@method" "@authority" "@path" "content-digest"\)'
    r';created=([0-9]{1,12});keyid="([!-~]{1,200})";nonce="([0-9a-f]{32})";tag="mithaq")'
)
_SIGNATURE = re.compile(r"mithaq=:([A-Za-z0-9+/]{86}==):")


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a request that are signed; `headers` have lower-case names."""

    method: str
    authority: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature verified: the key that made it, and its moment by the sender's clock."""

    key: str
    created: int
    nonce: str


@dataclass(slots=True)
class Window:
    """The requests of late: refuses one seen before, one too old or too new, and more than the agreed number a minute.

    It forgets what `SKEW` makes stale anyway. After a restart it is empty; a request replayed then finds everything it
    carries held already, since deliveries are idempotent.
    """

    most_per_minute: int
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)
    _arrived: list[int] = field(default_factory=list)

    def admit(self, signed: Signed, now: int) -> None:
        """Take note of a request that arrived at `now` (seconds since 1970), or refuse it."""
        if abs(now - signed.created) > SKEW:
            raise Refusal("request.stale", created=signed.created, now=now)
        if (signed.key, signed.nonce) in self._seen:
            raise Refusal("request.replayed", nonce=signed.nonce)
        self._forget(now)
        if len(self._arrived) >= self.most_per_minute:
            raise Refusal("request.too-many", limit=self.most_per_minute)
        self._seen[signed.key, signed.nonce] = signed.created
        self._arrived.append(now)

    def _forget(self, now: int) -> None:
        if self._arrived and self._arrived[0] <= now - 60:
            self._arrived = [each for each in self._arrived if each > now - 60]
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest] >= now - SKEW:
                break
            del self._seen[oldest]


def content_digest(body: bytes) -> str:
    """The Content-Digest field of `body` (RFC 9530)."""
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"


def signature_base(components: Sequence[tuple[str, str]], parameters: str) -> bytes:
    """The bytes that are signed (RFC 9421 section 2.5): one line a component, then the parameters."""
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def sign(
    method: str, authority: str, path: str, body: bytes, *, key: PrivateKey, name: str, created: int, nonce: bytes
) -> dict[str, str]:
    """The three header fields that sign a request, made at `created` (seconds since 1970) with a fresh `nonce`."""
    if len(nonce) != NONCE_BYTES:
        raise Refusal("request.bad-nonce", found=len(nonce))
    digest = content_digest(body)
    parameters = (
        '("@method" "@authority" "@path" "content-digest")'
        f';created={created};keyid="{name}";nonce="{nonce.hex()}";tag="{TAG}"'
    )
    signature = key.sign(signature_base(_components(method, authority, path, digest), parameters))
    return {
        "Content-Digest": digest,
        "Signature-Input": f"mithaq={parameters}",
        "Signature": f"mithaq=:{b64encode(signature).decode()}:",
    }


def key_name(headers: Mapping[str, str]) -> str:
    """The name of the key that a request says signed it; to find the verifier by."""
    return _input(headers)[3]


def verify(request: Request, verifier: Verifier) -> Signed:
    """Who signed `request` and when; refuses a signature that is missing, of another form, or not by `verifier`."""
    match = _input(request.headers)
    parameters, created, name, nonce = match[1], int(match[2]), match[3], match[4]
    if name != verifier.name:
        raise Refusal("request.unknown-key", key=name)
    digest = request.headers.get("content-digest", "")
    if digest != content_digest(request.body):
        raise Refusal("request.other-body")
    found = _SIGNATURE.fullmatch(request.headers.get("signature", ""))
    if found is None:
        raise Refusal("request.not-signed")
    base = signature_base(_components(request.method, request.authority, request.path, digest), parameters)
    if not signing.verifies(verifier.public, base, b64decode(found[1])):
        raise Refusal("request.bad-signature", key=name)
    return Signed(name, created, nonce)


def _input(headers: Mapping[str, str]) -> re.Match[str]:
    match = _INPUT.fullmatch(headers.get("signature-input", ""))
    if match is None:
        raise Refusal("request.not-signed")
    return match


def _components(method: str, authority: str, path: str, digest: str) -> list[tuple[str, str]]:
    return [("@method", method), ("@authority", authority.lower()), ("@path", path), ("content-digest", digest)]
