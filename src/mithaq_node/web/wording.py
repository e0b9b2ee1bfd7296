"""The desk's own words for closed lists of the code: states, clocks, links, steps of the ladder.

Words that parties agreed on stand in the instrument (`words.json`); these here belong to the software and are
translated in its catalogues.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mithaq.activities.plans import State as ActivityState
from mithaq.activities.terms import Told
from mithaq.followup.meetings import State as MeetingState
from mithaq.followup.report import Paper
from mithaq.followup.texts import State as TextState
from mithaq.notices import incidents, matches, roles
from mithaq.notices.clocks import Display
from mithaq.notices.compliance import Grouping
from mithaq.notices.incidents import State
from mithaq.notices.matches import Standing
from mithaq.places import Answer
from mithaq.prevention.warned import Outcome
from mithaq_node.store.models import AccountDeed

Word = str | Promise

INCIDENT: dict[str, tuple[Word, str]] = {
    State.REPORTED: (_("Reported"), "told"),
    State.ACKNOWLEDGED: (_("Acknowledged"), "told"),
    State.ANSWERED: (_("Answered"), "kept"),
    State.UNSATISFACTORY: (_("Answer judged unsatisfactory"), "late"),
    State.MEASURES: (_("Measures under way"), "due"),
    State.CLOSING: (_("Closing proposed"), "due"),
    State.CLOSED: (_("Closed by both"), "kept"),
    State.DIFFER: (_("Closed, accounts differ"), "late"),
    State.WITHDRAWN: (_("Withdrawn"), "idle"),
}
"""State of an incident to its word and the meaning of its badge."""

OUTCOMES: dict[str, tuple[Word, str]] = {
    Outcome.CAME: (_("Something came of it"), "late"),
    Outcome.NOTHING: (_("Nothing came of it"), "idle"),
    Outcome.KNOWN: (_("Known cause, such as a planned activity"), "kept"),
    Outcome.UNSURE: (_("Nobody can say"), "told"),
}
"""What became of a warning to its word and the meaning of its badge."""

MODES: dict[str, Word] = {"rail": _("Rail"), "road": _("Road")}
"""How one travels on a stretch of a corridor."""

NEXT_STEPS: dict[str, Word] = {
    roles.ACKNOWLEDGES: _("Acknowledge"),
    roles.ANSWERS: _("Answer"),
    roles.SEALS: _("Seal"),
    roles.REFUSES: _("Refuse with a reason"),
    roles.JUDGES: _("Judge the answer"),
    roles.ASKS: _("Ask"),
    roles.ADDS: _("Add to our account"),
    roles.CLOSES: _("Propose closing"),
}
"""What an officer does with a notice of a role, as the page of an incident offers it."""
AGREE_TO_CLOSE: Word = _("Agree to close")
PROPOSE_TEXT: Word = _("Propose a joint text")
ANOTHER_VERSION: Word = _("Propose another version")
RECORD_DISAGREEMENT: Word = _("Record a disagreement")
OTHER_STEP: Word = _("File")
VERDICTS: tuple[tuple[str, Word], ...] = (
    (incidents.SATISFACTORY, _("It satisfies us")),
    (incidents.UNSATISFACTORY, _("It does not satisfy us")),
)

PAIRS: dict[str, tuple[Word, str]] = {
    "propose": (_("Probably one incident"), "due"),
    "ask": (_("Perhaps one incident"), "told"),
    Standing.ASSERTED: (_("Confirmed by one party"), "due"),
    Standing.CONFIRMED: (_("One incident: confirmed by both"), "kept"),
    Standing.DENIED: (_("Denied: two incidents"), "idle"),
    Standing.DISPUTED: (_("Confirmed by one party, denied by the other"), "late"),
    matches.CONFIRMED: (_("confirms: one incident"), "kept"),
    matches.DENIED: (_("denies: two incidents"), "idle"),
}
"""What this node makes of two notices, what stands of them in the record, and what a party says of them."""

JOINT: dict[str, Word] = {
    "agreed": _("Agreed by all"),
    "open": _("Proposed, not yet sealed by all"),
    "replaced": _("Another version was proposed"),
    "withdrawn": _("Withdrawn"),
}
"""How far a joint text has come."""

CLOCK: dict[str, Word] = {
    Display.RUNNING: _("Running"),
    Display.MET: _("Met"),
    Display.MET_LATE: _("Met late"),
    Display.MISSED: _("Missed"),
    Display.DISPUTED: _("Time disputed"),
    Display.VOIDED: _("Void"),
    Display.STANDS: _("Suspended"),
}

KEEPING: dict[str, Word] = {
    "met": CLOCK[Display.MET],
    "late": CLOCK[Display.MET_LATE],
    "missed": CLOCK[Display.MISSED],
    "running": CLOCK[Display.RUNNING],
    "disputed": CLOCK[Display.DISPUTED],
    "standing": CLOCK[Display.STANDS],
}
"""How clocks are kept, in the order in which a chart draws them (`mithaq.notices.compliance.Timeliness`)."""

GROUPINGS: dict[str, Word] = {
    Grouping.CLOCK: _("Deadline"),
    Grouping.KIND: _("Kind"),
    Grouping.SECTOR: _("Sector"),
    Grouping.MONTH: _("Month"),
}

ACCOUNT: dict[str, Word] = {
    AccountDeed.MADE: _("Made"),
    AccountDeed.DISABLED: _("Shut out"),
    AccountDeed.ENABLED: _("Let in again"),
    AccountDeed.PASSWORD: _("Password changed"),
    AccountDeed.SIGNED_IN: _("Signed in"),
    AccountDeed.FACTOR_ADDED: _("Second factor added"),
    AccountDeed.FACTOR_REMOVED: _("Second factor taken away"),
    AccountDeed.FACTORS_RESET: _("All second factors taken away"),
    AccountDeed.RECOVERY_MADE: _("Codes for paper made"),
    AccountDeed.RECOVERY_USED: _("Code from paper used"),
    AccountDeed.WAIT_LIFTED: _("Wait at the door lifted"),
}

LINK: dict[str, tuple[Word, str]] = {
    "level": (_("Both hold the same"), "kept"),
    "behind": (_("On its way"), "due"),
    "silent": (_("Silent"), "late"),
    "never": (_("Never heard"), "idle"),
    "stopped": (_("Stopped"), "stop"),
}

STEPS: tuple[tuple[str, Word], ...] = (
    ("sealed", _("Sealed")),
    ("delivered", _("Delivered")),
    ("readable", _("Readable")),
    ("opened", _("Opened")),
    ("answered", _("Answered")),
)
"""The ladder, from the bottom."""

RELEASES: dict[str, Word] = {
    "two": _("Released by two officers"),
    "one": _("Released by one officer, reviewed after"),
    "machine": _("Sent by a machine feed"),
}

PLACE_FORMS: dict[str, Word] = {
    "sector": _("Sector"),
    "kilometre": _("Kilometre of the line"),
    "crossing": _("Crossing"),
    "cell": _("Cell of the grid"),
    "point": _("Exact point"),
    "area": _("Area by its corners"),
    "pillar": _("Boundary pillar"),
}

MACHINE_LEAVES: dict[str, Word] = {
    "key-set": _("Key-set"),
    "instrument": _("Instrument in force"),
    "receipt": _("Receipt"),
    "agreement": _("Statement of agreement"),
    "erased": _("Statement of erasure"),
}

DRAFT: dict[str, tuple[Word, str]] = {
    "begun": (_("Begun"), "idle"),
    "filed": (_("Filed, awaits release"), "due"),
    "handed-back": (_("Handed back"), "late"),
    "released": (_("Released"), "kept"),
}

HANDINGS: dict[str, Word] = {
    "taken": _("took it"),
    "given": _("gave it to"),
    "given-back": _("gave it back"),
}
"""How a matter changed hands within this party."""
LINE_KINDS: dict[str, Word] = {
    "note": _("What happened"),
    "call-to-us": _("Call from the other side"),
    "call-to-them": _("Call to the other side"),
}
"""What a line of the watch log is."""

SIGNATURES: dict[str, tuple[Word, str]] = {
    "holds": (_("The signature holds"), "kept"),
    "unknown-key": (_("No key-set names this key"), "due"),
    "broken": (_("The signature does not hold"), "stop"),
}
"""What can be said of a signature on the paper of a shift."""

FINDINGS: dict[str, Word] = {
    "attachment.picture": _("picture"),
    "text.account-name": _("name of an account"),
    "text.document-number": _("number of a document"),
    "text.long-number": _("long number"),
    "text.mail-address": _("mail address"),
    "text.name": _("someone's name"),
    "text.plate": _("vehicle's plate"),
    "text.position": _("position"),
    "text.telephone": _("telephone number"),
    "text.web-address": _("web address"),
}
"""What a passage looks like to the linter."""

REASONS: dict[str, Word] = {
    "nobody-recognisable": _("nobody is recognisable in it"),
    "emergency-line": _("a public telephone for emergencies"),
    "office": _("an office, not a person"),
    "place": _("the name of a place"),
    "quantity": _("a quantity"),
    "reference": _("the number of an article, a law or a paper"),
}
"""Why a passage stays, as the releasing officer stated."""

SCORES: tuple[Word, ...] = (_("Not initiated"), _("Minimum"), _("Intermediate"), _("Full"))
"""The words of the scores 0 to 3; their anchors are sealed labels of the list `score`."""

SHOWN_COMMITMENTS: dict[str, Word] = {
    "": _("All commitments"),
    "differs": _("Assessed differently"),
    "slow": _("Slowed down"),
    "unscored": _("Not assessed by anyone"),
}
"""Which commitments the board shows."""

REPORTS: dict[str, Word] = {
    Paper.IMPLEMENTATION: _("Implementation report"),
    Paper.COMPLIANCE: _("Compliance statistics"),
    Paper.OPEN_ITEMS: _("Open items"),
    Paper.AGENDA: _("Agenda pack"),
}
"""The papers of the committee."""

AGENDA_REASONS: dict[str, Word] = {
    "differs": _("accounts or assessments differ"),
    "slow": _("slowed down"),
    "unscored": _("not assessed by anyone"),
    "unfinished": _("not yet carried out in full"),
    "overdue": _("its day is over"),
    "unaccepted": _("not accepted by all yet"),
    "frozen": _("accepted by all, to be put forward for the seals"),
    "unsealed": _("not yet sealed by all"),
    "unsatisfactory": _("answer judged unsatisfactory"),
    "missed": CLOCK[Display.MISSED],
    "disputed": CLOCK[Display.DISPUTED],
    "running": CLOCK[Display.RUNNING],
}
"""Why something stands on a proposed agenda."""

MEETING_STATES: dict[str, tuple[Word, str]] = {
    MeetingState.PROPOSED: (_("An answer is awaited"), "told"),
    MeetingState.AGREED: (_("Agreed by both sides"), "kept"),
    MeetingState.DECLINED: (_("Declined"), "late"),
    MeetingState.PAST: (_("The moment was past when proposed"), "late"),
    MeetingState.HELD: (_("Held"), "kept"),
    MeetingState.WITHDRAWN: (_("Withdrawn"), "idle"),
}
"""State of a meeting to its word and the meaning of its badge."""

TEXT_STATES: dict[str, tuple[Word, str]] = {
    TextState.OPEN: (_("Open"), "told"),
    TextState.FROZEN: (_("Frozen"), "due"),
    TextState.PROPOSED: (_("Frozen, to be sealed"), "due"),
    TextState.SEALED: (_("Sealed by all"), "kept"),
    TextState.WITHDRAWN: (_("Withdrawn"), "idle"),
}
"""State of a common text to its word and the meaning of its badge."""

EVIDENCE_FOUND: dict[str, str] = {"accepted": "kept", "questioned": "due", "rejected": "late"}
"""What a party found of evidence, to the meaning of its badge."""
ACTIVITY_VIEWS: dict[str, Word] = {"month": _("Month"), "week": _("Week"), "year": _("Year")}
"""How much of the calendar of activities is shown."""

ACTIVITY_STATES: dict[str, tuple[Word, str]] = {
    ActivityState.PLANNED: (_("Planned"), "told"),
    ActivityState.CHANGED: (_("Changed"), "due"),
    ActivityState.STARTED: (_("Begun"), "due"),
    ActivityState.ENDED: (_("Ended"), "kept"),
    ActivityState.CANCELLED: (_("Cancelled"), "idle"),
}
"""How far a planned activity has come."""

ACTIVITY_STEPS: dict[str, Word] = {
    "activity": _("Announced"),
    "activity-changed": _("Changed"),
    "activity-started": _("Begun"),
    "activity-ended": _("Ended"),
}
"""What its party has said of an activity, by the facet that says it."""

TOLD: dict[str, tuple[Word, str]] = {
    Told.IN_TIME: (_("Told in time"), "kept"),
    Told.TOO_LATE: (_("Told too late"), "late"),
    Told.TOO_CLOSE: (_("In time or not: too close to say"), "due"),
    Told.FREE: (_("No notice period applies"), "idle"),
}
"""Whether an activity was told of in time."""

ANSWERS: dict[str, tuple[Word, str]] = {
    Answer.YES.value: (_("Yes"), "late"),
    Answer.NO.value: (_("No"), "kept"),
    Answer.TOO_CLOSE.value: (_("Too close to say"), "due"),
}
"""Whether two activities share ground."""
