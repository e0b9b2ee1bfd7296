"""Who stands at the door: name and password, then whatever second factor the officer has or the role needs.

    password ── no factor ─────────────────────▶ in (and, where the role needs one, to setting it up and nowhere else)
    password ── a factor ──▶ code or passkey ──▶ in
    passkey ───────────────────────────────────▶ in

Every step but a passkey is counted by `services.throttle`: a passkey cannot be guessed.
"""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from mithaq.errors import Refusal
from mithaq_node.services import account_log, codes, directory, storage, throttle
from mithaq_node.store.models import AccountDeed, Officer, SecondFactor, Session


def by_password(*, name: str, password: str, address: str) -> Officer:
    """The officer whose name and password these are; they may still have to show a second factor.

    Refuses in the same words whatever is wrong (`signin.wrong`), and when the door waits (`signin.too-many`).
    """
    throttle.attempt(name, address)
    officer = Officer.objects.filter(name=name).first()
    if not _is_right(officer, password) or officer is None or not officer.is_active:
        raise Refusal("signin.wrong")
    if not has_factor(officer):
        throttle.succeeded(name, address)  # with a factor still to show, a right password forgets nothing
    return officer


def by_code(*, officer: Officer, typed: str, address: str) -> None:
    """Take a code of the officer's generator, or one on paper; refuses a wrong one, and when the door waits."""
    throttle.attempt(officer.name, address)
    codes.take(officer=officer, typed=typed, address=address)
    throttle.succeeded(officer.name, address)


def again(*, officer: Officer, password: str, address: str) -> None:
    """The officer's password once more, before second factors change; refuses a wrong one, and when the door waits."""
    throttle.attempt(officer.name, address)
    if not _is_right(officer, password):
        raise Refusal("signin.wrong-again")
    throttle.succeeded(officer.name, address)


def entered(*, officer: Officer, address: str) -> None:
    """Write down that the officer came in; the address counts as a desk of theirs for thirty days. Sessions that have
    run out are cleared away meanwhile."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    account_log.note(officer, AccountDeed.SIGNED_IN, address=address)


def stands(session: str) -> bool:
    """Whether a session is still there and its officer may still be in; for what streams longer than a page."""
    return Session.objects.filter(pk=session, officer__is_active=True).exists()


def has_factor(officer: Officer) -> bool:
    """Whether a password alone does not open this officer's desk."""
    return SecondFactor.objects.filter(officer=officer).exists()


def needs_factor(officer: Officer) -> bool:
    """Whether the operator asks a second factor of the officer's role (`second_factor` in node.toml)."""
    return officer.role in settings.NODE.second_factor


def remove_factor(*, officer: Officer, factor: int, address: str) -> None:
    """Take one of the officer's factors away; refuses the last one where the role needs one."""
    with storage.durable():
        held = list(SecondFactor.objects.select_for_update().filter(officer=officer))
        if needs_factor(officer) and [each.pk for each in held] == [factor]:
            raise Refusal("signin.last-factor")
        if SecondFactor.objects.filter(officer=officer, pk=factor).delete()[0]:
            account_log.note(officer, AccountDeed.FACTOR_REMOVED, address=address)
        if len(held) == 1 and held[0].pk == factor:
            officer.recovery_codes.all().delete()  # they stand in place of a factor that is no more


def reset_factors(*, officer: Officer) -> None:
    """The operator's command when everything is lost: no factor, no code on paper, no session."""
    with storage.durable():
        officer.factors.all().delete()
        officer.recovery_codes.all().delete()
        officer.sessions.all().delete()
        account_log.note(officer, AccountDeed.FACTORS_RESET, by_operator=True)


def _is_right(officer: Officer | None, password: str) -> bool:
    if officer is None:
        make_password(password)  # as slow as looking, so that time does not tell which names there are
        return False
    if officer.directory:
        return directory.lets_in(officer.directory, password)
    return bool(officer.check_password(password))
