"""Passkeys (WebAuthn): a key in the officer's device or token that signs this node's challenge, and no other's.

A passkey is asked to verify its holder (a finger, a PIN), so it stands for name, password and second factor at once
when it opens the door; it does not open the signing key, which only the officer's password does. Passkeys belong to a
host name, so a desk that is reached by an address has none.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any

from fido2.rpid import verify_rp_id
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mithaq.errors import Refusal
from mithaq_node.services import account_log, clock, storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import AccountDeed, FactorForm, Officer, SecondFactor

LONGEST_LABEL = 60
MOST = 20
"""Passkeys of one officer."""


def possible(host: str) -> bool:
    """Whether a browser makes passkeys for this host name (a name, not an address)."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def begin_adding(officer: Officer, host: str) -> tuple[Mapping[str, Any], Any]:
    """What the browser is asked for a new passkey, and what this node must remember until the answer."""
    user = PublicKeyCredentialUserEntity(id=officer.pk.to_bytes(8, "big"), name=officer.name, display_name=officer.name)
    options, state = _server(host).register_begin(
        user,
        [_credential(each) for each in _of(officer, host)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options), state


def add(*, officer: Officer, host: str, state: Any, answer: Mapping[str, Any], label: str, address: str) -> None:
    """Keep the passkey that answers `state`; refuses (`signin.wrong-passkey`) an answer to anything else."""
    try:
        made = _server(host).register_complete(state, answer)
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("signin.wrong-passkey") from error
    kept = made.credential_data
    if kept is None or SecondFactor.objects.filter(officer=officer).count() >= MOST:
        raise Refusal("signin.wrong-passkey")
    with storage.durable():
        if SecondFactor.objects.filter(credential=kept.credential_id.hex()).exists():
            raise Refusal("signin.wrong-passkey")
        SecondFactor.objects.create(
            officer=officer,
            form=FactorForm.PASSKEY,
            label="".join(each for each in label if each.isprintable()).strip()[:LONGEST_LABEL],
            host=host,
            credential=kept.credential_id.hex(),
            secret=bytes(kept),
            counter=made.counter,
            added_at=as_datetime(clock.now()),
        )
        account_log.note(officer, AccountDeed.FACTOR_ADDED, address=address)


def begin_asking(host: str, officer: Officer | None = None) -> tuple[Mapping[str, Any], Any]:
    """What the browser is asked: a passkey of this officer, or whichever the device holds for this host."""
    known = [_credential(each) for each in _of(officer, host)] if officer else None
    options, state = _server(host).authenticate_begin(known, user_verification=UserVerificationRequirement.REQUIRED)
    return dict(options), state


def check(*, host: str, state: Any, answer: Mapping[str, Any]) -> Officer:
    """The officer whose passkey answers `state`. Refuses (`signin.wrong-passkey`) one that this node does not know, a
    wrong signature, and a passkey whose own count went back: then there are two of it (WebAuthn, 6.1.1)."""
    with storage.durable():
        try:
            found = SecondFactor.objects.select_for_update().get(
                form=FactorForm.PASSKEY, host=host, credential=_identifier(answer)
            )
            _server(host).authenticate_complete(state, [_credential(found)], answer)
            counter = AuthenticatorData(_bytes(answer["response"]["authenticatorData"])).counter
        except (SecondFactor.DoesNotExist, ValueError, KeyError, TypeError) as error:
            raise Refusal("signin.wrong-passkey") from error
        if (counter or found.counter) and counter <= found.counter:
            raise Refusal("signin.wrong-passkey")
        found.counter, found.used_at = counter, as_datetime(clock.now())
        found.save(update_fields=["counter", "used_at"])
    return found.officer


def _server(host: str) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(id=host, name="Mithaq")
    return Fido2Server(party, verify_origin=lambda origin: verify_rp_id(host, origin))


def _of(officer: Officer, host: str) -> list[SecondFactor]:
    return list(officer.factors.filter(form=FactorForm.PASSKEY, host=host))


def _credential(factor: SecondFactor) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(factor.secret))


def _identifier(answer: Mapping[str, Any]) -> str:
    return _bytes(answer["rawId"]).hex()


def _bytes(text: Any) -> bytes:
    from fido2.utils import websafe_decode

    return bytes(websafe_decode(text))
