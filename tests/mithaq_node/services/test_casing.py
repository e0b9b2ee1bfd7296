"""A case from either side: the incident, what it rests on, and the paper, checked without a node."""

import zipfile
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq.notices import numbers
from mithaq_files import case, comparing, verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from mithaq_node import queries
from mithaq_node.services import casing
from mithaq_node.store import log as record
from mithaq_node.web.papers import case as papers
from tests.mithaq_files.test_verifying import second_opinion
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair, notice, release

ROOTS = Trust(roots=frozenset(key for party in meadow.sealed().law.parties for key in party.roots))
ACCOUNT = {"lang": "en", "text": "Example: smoke over the meadow."}


@pytest.fixture
def told(pair: Pair) -> Pair:
    """An incident of the Meadow with a text, received by the Ridge."""
    release(pair.ml, [notice(pair.ml.seat, 1, content={**meadow.INCIDENT, "account": ACCOUNT})])
    pair.settle()
    return pair


def number_of(pair: Pair) -> str:
    leaves = record.read_entries(pair.ml.conn, pair.ml.engine, pair.ml.own(), 0, pair.ml.own().size)
    return numbers.spoken("ML", next(index for index, leaf in enumerate(leaves) if b'"kind":"incident.' in leaf))


def gathered(*disclose: str, number: str) -> casing.Gathered:
    return casing.gather(number=number, disclose=disclose, language="en", now=NOW)


def test_either_side_alone_makes_a_case_that_both_verifiers_accept(
    told: Pair, standing: Standing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {}
    for holdings in (told.ml, told.rl):
        out = tmp_path / f"{holdings.seat.party}.zip"
        with standing(holdings):
            found = gathered("all", number=number_of(told))
            case.write(out, found.case, b"%PDF", b"# a verifier", demo=queries.law().demo)
        report = verifying.verify([out], ROOTS)
        assert report.verdict is Verdict.GENUINE, report
        assert {log.party for log in report.subjects[0].logs} == {"ML", "RL"}
        assert second_opinion(str(out), capsys=capsys) == ("INTACT", 0)
        made[holdings.seat.party] = case.parse(out.read_bytes())
    assert comparing.compare_cases(made["ML"], made["RL"]).contradictions == ()
    assert made["ML"].said.by == "ML"
    assert made["ML"].proofs.keys() == made["RL"].proofs.keys()


def test_what_is_not_disclosed_is_not_in_it(told: Pair, standing: Standing) -> None:
    with standing(told.ml):
        number = number_of(told)
        assert _texts(gathered(number=number)) == []
        assert _texts(gathered("text", number=number)) == [ACCOUNT["text"]]
        assert _texts(gathered(f"{number}:text", number=number)) == [ACCOUNT["text"]]


def test_it_refuses_to_disclose_what_the_incident_does_not_have(told: Pair, standing: Standing) -> None:
    with standing(told.ml):
        for name in ("exact", "facts", "nothing", "ML 9-1:text"):
            with pytest.raises(Refusal, match=r"case\.unknown-part|number\."):
                gathered(name, number=number_of(told))
        with pytest.raises(Refusal, match=r"desk\.no-incident"):
            gathered(number="ML 99-1")


def test_a_case_that_is_there_already_is_not_written_over(told: Pair, standing: Standing, tmp_path: Path) -> None:
    out = tmp_path / "case.zip"
    out.write_bytes(b"mine")
    with standing(told.ml), pytest.raises(Refusal, match=r"export\.exists"):
        case.write(out, gathered(number=number_of(told)).case, b"", b"", demo=False)
    assert out.read_bytes() == b"mine"


@pytest.mark.parametrize("language", ["fa", "ar", "ckb", "en"])
def test_the_paper_is_set_in_each_language_and_twice_the_same(told: Pair, standing: Standing, language: str) -> None:
    pytest.importorskip("typst", reason="the paper needs the extra `papers`")
    with standing(told.ml):
        found = gathered("text", number=number_of(told))
        first = papers.paper(found, language)
        assert first.startswith(b"%PDF-")
        assert papers.paper(found, language) == first


def test_the_command_writes_the_whole_file(told: Pair, standing: Standing, tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="the paper needs the extra `papers`")
    out = tmp_path / "case.zip"
    with standing(told.rl):
        found = gathered(number=number_of(told))
        case.write(out, found.case, papers.paper(found, "fa"), case.standalone(), demo=True)
    with zipfile.ZipFile(out) as zipped:
        names = zipped.namelist()
        assert names[:5] == ["READ-ME-FIRST.txt", "DEMONSTRATION.txt", "case.json", "case.pdf", "verify.py"]
        assert b"def main" in zipped.read("verify.py")
        for language in ("READ ME FIRST", "اقرأني أولاً", "نخست مرا بخوانید", "سەرەتا من بخوێنەرەوە"):
            assert language in zipped.read("READ-ME-FIRST.txt").decode()


def _texts(found: casing.Gathered) -> list[str]:
    from mithaq.record import proof
    from mithaq_files import evidence

    shown = [evidence.of(proof.parse(encoded)) for encoded in found.case.proofs.values()]
    return [ACCOUNT["text"] for each in shown for _, _, body in each.parts if ACCOUNT["text"].encode() in body]
