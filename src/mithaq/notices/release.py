"""Who released a leaf: two officers, one with a review to follow, or a machine.

*Two*: the header carries the first officer's signature over what was known at filing, and one signature line of another
officer stands under the text (docs/decisions/0003). *One*: no filing, one line; the second officer's review is a notice
of its own. *Machine*: neither; the log's checkpoint alone covers it.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from mithaq.errors import Refusal
from mithaq.notices.envelope import FILING_LINE, Header, Leaf, filing_text, parse
from mithaq.notices.keys import KeyRing
from mithaq.record.note import Signature, Verifier

Verifies = Callable[[Verifier, bytes, Signature], bool]
"""Whether a signature is that of a key over a text."""


def judge_release(leaf: Leaf, index: int, ring: KeyRing, verifies: Verifies = Verifier.verifies) -> tuple[Refusal, ...]:
    """Why the leaf at `index` is not released as its header says; empty when it is. Asks `verifies` once a
    signature."""
    header = leaf.header
    match header.release:
        case "two":
            return _two(leaf, index, ring, verifies)
        case "one":
            filed = () if header.filed is None else (Refusal("leaf.filed-by-one"),)
            return filed + _one_line(leaf, index, ring, verifies)
        case "machine":
            signed = header.filed is not None or leaf.signatures
            return (Refusal("leaf.machine-signed"),) if signed else ()
    return (Refusal("leaf.unknown-release", release=header.release[:40]),)


def officers(leaf: Leaf) -> tuple[str, ...]:
    """The key names of the officers a leaf says released it, in the order in which they signed."""
    filed = (leaf.header.filed.by,) if leaf.header.filed else ()
    return filed + leaf.signers


def check_signable(text: bytes, name: str, log: str) -> None:
    """Refuse (`officer.not-to-be-signed`) every text but a filing by the officer `name`, or a release of a notice that
    this officer did not file, in the log `log` of the officer's own party."""
    try:
        header = _filed_header(text) if text.startswith(FILING_LINE) else parse(text).header
    except Refusal as refusal:
        raise Refusal("officer.not-to-be-signed", name=name, reason=refusal.code) from refusal
    filing = text.startswith(FILING_LINE)
    if name.split("/", 1)[0] != log.split("/", 1)[0] or header.log != log:
        reason = "leaf.other-log"
    elif (
        not header.parts or header.release not in ("two", "one") or (header.release == "two") is not bool(header.filed)
    ):
        reason = "leaf.wrong-content"
    elif header.filed is not None and (header.filed.by == name) is not filing:
        reason = "leaf.same-officer"
    else:
        return
    raise Refusal("officer.not-to-be-signed", name=name, reason=reason)


def _filed_header(text: bytes) -> Header:
    """The header of a filing text, which leaves out the moment of release and the signature that is to be made."""
    try:
        said: dict[str, Any] = msgspec.json.decode(text.removeprefix(FILING_LINE), type=dict[str, Any])
        filed = {**said["filed"], "sig": ""}
        header = msgspec.convert({**said, "at": filed["at"], "filed": filed}, Header)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeError, LookupError, TypeError) as error:
        raise Refusal("leaf.bad-header", reason=str(error)[:200]) from error
    if filing_text(header) != text:
        raise Refusal("leaf.not-canonical")
    return header


def _two(leaf: Leaf, index: int, ring: KeyRing, verifies: Verifies) -> tuple[Refusal, ...]:
    filed = leaf.header.filed
    if filed is None:
        return (Refusal("leaf.not-filed"),)
    if filed.at > leaf.header.at:
        return (Refusal("leaf.filed-after-release", filed=filed.at, released=leaf.header.at),)
    if any(line.name == filed.by for line in leaf.signatures):
        return (Refusal("leaf.same-officer", name=filed.by),)
    return _filing(leaf.header, index, ring, verifies) + _one_line(leaf, index, ring, verifies)


def _filing(header: Header, index: int, ring: KeyRing, verifies: Verifies) -> tuple[Refusal, ...]:
    assert header.filed is not None
    try:
        signature = Signature.from_base64(header.filed.by, header.filed.sig)
    except Refusal:
        return (Refusal("leaf.bad-signature", name=header.filed.by[:80]),)
    return _verified(filing_text(header), signature, index, ring, verifies)


def _one_line(leaf: Leaf, index: int, ring: KeyRing, verifies: Verifies) -> tuple[Refusal, ...]:
    signatures = leaf.signatures
    if len(signatures) != 1:
        return (Refusal("leaf.signature-count", expected=1, found=len(signatures)),)
    return _verified(leaf.text, signatures[0], index, ring, verifies)


def _verified(text: bytes, signature: Signature, index: int, ring: KeyRing, verifies: Verifies) -> tuple[Refusal, ...]:
    verifier = ring.verifier(signature.name, index)
    if verifier is None:
        return (Refusal("leaf.unknown-officer", name=signature.name[:80]),)
    if not verifies(verifier, text, signature):
        return (Refusal("leaf.bad-signature", name=signature.name[:80]),)
    return ()
