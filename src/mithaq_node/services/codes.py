"""One-time codes: six digits that change every thirty seconds (RFC 6238 over HMAC-SHA-1, as every generator has it),
and the codes on paper for the day on which the generator is lost.

The shared secret of a generator lies encrypted in its row, under a key derived from the one that signs this machine's
cookies, which stands in no backup. Of a code on paper only the digest is kept. A code is good once.
"""

import base64
import hashlib
import hmac
import secrets
import struct

from django.conf import settings
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from mithaq.errors import Refusal
from mithaq_node.services import account_log, clock, storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import AccountDeed, FactorForm, Officer, RecoveryCode, SecondFactor

STEP = 30
"""Seconds for which one code stands (RFC 6238, 5.2)."""
DIGITS = 6
DRIFT = 1
"""Steps by which a generator's clock may be off, before and after."""
SECRET_BYTES = 20
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
_CONTEXT = b"mithaq/second-factor/v1\0"


def new_secret() -> bytes:
    """A secret for a generator; it counts once a code made with it was typed (`add_generator`)."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """The code of a time step (RFC 4226, 5.3)."""
    mac = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 0xF
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(secret: bytes, typed: str, seconds: int, after: int) -> int:
    """The step whose code was typed at `seconds`; refuses (`signin.wrong-code`) any other, and one up to `after`, which
    was taken already."""
    now = seconds // STEP
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), _digits(typed).encode()):
            return step
    raise Refusal("signin.wrong-code")


def address(secret: bytes, officer: Officer, party: str) -> str:
    """What a generator reads from the square: `otpauth://totp/…` (the key URI format that generators share)."""
    from urllib.parse import quote, urlencode

    issuer = f"Mithaq {party}"
    said = urlencode({"secret": in_letters(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(officer.name)}?{said}"


def in_letters(secret: bytes) -> str:
    """The secret as a person types it into a generator that has no camera (base32)."""
    return base64.b32encode(secret).decode().rstrip("=")


def add_generator(*, officer: Officer, secret: bytes, typed: str, address: str) -> None:
    """Make the generator the officer's, in place of an earlier one; refuses until it shows the right code."""
    step = step_of(secret, typed, clock.of_machine(), 0)
    with storage.durable():
        SecondFactor.objects.filter(officer=officer, form=FactorForm.CODES).delete()
        SecondFactor.objects.create(
            officer=officer,
            form=FactorForm.CODES,
            secret=_box().encrypt(secret),
            counter=step,
            added_at=as_datetime(clock.now()),
        )
        account_log.note(officer, AccountDeed.FACTOR_ADDED, address=address)


def take(*, officer: Officer, typed: str, address: str) -> None:
    """Use up a code of the officer's generator, or one on paper; refuses any other (`signin.wrong-code`)."""
    with storage.durable():
        if len(_letters(typed)) > DIGITS:
            _take_recovery(officer, typed, address)
            return
        factor = SecondFactor.objects.select_for_update().filter(officer=officer, form=FactorForm.CODES).first()
        if factor is None:
            raise Refusal("signin.wrong-code")
        factor.counter = step_of(_opened(factor), typed, clock.of_machine(), factor.counter)
        factor.used_at = as_datetime(clock.now())
        factor.save(update_fields=["counter", "used_at"])


def make_recovery(*, officer: Officer, address: str) -> list[str]:
    """Ten new codes on paper in place of all earlier ones: shown once, never again."""
    made = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    with storage.durable():
        RecoveryCode.objects.filter(officer=officer).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(officer=officer, digest=_digest(code)) for code in made)
        account_log.note(officer, AccountDeed.RECOVERY_MADE, address=address)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in made]


def _take_recovery(officer: Officer, typed: str, address: str) -> None:
    # One statement, so that a code sent twice at once is taken once.
    unused = RecoveryCode.objects.filter(officer=officer, digest=_digest(_letters(typed)), used_at=None)
    if not unused.update(used_at=as_datetime(clock.now())):
        raise Refusal("signin.wrong-code")
    account_log.note(officer, AccountDeed.RECOVERY_USED, address=address)


def _opened(factor: SecondFactor) -> bytes:
    try:
        return _box().decrypt(bytes(factor.secret))
    except CryptoError as error:  # another machine's cookie key: the operator resets the factor
        raise Refusal("signin.wrong-code") from error


def _box() -> SecretBox:
    return SecretBox(hashlib.sha256(_CONTEXT + str(settings.SECRET_KEY).encode()).digest())


def _digest(code: str) -> str:
    """A code has eighty random bits, so a plain digest does not give it away."""
    return hashlib.sha256(_CONTEXT + code.encode()).hexdigest()


def _letters(typed: str) -> str:
    return "".join(each for each in typed.lower() if each.isalnum())


def _digits(typed: str) -> str:
    """What was typed, in any digits, as Latin ones."""
    return "".join(str(int(each)) if each.isdecimal() else each for each in typed if not each.isspace())
