"""Second factors in a browser: a passkey in a virtual authenticator, a generator, and how their pages look."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mithaq_node.services import codes
from tests.browser.desks import Desks
from tests.browser.test_desk import KEPT_IN_LATIN, LATIN_WORDS

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

PASSWORD = "a password of this test"
PASSKEY_DESK = "میز گذرکلید"
AUDITORS = {"fa": "ممیز آزمون", "ar": "مدقق الاختبار", "ckb": "وردبینی تاقیکردنەوە", "en": "ممیز دیگر"}


@pytest.fixture(scope="module")
def desk(desks: Desks, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The desk by its host name, with an auditor of this test's own, because others sign in by password alone."""
    secret = tmp_path_factory.mktemp("accounts") / "secret"
    secret.write_text(PASSWORD)
    for name in (PASSKEY_DESK, *AUDITORS.values()):
        command = ["officer", "add", "--data", str(desks.folder / "IQ"), "--name", name, "--role", "auditor"]
        subprocess.run(
            [sys.executable, "-m", "mithaq_cli", *command, "--password-file", str(secret)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return str(desks.nodes["IQ"]["url"]).replace("127.0.0.1", "localhost")


def sign_in(page: Page, desk: str, name: str, language: str) -> None:
    page.goto(f"{desk}/{language}/signin/")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form:not([data-passkey]) .button--main")


def sign_out(page: Page) -> None:
    page.locator("form[action$='/signout/']").evaluate("form => form.submit()")
    page.wait_for_url("**/signin/")


def test_a_passkey_opens_the_desk_without_a_password_and_beside_one(desk: str, visit: Visit) -> None:
    page = visit("about:blank", "fa")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    authenticator = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})
    sign_in(page, desk, PASSKEY_DESK, "fa")
    page.wait_for_url("**/fa/watch/")
    page.goto(f"{desk}/fa/account/")
    page.fill("input[name=label]", "کلید آزمون")
    page.click("form[data-passkey=create] button")
    expect(page.locator(".paper-codes li")).to_have_count(codes.RECOVERY_CODES, timeout=30_000)
    page.click("main .button--main")
    expect(page.get_by_text("کلید آزمون").first).to_be_visible()
    sign_out(page)
    page.click("form[data-passkey=get] button")
    page.wait_for_url("**/fa/watch/", timeout=30_000)
    sign_out(page)
    sign_in(page, desk, PASSKEY_DESK, "fa")
    page.wait_for_url("**/signin/second/")
    page.click("form[data-passkey=get] button")
    page.wait_for_url("**/fa/watch/", timeout=30_000)
    sign_out(page)
    (held,) = session.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})["credentials"]
    assert held["rpId"] == "localhost"
    session.send("WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": False})
    page.click("form[data-passkey=get] button")
    expect(page.locator("form[data-passkey=get] [role=alert]")).to_be_visible(timeout=30_000)
    assert page.url.endswith("/signin/")


@pytest.mark.parametrize("language", ["fa", "ar", "ckb", "en"])
def test_a_generator_is_set_up_and_its_pages_can_be_used_by_everybody(
    desk: str, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    page = visit("about:blank", language, dark=language in ("ar", "en"), width=390 if language == "ckb" else 1280)

    def look(name: str) -> None:
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, name
        if language != "en":
            assert set(page.evaluate(LATIN_WORDS)) <= KEPT_IN_LATIN, name
        picture(page, f"accounts-{name}-{language}")

    page.goto(f"{desk}/{language}/signin/")
    look("signin")
    sign_in(page, desk, AUDITORS[language], language)
    page.wait_for_url(f"**/{language}/watch/")
    page.goto(f"{desk}/{language}/account/")
    look("show")
    page.goto(f"{desk}/{language}/account/codes/")
    look("codes")
    letters = "".join(page.locator("p.letters span").all_inner_texts())
    page.fill("input[name=code]", code_of(letters))
    page.click("main .button--main")
    expect(page.locator(".paper-codes li")).to_have_count(codes.RECOVERY_CODES)
    papers = page.locator(".paper-codes li").all_inner_texts()
    look("paper")
    page.click("main .button--main")
    look("held")
    sign_out(page)
    sign_in(page, desk, AUDITORS[language], language)
    page.wait_for_url("**/signin/second/")
    look("second")
    page.fill("input[name=code]", papers[0])
    page.click("main form:not([data-passkey]) .button--main")
    page.wait_for_url(f"**/{language}/watch/")
    for name in ("reads", "events"):
        page.goto(f"{desk}/{language}/accounts/{name}/")
        look(name)


def code_of(letters: str) -> str:
    """What a generator shows now that was given these letters."""
    import base64

    return codes.code_at(base64.b32decode(letters), int(time.time()) // codes.STEP)
