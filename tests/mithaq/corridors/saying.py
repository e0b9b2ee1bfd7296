"""Statements about crossings and stretches, in the order in which they are made here."""

from itertools import count
from typing import Any

from mithaq.corridors import clearance, crossings, segments
from mithaq.corridors.chains import Chain, Chains
from mithaq.instrument.compiling import compile
from mithaq.instrument.law import Law
from mithaq.instrument.statement import Statement
from mithaq_files.instrument import library
from tests.mithaq.instrument.folders import REAL, folder

LAW: Law = compile(folder(REAL), library()).law
BOTH = ["to-iq", "to-ir"]


class Said:
    """What has been said so far, and the chains that follow from it."""

    def __init__(self, law: Law = LAW) -> None:
        self.law = law
        self.statements: list[tuple[str, Statement]] = []
        self._turns = count(1)

    def of_crossing(self, party: str, crossing: str, state: str, traffic: str, **more: Any) -> Statement:
        return self._say(crossings.FACET, party, {"crossing": crossing, "state": state, "traffic": [traffic]}, more)

    def of_segment(self, party: str, segment: str, state: str, traffic: str, **more: Any) -> Statement:
        return self._say(segments.FACET, party, {"segment": segment, "state": state, "traffic": [traffic]}, more)

    def of_clearance(self, party: str, segment: str, **more: Any) -> Statement:
        return self._say(clearance.FACET, party, {"segment": segment, "stage": "clearing"}, more)

    def _say(self, facet: str, party: str, facts: dict[str, Any], more: dict[str, Any]) -> Statement:
        turn = next(self._turns)
        said = {"direction": BOTH, "reason": "works", **facts, **more}
        made = Statement(party, f"{party} {turn}-0", "2025-08-11T09:00:00Z", (turn, party, turn), said)
        self.statements.append((facet, made))
        return made

    def open_all(self, corridor: str, traffic: str) -> None:
        """Everybody who should says that every link is open."""
        found = self.law.corridor(corridor)
        assert found is not None
        for link in found.chain:
            area, _, id = link.partition(":")
            segment = self.law.segment(id)
            for party in segment.parties if area == "segment" and segment else ("IQ", "IR"):
                (self.of_segment if area == "segment" else self.of_crossing)(party, id, "open", traffic)

    def chains(self) -> Chains:
        return Chains(self.law, self.folded(crossings), self.folded(segments))

    def chain(self, corridor: str, traffic: str, direction: str = "to-iq") -> Chain:
        found = self.law.corridor(corridor)
        assert found is not None
        return self.chains().chain(found, direction, traffic)

    def folded(self, fold: Any) -> dict[Any, Any]:
        by_key: dict[Any, list[Statement]] = {}
        for facet, statement in sorted(self.statements, key=lambda each: each[1].order):
            if facet == fold.FACET:
                for key in fold.keys(statement):
                    by_key.setdefault(key, []).append(statement)
        return {key: fold.fold(key, said) for key, said in by_key.items()}
