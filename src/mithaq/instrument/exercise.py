"""The instrument for exercises: the same text under an identifier that says so, for both sides to seal.

Everything that two nodes exchange names the instrument it was made under: origins of logs, keys, cards, requests. So an
exercise runs in logs of its own, on nodes of its own, and nothing of it can be taken for the real thing by forgetting a
filter (docs/decisions/0063).
"""

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.instrument.law import EXERCISE
from mithaq.instrument.sealing import Sealed


def exercise_of(real: Sealed) -> Sealed:
    """The instrument for exercises under the same law and words, with nobody's seal yet.

    Refuses one that is made for exercises already.
    """
    if real.law.exercise:
        raise Refusal("instrument.exercise-already", id=real.law.id)
    law = msgspec.structs.replace(real.law, id=f"{real.law.id}-{EXERCISE}", exercise=True)
    return Sealed.open(canonical.encode(law), real.words_bytes)
