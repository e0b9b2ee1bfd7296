"""Notices that left over a finding of the linter: each of them, and counted by quarter, by one rule for every party."""

from dataclasses import dataclass

from mithaq.notices import kept
from mithaq.notices.book import Notice
from mithaq.notices.kept import Tally
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Findings:
    """What an auditor is shown of them."""

    notices: tuple[Notice, ...]
    """Conforming notices with a passage that was kept, the latest first."""
    tallies: tuple[Tally, ...]
    """By quarter and party, this node's own party first."""


def released_over() -> Findings:
    """As the headers of the record say it now."""
    notices = ledgers.book().in_order
    over = (each for each in reversed(notices) if each.conforms and each.leaf and kept.of_texts(each.leaf.header))
    return Findings(tuple(over), kept.tallies(notices, (party.code for party in instrument.parties())))
