"""Tokens: shown once, kept as a digest, and opening nothing more than their officer's role, scope and term."""

from base64 import b64encode

import pytest
from django.test import Client

from mithaq.errors import Refusal
from mithaq_node.services import accounts, clock, tokens
from mithaq_node.services.pace import Pace
from mithaq_node.store.models import AccessToken, Officer

DAY = 86_400


def made(officer: Officer, days: int = 1) -> str:
    return tokens.make(officer=officer, scopes=[tokens.READ_FEATURES], label="a map", days=days)[1]


def asked(header: str) -> tuple[int, str]:
    answer = Client().get("/ogc/collections", headers={"Authorization": header})
    return answer.status_code, answer.json().get("code", "")


def test_a_token_opens_as_bearer_and_as_the_password_of_basic(officers: dict[str, Officer]) -> None:
    secret = made(officers["duty"])
    basic = b64encode(f"anybody:{secret}".encode()).decode()
    for header in (f"Bearer {secret}", f"bearer  {secret}", f"Basic {basic}"):
        assert asked(header) == (200, ""), header
    assert secret not in str(AccessToken.objects.values_list())


def test_what_is_no_token_is_refused_with_how_to_bring_one(officers: dict[str, Officer]) -> None:
    odd = (
        "",
        "Bearer",
        "Basic !",
        "Digest x",
        "Basic " + b64encode(b"\xff").decode(),
        "Basic " + b64encode(b"x").decode(),
    )
    for header in odd:
        assert asked(header) == (401, "token.missing"), header
    assert asked("Bearer mithaq_x") == (401, "token.unknown")
    assert "Basic" in Client().get("/ogc/").headers["WWW-Authenticate"]


def test_a_token_is_over_when_it_expires_is_revoked_or_its_officer_is_shut_out(
    officers: dict[str, Officer], monkeypatch: pytest.MonkeyPatch
) -> None:
    short, revoked, lasting = (made(officers["duty"], days) for days in (1, 2, 3))
    tokens.revoke(AccessToken.objects.order_by("pk")[1].pk)
    assert asked(f"Bearer {revoked}") == (401, "token.revoked")
    started = clock.of_machine()
    monkeypatch.setattr(tokens, "_pace", Pace(a_second=50, at_once=1_000))  # of a clock that goes on a day
    monkeypatch.setattr(clock, "of_machine", lambda: started + DAY)
    assert asked(f"Bearer {short}") == (401, "token.expired")
    assert asked(f"Bearer {lasting}") == (200, "")
    accounts.disable(officer=officers["duty"])
    assert asked(f"Bearer {lasting}") == (401, "token.revoked")
    assert [tokens.state(each) for each in AccessToken.objects.order_by("pk")] == ["revoked"] * 3


def test_a_token_of_another_scope_opens_nothing(officers: dict[str, Officer]) -> None:
    secret = made(officers["duty"])
    AccessToken.objects.update(scopes="write:drafts")
    assert asked(f"Bearer {secret}") == (403, "token.wrong-scope")


def test_who_asks_too_often_waits(officers: dict[str, Officer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_pace", Pace(a_second=1, at_once=2))
    monkeypatch.setattr(clock, "of_machine", lambda: 2_000_000_000)
    secret, other = made(officers["duty"]), made(officers["duty"])
    assert [asked(f"Bearer {secret}")[0] for _ in range(3)] == [200, 200, 429]
    answer = Client().get("/ogc/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.headers["Retry-After"] == "1"
    assert asked(f"Bearer {other}") == (200, ""), "another program does not wait for this one"


@pytest.mark.parametrize(
    ("scopes", "days", "code"),
    [
        (["read:everything"], 1, "token.unknown-scope"),
        ([], 1, "token.unknown-scope"),
        (["read:features"], 0, "token.bad-term"),
        (["read:features"], 367, "token.bad-term"),
    ],
)
def test_a_token_without_bounds_is_not_made(
    officers: dict[str, Officer], scopes: list[str], days: int, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        tokens.make(officer=officers["duty"], scopes=scopes, label="", days=days)
    assert refused.value.code == code
    assert not AccessToken.objects.exists()


def test_nobody_is_chosen_where_several_read(officers: dict[str, Officer]) -> None:
    with pytest.raises(Refusal, match=r"token\.whose"):
        tokens.only_reader()
    with pytest.raises(Refusal, match=r"token\.no-such"):
        tokens.revoke(99)
    for name in ("releasing", "second", "auditor"):
        accounts.disable(officer=officers[name])
    assert tokens.only_reader() == officers["duty"]
    with pytest.raises(Refusal, match=r"officer\.not-active"):
        made(Officer.objects.get(pk=officers["auditor"].pk))
