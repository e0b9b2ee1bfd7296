"""Officers' signatures that are verified together, once everything else about the leaves has been judged.

A judge asks for one signature after the other. `Together` takes each for good and remembers it; then all are verified
at once, in whatever order and on as many cores as the caller has. Where every one of them is good, what was judged
stands; where one is not, the judge is asked again and told what each is. So there is one set of rules, and it never
acts on a signature that was not verified.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mithaq.record.note import Signature, Verifier

Claim = tuple[Verifier, bytes, Signature]
"""A key, a text, and what is said to be its signature over it."""

VerifyAll = Callable[[Sequence[Claim]], Sequence[bool]]
"""Whether each claim is true, in their order."""


def one_by_one(claims: Sequence[Claim]) -> list[bool]:
    """Whether each claim is true."""
    return [verifier.verifies(text, signature) for verifier, text, signature in claims]


@dataclass
class Together:
    """The signatures of some leaves, before and after they are verified."""

    verify_all: VerifyAll = one_by_one
    _claims: list[Claim] = field(default_factory=list)
    _found: dict[Claim, bool] = field(default_factory=dict)

    def taken(self, verifier: Verifier, text: bytes, signature: Signature) -> bool:
        """True, for now."""
        self._claims.append((verifier, text, signature))
        return True

    def are_good(self) -> bool:
        """Verify what was taken: whether all of it was rightly taken for good."""
        found = self.verify_all(self._claims)
        if all(found) and len(found) == len(self._claims):
            return True
        self._found = dict(zip(self._claims, found, strict=True))
        return False

    def known(self, verifier: Verifier, text: bytes, signature: Signature) -> bool:
        """Whether the signature is good, as it was found; verified now where it was not asked for before."""
        found = self._found.get((verifier, text, signature))
        return verifier.verifies(text, signature) if found is None else found
