"""More than two parties: each two are matched by themselves, and what agrees is put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mithaq.analysis.matching.proposals import Match

Member = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Reports of one incident as it seems: (party, id) in order, one of each party, and the weakest posterior used."""

    members: tuple[Member, ...]
    posterior: int


def grouped(found: Mapping[tuple[str, str], Sequence[Match]]) -> list[Group]:
    """Groups from the matches of each two parties; the surest pair first, and never two reports of one party.

    Two equally sure pairs are taken in the order of their parties and ids, so the groups depend on the matches alone.
    """
    offers = sorted(
        (-each.posterior, (parties[0], each.left), (parties[1], each.right))
        for parties, matches in found.items()
        for each in matches
    )
    groups: dict[Member, set[Member]] = {}
    weakest: dict[Member, int] = {}
    for negative, first, second in offers:
        one, other = groups.get(first, {first}), groups.get(second, {second})
        if one is other or {party for party, _ in one} & {party for party, _ in other}:
            continue
        both = one | other
        for member in both:
            groups[member], weakest[member] = both, -negative
    made = {min(members): Group(tuple(sorted(members)), weakest[min(members)]) for members in groups.values()}
    return [made[each] for each in sorted(made)]
