"""Instrument folders on disk."""

import pytest

from mithaq.errors import Refusal
from mithaq_files import instrument
from tests.mithaq.instrument.folders import FICTIONAL, REAL, unsealed


def test_hidden_files_are_left_out(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_bytes(b"x")
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "01.yaml").write_bytes(b"y")
    assert instrument.read_folder(tmp_path) == {"articles/01.yaml": b"y"}


def test_a_file_that_is_too_big_is_refused(tmp_path):
    with (tmp_path / "law.json").open("wb") as file:
        file.truncate(instrument.MOST_BYTES + 1)
    with pytest.raises(Refusal) as refused:
        instrument.read_folder(tmp_path)
    assert refused.value.code == "instrument.too-big"


def test_a_sealed_folder_reads_back_and_keeps_no_half_written_file(tmp_path):
    sealed = unsealed()
    instrument.write_sealed(tmp_path / "node", sealed)
    assert instrument.read_sealed(tmp_path / "node") == sealed
    assert sorted(path.name for path in (tmp_path / "node").rglob("*")) == ["law.json", "words.json"]


def test_the_shipped_instruments_are_found_by_name():
    for name in (FICTIONAL, REAL):
        assert (instrument.shipped(name) / "instrument.yaml").is_file()
    with pytest.raises(Refusal):
        instrument.shipped("nowhere")


def test_the_library_holds_kinds_and_nothing_but_their_texts_and_symbols():
    library = instrument.library()
    assert "codes.yaml" in library
    assert "incident.initial/kind.yaml" in library
    assert {name.rsplit(".", 1)[1] for name in library} == {"yaml", "svg"}
