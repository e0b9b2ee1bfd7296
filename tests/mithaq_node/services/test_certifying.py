"""The certificate of one notice: set in each language, its proof attached and good without a node."""

import re
import zlib
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq_files import verifying
from mithaq_files.verdict import Verdict
from mithaq_node.services import certifying
from mithaq_node.web.papers import certificate as papers
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair
from tests.mithaq_node.services.test_casing import ACCOUNT, ROOTS, number_of, told

__all__ = ["told"]  # the fixture


def streams(pdf: bytes) -> list[bytes]:
    """What stands in the streams of a PDF, unpacked where it is packed."""
    found = []
    # What was packed may itself end with a carriage return; what follows its end the unpacking leaves alone.
    for match in re.finditer(rb"stream\r?\n(.*?)\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompressobj().decompress(match[1]))
        except zlib.error:
            found.append(match[1])
    return found


@pytest.mark.parametrize("language", ["fa", "ar", "ckb", "en"])
def test_the_attached_proof_is_genuine_and_the_paper_twice_the_same(
    told: Pair, standing: Standing, tmp_path: Path, language: str
) -> None:
    pytest.importorskip("typst", reason="the paper needs the extra `papers`")
    for holdings in (told.ml, told.rl):
        with standing(holdings):
            made = certifying.certify(number=number_of(told), now=NOW)
            paper = papers.paper(made, language)
            assert papers.paper(made, language) == paper
        assert paper.startswith(b"%PDF-")
        assert made.proof in streams(paper)
        proof = tmp_path / "taken-out.tlog-proof"
        proof.write_bytes(made.proof)
        assert verifying.verify([proof], ROOTS).verdict is Verdict.GENUINE


def test_a_part_is_shown_only_when_it_is_named(told: Pair, standing: Standing) -> None:
    with standing(told.ml):
        number = number_of(told)
        plain = certifying.certify(number=number, now=NOW)
        full = certifying.certify(number=number, disclose=["text"], now=NOW)
        assert plain.disclosed == frozenset()
        assert [part.values.get("account") for part in full.view.parts if part.number in full.disclosed] == [ACCOUNT]
        assert len(full.proof) > len(plain.proof)
        with pytest.raises(Refusal, match=r"case\.unknown-part"):
            certifying.certify(number=number, disclose=["exact"], now=NOW)


def test_there_is_none_of_what_is_no_notice(told: Pair, standing: Standing) -> None:
    with standing(told.ml), pytest.raises(Refusal, match=r"desk\.no-notice"):
        certifying.certify(number="ML 1-8", now=NOW)
