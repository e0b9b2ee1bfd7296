"""The closed lists that folds know: roles, facets, release forms, and the machine leaves.

A role says what a notice does in a thread; a facet says which fields its facts carry for the folds. Folds read roles
and facets and never the name of a kind, so a new kind is data (docs/how-to/add-a-kind.md).
"""

from collections.abc import Mapping
from typing import Final

OPENS: Final = "opens"
ADDS: Final = "adds"
ASKS: Final = "asks"
ANSWERS: Final = "answers"
ACKNOWLEDGES: Final = "acknowledges"
JUDGES: Final = "judges"
CORRECTS: Final = "corrects"
WITHDRAWS: Final = "withdraws"
CLOSES: Final = "closes"
STATES: Final = "states"
COUNTS: Final = "counts"
PLANS: Final = "plans"
PROCEEDS: Final = "proceeds"
"""Goes on with a plan of the same party: it is changed, has begun, has ended."""
ASSESSES: Final = "assesses"
SEALS: Final = "seals"
REFUSES: Final = "refuses"

ROLES: Final = frozenset(
    {
        OPENS,
        ADDS,
        ASKS,
        ANSWERS,
        ACKNOWLEDGES,
        JUDGES,
        CORRECTS,
        WITHDRAWS,
        CLOSES,
        STATES,
        COUNTS,
        PLANS,
        PROCEEDS,
        ASSESSES,
        SEALS,
        REFUSES,
    }
)

MUST_REFER: Final = frozenset(
    {ADDS, ANSWERS, ACKNOWLEDGES, JUDGES, CORRECTS, WITHDRAWS, CLOSES, PROCEEDS, SEALS, REFUSES}
)
"""Roles that mean nothing without the notice they refer to; the others may stand alone."""

OWN_ONLY: Final = frozenset({CORRECTS, PROCEEDS, WITHDRAWS})
"""Roles that may point only at notices of the same party: nobody changes the other's account or plan.
Whose notices a seal may point at depends on what it is (`mithaq.notices.joint`)."""

OTHERS_ONLY: Final = frozenset({ACKNOWLEDGES, JUDGES, REFUSES})
"""Roles that may point only at notices of another party: nobody acknowledges or judges himself."""

NONCONFORMING: Final = "nonconforming"
"""In a kind's `refers`: it may also point at a notice whatever its role, as an answer to a non-conformance does."""

MACHINE_ROLES: Final = frozenset({COUNTS})
"""Roles that a machine feed may have: it counts, and says nothing else."""

RELEASES: Final = frozenset({"two", "one", "machine"})

INSTRUMENT: Final = "instrument"

MACHINE_KINDS: Final[Mapping[str, str]] = {
    "key-set": "keyset",
    INSTRUMENT: "instrument",
    "receipt": "receipt",
    "agreement": "agreement",
    "erased": "erased",
}
"""Leaves that nodes (or root keys) write, which no law lists: kind, and the header field that carries them."""

