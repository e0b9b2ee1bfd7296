"""One-time codes: the published vectors, the clock's drift, and that a code is good once."""

import pytest

from mithaq.errors import Refusal
from mithaq_node.services import accounts, clock, codes, signing_in
from mithaq_node.settings.node import Node
from mithaq_node.store.models import AccountEvent, Officer, RecoveryCode, SecondFactor
from tests.mithaq_node.meadow import SECRET

RFC = b"12345678901234567890"
HERE = "127.0.0.1"
NOW = 1_904_000_010


@pytest.mark.parametrize(
    ("seconds", "eight"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, eight: str) -> None:
    assert codes.code_at(RFC, seconds // codes.STEP) == eight[-codes.DIGITS :]


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_generator_whose_clock_is_a_step_off_is_taken(off: int) -> None:
    step = NOW // codes.STEP + off
    assert codes.step_of(RFC, codes.code_at(RFC, step), NOW, 0) == step


@pytest.mark.parametrize("off", [-2, 2])
def test_one_that_is_further_off_is_not(off: int) -> None:
    with pytest.raises(Refusal, match=r"signin\.wrong-code"):
        codes.step_of(RFC, codes.code_at(RFC, NOW // codes.STEP + off), NOW, 0)


def test_a_code_is_read_in_any_digits_and_with_spaces() -> None:
    typed = codes.code_at(RFC, NOW // codes.STEP).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert codes.step_of(RFC, f" {typed[:3]} {typed[3:]}", NOW, 0) == NOW // codes.STEP


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "½½½½½½", "-00001"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match=r"signin\.wrong-code"):
        codes.step_of(RFC, typed, NOW, 0)


@pytest.fixture
def officer(node: Node, monkeypatch: pytest.MonkeyPatch) -> Officer:
    """Somebody with a generator, whose first code is used up."""
    monkeypatch.setattr(clock, "of_machine", lambda: NOW)
    made = accounts.create_officer(name="desk", role="duty", secret=SECRET)
    codes.add_generator(officer=made, secret=RFC, typed=codes.code_at(RFC, NOW // codes.STEP), address=HERE)
    return made


def test_a_code_opens_once_and_its_secret_does_not_lie_in_the_row(
    officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert RFC not in bytes(SecondFactor.objects.get().secret)
    monkeypatch.setattr(clock, "of_machine", lambda: NOW + codes.STEP)
    typed = codes.code_at(RFC, NOW // codes.STEP + 1)
    signing_in.by_code(officer=officer, typed=typed, address=HERE)
    with pytest.raises(Refusal, match=r"signin\.wrong-code"):
        signing_in.by_code(officer=officer, typed=typed, address=HERE)


def test_a_code_on_paper_opens_once_and_only_its_digest_is_kept(officer: Officer) -> None:
    made = codes.make_recovery(officer=officer, address=HERE)
    assert len(set(made)) == codes.RECOVERY_CODES
    kept = str(list(RecoveryCode.objects.values()))
    assert not any(code.replace("-", "") in kept for code in made)
    signing_in.by_code(officer=officer, typed=made[0].upper().replace("-", " "), address=HERE)
    with pytest.raises(Refusal, match=r"signin\.wrong-code"):
        signing_in.by_code(officer=officer, typed=made[0], address=HERE)
    codes.make_recovery(officer=officer, address=HERE)
    with pytest.raises(Refusal, match=r"signin\.wrong-code"):
        signing_in.by_code(officer=officer, typed=made[1], address=HERE)


def test_codes_are_guessed_five_times_and_then_the_door_waits(officer: Officer) -> None:
    for _ in range(5):
        with pytest.raises(Refusal, match=r"signin\.wrong-code"):
            signing_in.by_code(officer=officer, typed="000000", address=HERE)
    with pytest.raises(Refusal, match=r"signin\.too-many"):
        signing_in.by_code(officer=officer, typed="000000", address=HERE)


def test_the_operator_takes_all_factors_away_and_it_is_written_down(officer: Officer) -> None:
    codes.make_recovery(officer=officer, address=HERE)
    signing_in.reset_factors(officer=officer)
    assert not signing_in.has_factor(officer)
    assert RecoveryCode.objects.count() == 0
    assert AccountEvent.objects.filter(officer=officer, deed="factors-reset", by_operator=True).exists()
