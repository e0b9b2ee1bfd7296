"""Cuts: how much of each log is meant, and the one that all who hold the logs have in common."""

from collections.abc import Mapping

from mithaq.instrument.law import Law
from mithaq.notices.book import Cut


def common_cut(law: Law, sizes: Mapping[str, int], cosigned: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Per log, the largest size that every other party of its audience has cosigned.

    `sizes` is what is held, origin to size; `cosigned` is (origin, party) to the size of that party's latest
    cosignature.
    """
    cut = {}
    for origin, size in sizes.items():
        party = law.party_of(origin)
        others = [code for code in law.audiences.get(audience_of(origin), []) if party and code != party.code]
        cut[origin] = min([size, *(cosigned.get((origin, other), 0) for other in others)])
    return cut


def holds(cut: Cut, other: Cut) -> bool:
    """Whether a cut has everything that the other has."""
    return all(cut.get(origin, 0) >= size for origin, size in other.items())


def audience_of(origin: str) -> str:
    """The audience in the origin of a log, whatever else it says; empty where it is no such origin."""
    return origin.split("/")[2] if origin.count("/") == 3 else ""
