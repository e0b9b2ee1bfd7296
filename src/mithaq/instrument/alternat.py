"""Alternat: in which order the parties, and the languages of an authentic text, are named.

On its own node, and in every paper that it makes there, a party names itself first and puts its language first. What is
made in no party's name names them by their codes, and whoever stands first changes with the number of what is named:
with two parties the first, third, fifth version begins with one, the second and fourth with the other
(docs/decisions/0133-each-copy-names-its-own-party-first.md).
"""

from collections.abc import Iterable


def own_first(names: Iterable[str], own: str) -> tuple[str, ...]:
    """For a party's own copy: `own` first where it is among `names`, the others in their order."""
    listed = tuple(names)
    return tuple(sorted(listed, key=lambda name: name != own))


def in_turn(names: Iterable[str], number: int) -> tuple[str, ...]:
    """For what is in no party's name and is numbered from 1 (a version, a quarter): sorted, and one further around for
    each number."""
    listed = sorted(names)
    begin = (number - 1) % len(listed) if listed else 0
    return tuple(listed[begin:] + listed[:begin])
