"""Signed requests: the published vector, our profile, and everything that is not it."""

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace

import pytest

from mithaq import signing
from mithaq.errors import Refusal
from mithaq.exchange import requests
from mithaq.exchange.requests import Request, Signed, Window
from mithaq.record.note import ED25519, Verifier
from mithaq.signing import PrivateKey

KEY = PrivateKey.from_seed(b"n" * 32)
NODE = Verifier("na.example/node", ED25519, KEY.public)
NOW = 1_930_000_000


def request(changed: Mapping[str, str] | None = None) -> Request:
    body = b"a delivery"
    fields = requests.sign(
        "POST", "sa.example:9443", "/deliver", body, key=KEY, name=NODE.name, created=NOW, nonce=b"\7" * 16
    )
    headers = {name.lower(): value for name, value in fields.items()}
    return Request("POST", "sa.example:9443", "/deliver", {**headers, **(changed or {})}, body)


def test_the_signature_base_is_that_of_the_rfc() -> None:
    """RFC 9421, appendix B.2.6: a request signed with test-key-ed25519."""
    public = b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
    components = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ]
    parameters = (
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    signature = b64decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==")
    assert signing.verifies(public, requests.signature_base(components, parameters), signature)


def test_the_digest_is_that_of_the_rfc() -> None:
    """RFC 9530, section 1.1, with SHA-256 of an empty body."""
    assert requests.content_digest(b"") == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"


def test_a_request_of_ours_verifies() -> None:
    assert requests.key_name(request().headers) == NODE.name
    assert requests.verify(request(), NODE) == Signed(NODE.name, NOW, "07" * 16)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"method": "PUT"}, "request.bad-signature"),
        ({"authority": "sa.example:9444"}, "request.bad-signature"),
        ({"path": "/deliver/"}, "request.bad-signature"),
        ({"body": b"another"}, "request.other-body"),
    ],
)
def test_every_covered_part_is_covered(changed: dict[str, object], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        requests.verify(replace(request(), **changed), NODE)  # type: ignore[arg-type]  # one of the fields above
    assert refused.value.code == code


def test_a_changed_moment_or_nonce_breaks_the_signature() -> None:
    said = request().headers["signature-input"]
    for before, after in ((f"created={NOW}", f"created={NOW + 1}"), ("0707", "0708")):
        changed = request({"signature-input": said.replace(before, after, 1)})
        with pytest.raises(Refusal, match=r"request\.bad-signature"):
            requests.verify(changed, NODE)


@pytest.mark.parametrize(
    "change",
    [
        lambda said: "",
        lambda said: said.replace('"@path" ', ""),
        lambda said: said.replace('tag="mithaq"', 'tag="other"'),
        lambda said: said.replace(";created", ';alg="ed25519";created'),
        lambda said: said.replace("mithaq=(", "sig1=("),
        lambda said: said + ', sig2=("@method")',
        lambda said: said.replace('nonce="07', 'nonce="0G'),
    ],
)
def test_only_the_one_form_is_read(change: object) -> None:
    said = request().headers["signature-input"]
    with pytest.raises(Refusal, match=r"request\.not-signed"):
        requests.verify(request({"signature-input": change(said)}), NODE)  # type: ignore[operator]  # a lambda above


def test_another_key_and_another_name_are_refused() -> None:
    other = PrivateKey.from_seed(b"o" * 32)
    with pytest.raises(Refusal, match=r"request\.bad-signature"):
        requests.verify(request(), Verifier(NODE.name, ED25519, other.public))
    with pytest.raises(Refusal, match=r"request\.unknown-key"):
        requests.verify(request(), Verifier("sa.example/node", ED25519, KEY.public))


def test_a_missing_or_short_signature_is_refused() -> None:
    for signature in ("", "mithaq=:AAAA:", request().headers["signature"].replace("mithaq", "other")):
        with pytest.raises(Refusal, match=r"request\.not-signed"):
            requests.verify(request({"signature": signature}), NODE)


def signed(number: int, created: int = NOW) -> Signed:
    return Signed(NODE.name, created, hashlib.sha256(b"%d" % number).hexdigest()[:32])


def test_a_replayed_request_is_refused_and_a_reordered_one_is_not() -> None:
    window = Window(100)
    window.admit(signed(2, NOW + 5), NOW + 6)
    window.admit(signed(1, NOW), NOW + 6)
    for number in (1, 2):
        with pytest.raises(Refusal, match=r"request\.replayed"):
            window.admit(signed(number, NOW if number == 1 else NOW + 5), NOW + 7)


def test_a_request_is_refused_once_it_is_older_than_the_window_remembers() -> None:
    window = Window(100)
    window.admit(signed(1), NOW)
    for later in (requests.SKEW, requests.SKEW + 1, 10 * requests.SKEW):
        with pytest.raises(Refusal, match=r"request\.(replayed|stale)"):
            window.admit(signed(1), NOW + later)
    with pytest.raises(Refusal, match=r"request\.stale"):
        window.admit(signed(9, NOW + requests.SKEW + 1), NOW)


def test_more_than_the_agreed_number_a_minute_wait() -> None:
    window = Window(3)
    for number in range(3):
        window.admit(signed(number), NOW)
    with pytest.raises(Refusal, match=r"request\.too-many"):
        window.admit(signed(4), NOW + 59)
    window.admit(signed(4), NOW + 60)
