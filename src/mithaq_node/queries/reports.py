"""Reports to the committee from the record at a stated cut: whoever holds the cut gets the same figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mithaq.errors import Refusal
from mithaq.followup import report
from mithaq.followup.report import Paper, Report
from mithaq.instrument.law import Law
from mithaq.notices import epochs, numbers
from mithaq_node.queries import instrument, ledgers

COMMON, HELD = "common", "held"
"""As far as every party demonstrably holds the same; as far as this node holds."""

_MOST = 4_000
"""Characters of a cut; that of two logs with fifty epochs each is shorter."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A report, the cut that it is of, and the digest of the state there: the same on every node that holds the cut."""

    report: Report
    cut: Mapping[str, int]
    up_to: tuple[str, ...]
    """The cut as it is said and printed: the spoken number of the last entry of each log."""
    digest: str

    def figures(self) -> dict[str, Any]:
        """The figures with what they are of, as plain values."""
        law = instrument.law()
        return {
            "instrument": law.id,
            "version": law.version,
            "rules": ledgers.rules_at(self.cut),
            "law": instrument.sealed().law_digest,
            "cut": dict(sorted(self.cut.items())),
            "up_to": list(self.up_to),
            "digest": self.digest,
            **report.figures(self.report),
        }


def paper_of(name: str) -> Paper:
    """The paper of this name; refuses a name of none (`report.unknown-paper`)."""
    if name not in set(Paper):
        raise Refusal("report.unknown-paper", found=name[:40])
    return Paper(name)


def draw(paper: Paper, at: str = COMMON) -> Drawn:
    """The report at a cut, of what is told to all parties.

    `at` is `COMMON`, `HELD`, or the cut as it is printed, `IQ 412-3 / IR 398-1`. Refuses what is no cut
    (`report.bad-cut`), one beyond what is held, and one with no entry in it (`report.nothing-held`).
    """
    law = instrument.law()
    cut = _cut(law, at)
    if not any(cut.values()):
        raise Refusal("report.nothing-held")
    book = ledgers.roll().book_at(cut, apart=cut != ledgers.cut_of_both())
    parties = (party.code for party in instrument.parties())
    found = report.report(paper, book, law, parties, report.as_of(book, law))
    return Drawn(found, cut, ledgers.up_to(cut), book.digest())


def _cut(law: Law, at: str) -> dict[str, int]:
    asked = at.strip() or COMMON
    sizes = {origin: size for origin, size in ledgers.roll().sizes().items() if numbers.audience_of(origin) == "all"}
    if asked == COMMON:
        return ledgers.cut_of_both()
    return sizes if asked == HELD else stated(law, asked, sizes)


def stated(law: Law, said: str, sizes: Mapping[str, int]) -> dict[str, int]:
    """The cut that is said in spoken numbers, in whatever order, within the `sizes` held. An earlier epoch of a log
    that is said, and of which nothing is said itself, is in it with everything.

    Refuses what is no cut (`report.bad-cut`), and one beyond what is held (`ledger.beyond-held`).
    """
    if len(said) > _MOST:
        raise Refusal("report.bad-cut", found=said[:80])
    cut: dict[str, int] = {}
    for each in said.split("/"):
        try:
            party, running, audience = numbers.parse(each)
        except Refusal as refusal:
            raise Refusal("report.bad-cut", found=said[:80]) from refusal
        if law.party(party) is None or audience != numbers.ALL:
            raise Refusal("report.bad-cut", found=said[:80])
        epoch, index = numbers.place(running)
        origin = law.origin(party, epoch=epoch)
        if origin in cut:
            raise Refusal("report.bad-cut", found=said[:80])
        cut[origin] = index + 1
    for origin in tuple(cut):
        closed = epochs.before(origin)
        while closed is not None:
            cut.setdefault(closed, sizes.get(closed, 0))
            closed = epochs.before(closed)
    beyond = next((origin for origin, size in cut.items() if size > sizes.get(origin, 0)), None)
    if beyond is not None:
        raise Refusal("ledger.beyond-held", log=beyond, held=sizes.get(beyond, 0), wanted=cut[beyond])
    return cut
