"""Refusals and faults travel: between processes, and into copies, with all that they name."""

import copy
import pickle
from collections.abc import Callable

import pytest

from mithaq.errors import Fault, Finding, Refusal
from mithaq.exchange.accept import Broken
from mithaq.instrument.compiling import Faulty

WAYS: list[Callable[[Exception], Exception]] = [
    lambda error: pickle.loads(pickle.dumps(error)),
    copy.copy,
    copy.deepcopy,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "refusal", [Refusal("log.unknown", log="a", size=3), Refusal("ticket.spent"), Broken("x.y", n=1)]
)
def test_a_refusal_arrives_with_its_code_and_data(way: Callable[[Exception], Exception], refusal: Refusal) -> None:
    arrived = way(refusal)
    assert type(arrived) is type(refusal)
    assert (arrived, str(arrived), arrived.args) == (refusal, str(refusal), refusal.args)
    assert vars(arrived) == vars(refusal)


@pytest.mark.parametrize("way", WAYS)
def test_a_refusal_of_its_own_making_keeps_what_it_found(way: Callable[[Exception], Exception]) -> None:
    faulty = Faulty([Finding("instrument.yaml", "parties", "instrument.no-parties", {"count": 0})])
    arrived = way(faulty)
    assert isinstance(arrived, Faulty)
    assert (arrived, arrived.findings) == (faulty, faulty.findings)


@pytest.mark.parametrize("way", WAYS)
def test_a_fault_arrives_with_its_remedy(way: Callable[[Exception], Exception]) -> None:
    fault = Fault("3 hashes", "2", "run mithaq fsck")
    arrived = way(fault)
    assert isinstance(arrived, Fault)
    assert (arrived.expected, arrived.found, arrived.remedy, str(arrived)) == (
        "3 hashes",
        "2",
        fault.remedy,
        str(fault),
    )
