"""How far a commitment is carried out, and what a reader found of evidence: two scales that no instrument can change.

The scale is that of the Peace Accords Matrix (Joshi, Quinn and Regan, *Journal of Peace Research* 52, 2015): four
steps, ordinal, each with a written anchor. There are no decimals, and a score is never shown without its word.
"""

from typing import Final

COMMITMENT: Final = "commitment"
"""The facet of kinds whose notices say something about one commitment of the instrument."""

REVIEW: Final = "evidence-review"
"""The facet of kinds whose notices say what a party finds of the evidence that another has stated."""

SCORE: Final = "score"
FOUND: Final = "found"

SCALE: Final = ("not-initiated", "minimum", "intermediate", "full")
"""The scores 0 to 3, by their place."""

FULL: Final = len(SCALE) - 1

REJECTED: Final = "rejected"
FINDINGS: Final = ("accepted", "questioned", REJECTED)


def score(code: str) -> int:
    """The number of a score's code; the code was judged good."""
    return SCALE.index(code)
