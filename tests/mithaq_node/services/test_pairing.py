"""The file that a counterpart hands over: read as it was written, and refused however it was changed."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq_node.services import pairing
from tests.mithaq_node import meadow
from tests.strategies import damaged


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The card of RL, as its node wrote it."""
    node = meadow.settings_of(tmp_path_factory.mktemp("node"), "RL", peer_port=9100)
    meadow.found(node)
    return node.own_card.read_bytes()


def read(encoded: bytes, own_party: str = "ML") -> pairing.Card:
    return pairing.read_card(encoded=encoded, law=meadow.sealed().law, own_party=own_party)


def test_a_card_reads_back_as_it_was_written(card: bytes) -> None:
    assert read(card).encode() == card


def test_a_node_does_not_pair_with_itself(card: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read(card, "RL")
    assert refused.value.code == "card.own"


def test_a_card_for_another_instrument_is_refused(card: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read(card.replace(b'"meadow-river-2030"', b'"meadow-river-2031"'))
    assert refused.value.code == "card.other-instrument"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_to_a_card_is_refused_or_leaves_it_as_it_was(card: bytes, data: st.DataObject) -> None:
    found = data.draw(damaged(card))
    with suppress(Refusal):
        told, true = read(found), read(card)
        assert (told.party, told.domain, set(told.roots), told.threshold) == (
            true.party,
            true.domain,
            set(true.roots),
            true.threshold,
        )
