"""The desk of an exercise: every page, paper and file says that nothing of it is real; the real desk never does."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from mithaq_files import export, verifying
from mithaq_files.trust import Trust
from mithaq_node.services import certifying
from mithaq_node.settings.node import Node
from mithaq_node.store.models import Officer
from mithaq_node.web import unserved
from mithaq_node.web.papers import certificate, saying
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW
from tests.mithaq_node.watches import released
from tests.mithaq_node.web.test_access import MATRIX, POSTED, address

WORDS = {"en": "EXERCISE", "fa": "رزمایش", "ar": "تمرين", "ckb": "ڕاهێنان"}
Officers = dict[str, Officer]


@pytest.fixture
def engine() -> str:
    """What a page says does not hang on the engine."""
    return "sqlite"


@pytest.fixture
def exercise(tmp_path: Path, django_db_blocker: Any) -> Iterator[Officers]:
    """A node under the instrument for exercises, with its officers."""
    node: Node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node, meadow.exercise())
    with django_db_blocker.unblock(), meadow.standing_on(node):
        made = meadow.officers()
        meadow.enter("ML")
        yield made


def desk_of(officer: Officer) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(officer)
    return client


def whole_pages(client: Client, language: str) -> dict[str, str]:
    """Every address that answers with a whole page, and not with a part of one, with data or with the way elsewhere."""
    known = (address(name) for name in MATRIX if name not in POSTED and name not in ("demo:enter", "accounts:signout"))
    found: dict[str, str] = {}
    for place in (each.replace("/en/", f"/{language}/", 1) for each in [*known, "/en/nowhere/"]):
        answer = client.get(place)
        content = b"" if answer.streaming else answer.content
        answer.close()
        if b"<head>" in content:
            found[place] = content.decode()
    return found


def is_marked(page: str, word: str) -> bool:
    """The frame, the word at the head and at the foot of the page, and the word in its title."""
    title = page[page.index("<title>") : page.index("</title>")]
    return (
        "data-exercise" in page[: page.index("<head>")]
        and word in title
        and page.count(f"<strong>{word}</strong>") == 2
    )


def test_every_page_of_every_language_is_marked(exercise: Officers) -> None:
    client = desk_of(exercise["releasing"])
    for language, word in WORDS.items():
        pages = whole_pages(client, language)
        assert len(pages) > 20
        spoken = {place: [word] if place.startswith(f"/{language}/") else list(WORDS.values()) for place in pages}
        unmarked = [each for each, page in pages.items() if not any(is_marked(page, said) for said in spoken[each])]
        assert unmarked == []
        assert is_marked(Client().get(f"/{language}/signin/").content.decode(), word)
        with translation.override(language):
            assert f"<strong>{word}</strong>" in unserved.failed(RequestFactory().get("/")).content.decode()


def test_no_page_of_the_real_desk_is_marked(officers: Officers) -> None:
    for place, page in whole_pages(desk_of(officers["releasing"]), "en").items():
        assert "data-exercise" not in page, place
        assert WORDS["en"] not in page, place


def test_what_is_taken_away_is_marked_in_name_and_content(exercise: Officers, tmp_path: Path) -> None:
    number = released(exercise)
    auditor = desk_of(exercise["auditor"])
    proof = auditor.get(f"/en/notices/{number}/proof/".replace(" ", ""))
    assert proof.headers["Content-Disposition"] == 'attachment; filename="EXERCISE-ML3-4.tlog-proof"'
    assert b"-exercise/" in proof.content
    answer = auditor.get("/en/record/export/")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # it streams
    answer.close()
    name = f"{meadow.EXERCISE}-ML"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.tar"'
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    out = tmp_path / "out" / name
    assert (out / export.EXERCISE).read_text("utf-8") == export.EXERCISE_TEXT
    (subject,) = verifying.verify([out], Trust()).subjects
    assert subject.exercise


def test_a_certificate_is_marked_on_every_sheet(exercise: Officers) -> None:
    pytest.importorskip("typst", reason="the paper needs the extra `papers`")
    number = released(exercise)
    made = certifying.certify(number=number, now=NOW)
    with translation.override("fa"):
        assert saying.frame(saying.reader_in("fa"))["exercise"] == WORDS["fa"]
    values = certificate._values(made, saying.reader_in("fa"))
    assert values["proof"]["file"] == "EXERCISE-ML3-4.tlog-proof"
    assert certificate.paper(made, "fa").startswith(b"%PDF-")
