"""The instrument for exercises: the same text under another identifier, sealed by nobody yet."""

import msgspec
import pytest

from mithaq.errors import Refusal
from mithaq.instrument import checking
from mithaq.instrument.exercise import exercise_of
from tests.mithaq_node import meadow


def test_it_has_the_same_text_under_an_identifier_that_says_so() -> None:
    real, made = meadow.sealed(), exercise_of(meadow.sealed())
    assert made.law.id == f"{real.law.id}-exercise"
    assert msgspec.structs.replace(made.law, id=real.law.id, exercise=False) == real.law
    assert made.words_bytes == real.words_bytes
    assert made.law_digest != real.law_digest
    assert all("exercise" in made.law.origin(party.code) for party in made.law.parties)
    assert list(checking.faults(made.law)) == list(checking.faults(real.law))


def test_no_seal_of_the_real_one_counts_for_it() -> None:
    made = exercise_of(meadow.sealed())
    assert not made.sealed_by
    with pytest.raises(Refusal, match=r"instrument\.not-sealed"):
        made.require_in_force(meadow.NOW)
    meadow.exercise().require_in_force(meadow.NOW)


def test_it_refuses_to_make_an_exercise_of_an_exercise() -> None:
    with pytest.raises(Refusal, match=r"instrument\.exercise-already"):
        exercise_of(meadow.exercise())