FACETS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "place": {"place": ("place", "sector", "crossing")},
    "period": {"happened": ("moment",), "period": ("interval",)},
    "crossing-state": {
        "crossing": ("crossing",),
        "direction": ("codes",),
        "traffic": ("codes",),
        "state": ("code",),
        "reason": ("code",),
        "since": ("moment",),
        "until": ("moment",),
        "from_hour": ("quantity",),
        "until_hour": ("quantity",),
        "alternative": ("crossing",),
        "requested_by": ("code",),
    },
    "crossing-plan": {
        "crossing": ("crossing",),
        "direction": ("codes",),
        "traffic": ("codes",),
        "state": ("code",),
        "ground": ("code",),
        "from": ("moment",),
        "until": ("moment",),
        "alternative": ("crossing",),
    },
    "segment-state": {
        "segment": ("code",),
        "direction": ("codes",),
        "traffic": ("codes",),
        "state": ("code",),
        "reason": ("code",),
        "since": ("moment",),
        "until": ("moment",),
        "effect": ("code",),
        "stations": ("codes",),
    },
    "clearance": {
        "segment": ("code",),
        "day": ("day",),
        "stage": ("code",),
        "cleared": ("quantity",),
        "remaining": ("quantity",),
    },
    "flow": {
        "crossing": ("crossing",),
        "day": ("day",),
        "direction": ("code",),
        "stage": ("code",),
        "source": ("code",),
        "counts": ("counts",),
        "capacity": ("quantity",),
    },
    "activity": {"activity": ("code",), "place": ("place", "sector"), "period": ("interval",), "scale": ("code",)},
    "activity-changed": {"place": ("place", "sector"), "period": ("interval",), "scale": ("code",)},
    "activity-started": {"happened": ("moment",)},
    "activity-ended": {"happened": ("moment",)},
    "joint": {},
    "commitment": {"commitment": ("commitment",), "score": ("code",), "notice": ("reference",)},
    "evidence": {
        "evidence": ("codes",),
        "notice": ("reference",),
        "number": ("quantity",),
        "unit": ("code",),
        "counted": ("code",),
    },
    "evidence-review": {"found": ("code",), "reason": ("codes",), "pieces": ("codes",)},
    "sighting": {
        "event": ("code",),
        "hazard": ("code",),
        "happened": ("moment",),
        "place": ("place",),
        "impact": ("code",),
        "livestock": ("counts",),
    },
    "match-confirmed": {"ours": ("reference",), "theirs": ("reference",)},
    "match-denied": {"ours": ("reference",), "theirs": ("reference",), "reason": ("code",)},
    "text-draft": {"matter": ("code",)},
    "text-acceptance": {"accepted": ("extent",)},
    "text-final": {"matter": ("code",)},
    "visit": {
        "guest": ("code",),
        "office": ("code",),
        "first_day": ("day",),
        "last_day": ("day",),
        "items": ("codes",),
    },
    "visit-meeting": {"day": ("day",), "office": ("code",), "items": ("codes",)},
    "meeting": {"level": ("code",), "starts": ("moment",), "venue": ("code",), "agenda": ("codes",)},
    "meeting-answer": {"answer": ("code",), "starts": ("moment",), "venue": ("code",), "agenda": ("codes",)},
    "meeting-held": {"happened": ("moment",), "offices": ("codes",), "items": ("codes",)},
    "meeting-statement": {"side": ("code",), "office": ("code",), "items": ("codes",)},
    "meeting-decision": {"matter": ("code",), "owner": ("code",), "authority": ("code",), "due": ("day",)},
    "decision-score": {"score": ("code",)},
    "earlier-commitment": {
        "source": ("code",),
        "concluded": ("day",),
        "owner": ("code",),
        "authority": ("code",),
        "due": ("day",),
        "evidence": ("code",),
        "score": ("code",),
        "as_of": ("day",),
    },
    "earlier-minutes": {
        "held": ("day",),
        "venue": ("code",),
        "level": ("code",),
        "parties": ("codes",),
        "matter": ("code",),
        "owner": ("code",),
        "authority": ("code",),
        "due": ("day",),
    },
    "quarter": {
        "period": ("interval",),
        "epochs": ("counts",),
        "sizes": ("counts",),
        "started": ("counts",),
        "met": ("counts",),
        "late": ("counts",),
        "missed": ("counts",),
        "running": ("counts",),
        "disputed": ("counts",),
        "opened": ("counts",),
        "released": ("counts",),
        "over_finding": ("counts",),
    },
}
"""What each facet calls its fields, and the types each may have."""

SPEAKS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "evidence-review": ("commitment",),
    "text-draft": ("text-draft", "meeting", "visit", "visit-meeting"),
    "text-acceptance": ("text-draft",),
    "text-final": ("text-draft",),
    "visit-meeting": ("visit",),
    "meeting": ("visit",),
    "meeting-answer": ("meeting",),
    "meeting-held": ("meeting",),
    "meeting-statement": ("meeting", "visit-meeting"),
    "meeting-decision": ("meeting",),
    "decision-score": ("meeting-decision",),
}
"""Facets that mean something only about a notice with one of these. The law admits more, by roles; desks offer this."""

FACET_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "place": ("place",),
    "period": (),
    "crossing-state": ("crossing", "direction", "traffic", "state"),
    "crossing-plan": ("crossing", "direction", "traffic", "state", "ground", "from"),
    "segment-state": ("segment", "direction", "traffic", "state"),
    "clearance": ("segment", "day", "stage"),
    "flow": ("crossing", "day", "direction", "stage", "counts"),
    "activity": ("activity", "place", "period"),
    "activity-changed": (),
    "activity-started": ("happened",),
    "activity-ended": ("happened",),
    "joint": (),
    "commitment": ("commitment",),
    "evidence": (),
    "evidence-review": ("found",),
    "sighting": ("happened", "place"),
    "match-confirmed": ("ours", "theirs"),
    "match-denied": ("ours", "theirs", "reason"),
    "text-draft": ("matter",),
    "text-acceptance": ("accepted",),
    "text-final": ("matter",),
    "visit": ("guest", "office", "first_day", "last_day"),
    "visit-meeting": ("day", "office", "items"),
    "meeting": ("level", "starts", "venue", "agenda"),
    "meeting-answer": ("answer",),
    "meeting-held": ("happened", "offices"),
    "meeting-statement": ("side", "office", "items"),
    "meeting-decision": ("matter", "owner", "due"),
    "decision-score": ("score",),
    "earlier-commitment": ("source", "concluded", "owner", "evidence", "score", "as_of"),
    "earlier-minutes": ("held", "venue", "level", "parties", "matter", "owner"),
    "quarter": (
        "period",
        "epochs",
        "sizes",
        "started",
        "met",
        "late",
        "missed",
        "running",
        "disputed",
        "opened",
        "released",
        "over_finding",
    ),
}
"""The facet's fields that every notice must carry."""

FACET_NEEDS_ONE: Final[Mapping[str, tuple[str, ...]]] = {
    "period": ("happened", "period"),
    "sighting": ("event", "hazard"),
}
"""Fields of which the kind must have one at least."""
