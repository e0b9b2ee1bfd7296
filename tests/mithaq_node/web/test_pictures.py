"""A picture from the officer's camera to the counterpart's page, and all that stops it on the way."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mithaq.moments import DAY, Moment
from mithaq.notices import kept, numbers
from mithaq.notices.envelope import Kept, parse
from mithaq.notices.fields import attachments
from mithaq_node.queries import drafts, ledgers
from mithaq_node.services import accounts, erasing, pictures
from mithaq_node.store import log as record
from mithaq_node.store.models import Draft, Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import NOW, Pair, notice, release
from tests.photographs import CAMERA, photograph

Officers = dict[str, Officer]

KIND = "humanitarian.hazard"
NEW = f"/fa/filing/{KIND}/"
TYPED = {
    "hazard": "wildfire",
    "happened.calendar": "solar",
    "happened.year": "۱۴۰۹",
    "happened.month": "2",
    "happened.day": "۱۲",
    "happened.time": "۱۴:۵۰",
    "place.form": "sector",
    "place.sector": "A",
    "confidence": "seen",
    "precedence": "flash",
}


def signed_in(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def desk(officers: Officers) -> Client:
    return signed_in(officers["duty"])


def file(body: bytes, name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body, content_type="image/jpeg")


def page_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def question_in(page: str) -> str:
    found = re.search(r'name="(passage\.[0-9a-f]{16})"', page)
    assert found is not None
    return found[1]


def test_a_picture_is_asked_about_and_leaves_only_under_a_signed_answer(desk: Client, officers: Officers) -> None:
    answer = desk.post(NEW, {**TYPED, "picture": file(photograph())})
    draft = Draft.objects.get()
    shown = desk.get(answer.headers["Location"])
    assert f'src="/fa/filing/draft/{draft.pk}/picture.jpg"' in page_of(shown)
    desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET})
    held = [part.body for part in drafts.parts(draft) if part.retention == "attachment"]
    assert len(held) == 1
    assert CAMERA.encode() not in held[0]
    second, sign = signed_in(officers["releasing"]), f"/fa/release/{draft.pk}/sign/"
    page = page_of(second.get(f"/fa/release/{draft.pk}/"))
    assert "آیا کسی در تصویر قابل شناسایی است؟" in page
    assert f'src="/fa/filing/draft/{draft.pk}/picture.jpg"' in page
    assert "release.passage-open" in page_of(second.post(sign, {"password": SECRET}))
    released = second.post(sign, {"password": SECRET, question_in(page): "nobody-recognisable"})
    assert released.headers["Location"] == "/fa/notices/ML3-4/"
    found = ledgers.notice("ML 3-4")
    assert found is not None
    assert found.leaf is not None
    assert found.leaf.header.kept == [Kept(finding=kept.PICTURE, reason="nobody-recognisable", n=1)]
    assert found.conforms
    assert "کسی در آن قابل شناسایی نیست" in page_of(second.get("/fa/notices/ML3-4/"))


def test_a_picture_in_which_somebody_is_recognisable_goes_back(desk: Client, officers: Officers) -> None:
    desk.post(NEW, {**TYPED, "picture": file(photograph())})
    draft = Draft.objects.get()
    desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET})
    second = signed_in(officers["releasing"])
    question = question_in(page_of(second.get(f"/fa/release/{draft.pk}/")))
    second.post(f"/fa/release/{draft.pk}/sign/", {question: "back"})
    draft.refresh_from_db()
    assert draft.state == "handed-back"
    assert draft.remark == "شاید کسی در تصویر قابل شناسایی باشد. لطفاً تصویر دیگری بفرستید یا هیچ."
    desk.post(f"/fa/filing/draft/{draft.pk}/edit/", {**TYPED, "picture.away": "yes"})
    draft.refresh_from_db()
    assert "picture" not in draft.content


def test_what_is_no_picture_is_refused_and_everything_else_is_kept(desk: Client) -> None:
    for body in (b"<svg onload='alert(1)'/>", photograph()[:500]):
        answer = desk.post(NEW, {**TYPED, "then": "save", "picture": file(body)})
        page = page_of(answer)
        assert answer.status_code == 422
        assert re.findall(r'id="refusal-([a-z_]+)"', page) == ["picture"]
        assert "این پرونده تصویری نیست" in page
        assert 'value="۱۴:۵۰"' in page
    assert {"picture" in each.content for each in Draft.objects.all()} == {False}


def test_a_picture_stays_with_its_draft_while_the_rest_is_mended(desk: Client) -> None:
    answer = desk.post(NEW, {**TYPED, "confidence": "", "picture": file(photograph())})
    assert answer.status_code == 422
    draft = Draft.objects.get()
    edit = f"/fa/filing/draft/{draft.pk}/edit/"
    assert "تصویر، ۶۴۰ در ۴۸۰ پیکسل" in page_of(desk.get(edit))
    assert desk.post(edit, TYPED).status_code == 302
    shown = desk.get(f"/fa/filing/draft/{draft.pk}/picture.jpg")
    assert attachments.size_of(shown.content) == (640, 480)
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Disposition"] == 'inline; filename="picture.jpg"'
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert desk.get(f"/fa/filing/draft/{draft.pk}/hazard.jpg").status_code == 404


def test_one_officer_alone_answers_too(desk: Client) -> None:
    desk.post(NEW, {**TYPED, "picture": file(photograph())})
    draft = Draft.objects.get()
    address = f"/fa/filing/draft/{draft.pk}/"
    alone = {"password": SECRET, "alone": "yes"}
    assert "release.passage-open" in page_of(desk.post(f"{address}file/", alone))
    question = question_in(page_of(desk.get(address)))
    answer = desk.post(f"{address}file/", {**alone, question: "nobody-recognisable"})
    assert answer.headers["Location"] == "/fa/notices/ML3-4/"


def test_a_kind_without_attachments_takes_none(desk: Client) -> None:
    page = page_of(desk.get("/fa/filing/incident.initial/"))
    assert 'type="file"' not in page
    desk.post("/fa/filing/incident.initial/", {"event": "fire", "then": "save", "picture": file(photograph())})
    assert "picture" not in Draft.objects.get().content


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_it_arrives_at_the_counterpart_lies_sealed_there_and_goes_at_the_end_of_its_term(
    pair: Pair, standing: Standing
) -> None:
    encoded = pictures.plain(photograph(), 180_000)
    content = meadow.HAZARD | {"picture": attachments.value_of(encoded)}
    stated = Kept(finding=kept.PICTURE, reason="nobody-recognisable", n=1)
    release(pair.ml, [notice(pair.ml.seat, 1, content=content, name=KIND, kept=[stated])])
    pair.settle()
    number = numbers.spoken("ML", 3)
    with standing(pair.rl):
        client = signed_in(accounts.create_officer(name="watch desk", role="duty", secret=SECRET))
        page = page_of(client.get(f"/ckb/notices/{number}/"))
        assert f'src="/ckb/notices/{number}/picture.jpg"'.replace(" ", "") in page.replace(" ", "")
        assert client.get(f"/ckb/notices/{number}/picture.jpg").content == encoded
        rows = pair.rl.engine.execute(pair.rl.conn, "SELECT body FROM part WHERE retention = 'attachment'").fetchall()
        assert len(rows) == 1
        assert encoded[:40] not in bytes(rows[0][0])
        erasing.erase(now=Moment(NOW.seconds + 70 * DAY))
        assert client.get(f"/ckb/notices/{number}/picture.jpg").status_code == 404
        assert client.get(f"/ckb/notices/{number}/").status_code == 200
    (leaf,) = record.read_entries(pair.rl.conn, pair.rl.engine, pair.copy_of(pair.rl), 3, 4)
    assert [part.retention for part in parse(leaf).header.parts] == ["facts", "attachment"]
