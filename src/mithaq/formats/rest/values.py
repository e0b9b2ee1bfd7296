"""What travels in the REST API. Moments are `YYYY-MM-DDTHH:MM:SSZ`, days `YYYY-MM-DD`, notices spoken numbers.

What comes in may hold nothing that is not named here; what goes out may grow by fields in a later version.
"""

from typing import Annotated, Any

import msgspec

from mithaq.errors import Datum

Content = dict[str, Any]
"""Field of a kind to value, as `/api/kinds/{kind}` describes each."""

MOST_REFERENCES = 64
MOST_REMARK = 400
MOST_PASSWORD = 1_000
MOST_ANSWERS = 64


class _Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body of a request."""


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """A value in an answer."""


References = Annotated[list[str], msgspec.Meta(max_length=MOST_REFERENCES)]
Name = Annotated[str, msgspec.Meta(max_length=80)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_PASSWORD)]


class NewDraft(_Asked, frozen=True):
    """A draft to keep. It may lack what the kind requires; no value in it may be one that the kind refuses."""

    kind: Name
    content: Content
    refers: References = []
    """Spoken numbers of the notices it refers to."""
    precedence: Name = ""
    """One of the instrument's; empty for the kind's own."""
    audience: Name = ""
    """Empty for that of what it refers to, or for all."""
    remark: Annotated[str, msgspec.Meta(max_length=MOST_REMARK)] = ""
    """Between officers of this party; it never travels."""


class Signing(_Asked, frozen=True):
    """What opens the officer's key for one signature."""

    password: Password


class Releasing(_Asked, frozen=True):
    """A release: the second signature, or the only one."""

    password: Password
    answers: Annotated[dict[str, str], msgspec.Meta(max_length=MOST_ANSWERS)] = {}
    """The `id` of each passage in the preview to the reason for which it stays."""
    alone: bool = False
    """As the only officer, where the kind permits it."""


class HandingBack(_Asked, frozen=True):
    """Why a filed draft goes back."""

    remark: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_REMARK)]


class FeedNotice(_Asked, frozen=True):
    """A notice of a kind that the instrument marks machine feed."""

    kind: Name
    content: Content
    refers: References = []
    audience: Name = ""


class Problem(_Said, frozen=True):
    """Why something is refused (RFC 9457)."""

    type: str
    title: str
    """The sentence, in a language of `Accept-Language`: ar, fa, ckb or en."""
    status: int
    code: str
    """Stable: programs go by it."""
    data: dict[str, Datum]
    """What was found, by name."""


class Bearer(_Said, frozen=True):
    """Whose token this is, and what it opens."""

    officer: str
    role: str
    authority: str
    scopes: list[str]
    expires: str
    party: str
    instrument: str
    law: str
    """Digest of the version of the instrument that binds this party."""
    now: str
    """The node's moment."""


class Kind(_Said, frozen=True):
    """A kind of notice of the instrument in force."""

    name: str
    role: str
    release: str
    """`two` officers, `one` (reviewed after), or `machine`."""
    precedence: str
    refers: list[str]
    """Roles that its references may point at; empty where it stands alone."""
    label: dict[str, str]
    """What officers read, by language."""


class KindDescribed(Kind, frozen=True):
    """A kind with what its notices may say."""

    parts: dict[str, dict[str, Any]]
    """Retention class to JSON Schema (2020-12) of the fields that travel in that part; a draft's content holds the
    fields of all parts together."""


class Kinds(_Said, frozen=True):
    """Every kind, in the order of the instrument."""

    items: list[Kind]


class DraftKept(_Said, frozen=True):
    """That a draft is kept. It says nothing of what stands in it, so that it can be said again."""

    id: str
    revision: int
    state: str


class Draft(_Said, frozen=True):
    """A draft as it stands."""

    id: str
    kind: str
    state: str
    """`begun`, `filed`, `handed-back`, or `released`: then its content is gone from here."""
    number: str
    """The spoken number of the notice that it has become; empty before."""
    revision: int
    precedence: str
    audience: str
    content: Content
    refers: list[str]
    """Spoken numbers, as far as the notices are held."""
    remark: str
    unread: list[str]
    """Fields in which somebody typed what is no value yet."""
    begun_by: str
    filed_by: str
    """Empty until it is filed."""
    changed: str


class Drafts(_Said, frozen=True):
    """A page of drafts. `next` is the address of the following page, or null."""

    items: list[Draft]
    next: str | None


class Passage(_Said, frozen=True):
    """A passage that the linter finds: whoever releases answers for it."""

    id: str
    field: str
    finding: str
    words: str
    reasons: list[str]
    """Why it may stay; empty where it must be reworded."""


class PartPreview(_Said, frozen=True):
    """A part as it would leave."""

    retention: str
    size: int
    content: Content


class Preview(_Said, frozen=True):
    """Exactly what would leave, made no finer than the kind allows."""

    parts: list[PartPreview]
    passages: list[Passage]


class Released(_Said, frozen=True):
    """A notice that is in the log."""

    number: str


class Step(_Said, frozen=True):
    """A leaf that proves a step, and the instant that it states."""

    log: str
    index: int
    at: str


class Ladder(_Said, frozen=True):
    """How far a notice has come with one addressee; null is not yet."""

    sealed: Step
    delivered: Step | None
    readable: Step | None
    opened: Step | None
    answered: Step | None


class Notice(_Said, frozen=True):
    """A notice and what the record says of it."""

    number: str
    party: str
    kind: str
    role: str
    precedence: str
    release: str
    at: str
    log: str
    index: int
    facts: Content | None
    """The coded facts as they count, corrections applied; null until every addressee has them, or where they do not
    conform."""
    stated: Content | None
    """The coded facts as first stated, when they are at hand."""
    conforms: bool
    refused_for: list[str]
    """Codes of why it does not conform."""
    refers: list[str]
    thread: str
    """The first notice of its thread."""
    ladder: dict[str, Ladder]
    """By addressee."""
    corrected_by: list[str]
    withdrawn_by: str | None


class Part(_Said, frozen=True):
    """A part of a notice other than its coded facts, which is erased at the end of its term."""

    number: int
    retention: str
    size: int
    commitment: str
    """SHA-256 over salt and body as the leaf states it, base64; it stays when the part goes."""
    state: str
    """`held`, `erased` or `missing`; `closed` where the token lacks `read:texts`."""
    content: Content | None


class Clock(_Said, frozen=True):
    """An obligation in time: who owes, since when, until when, and what stopped it."""

    id: str
    notice: str
    party: str
    started: str
    due: str | None
    """Null while it stands and nobody knows until when, because the instrument is suspended."""
    left: int | None
    """Seconds that count after it goes on, of working time where that counts; null unless `due` is."""
    stood: list[tuple[str, str | None]]
    """The times that did not count: from an instant until just before another, which is null while unknown."""
    stopped: str | None
    stopped_by: str | None
    disputed: bool
    voided: bool


class NoticeWhole(Notice, frozen=True):
    """A notice with its parts, its clocks and the key names that signed it."""

    officers: list[str]
    parts: list[Part]
    clocks: list[Clock]


class Notices(_Said, frozen=True):
    """Notices in the order of each log. Ask `after` this `cursor` for what came since."""

    items: list[Notice]
    next: str | None
    cursor: str


class Account(_Said, frozen=True):
    """A value that a party states now, and the notice that states it."""

    value: Any
    number: str


class Incident(_Said, frozen=True):
    """An incident: the parties' accounts side by side, never merged."""

    number: str
    state: str
    party: str
    opened: str
    notices: list[str]
    accounts: dict[str, dict[str, Account]]
    """Party to field to what it states."""
    differences: list[str]
    """The fields that the parties state differently."""
    clocks: list[Clock]
    closed_by: list[str]


class Incidents(_Said, frozen=True):
    """Incidents in the order in which each was opened in its log."""

    items: list[Incident]
    next: str | None
    cursor: str


class ClockNow(Clock, frozen=True):
    """A clock that somebody still owes, and how it stands at this moment."""

    state: str
    """`running`, `missed`, or `stands` while the instrument is suspended."""
    seconds_left: int
    """Negative when it is past. Of one that stands, those after it goes on."""


class Clocks(_Said, frozen=True):
    """What is owed, what is due first in front."""

    items: list[ClockNow]
    next: str | None


class Statement(_Said, frozen=True):
    """What one party states, with its spoken number."""

    party: str
    number: str
    at: str
    facts: Content


class Line(_Said, frozen=True):
    """One direction and kind of traffic of a crossing."""

    direction: str
    traffic: str
    mismatch: bool
    statements: list[Statement]
    ahead: list[Statement]
    """What is planned and not over."""


class Crossing(_Said, frozen=True):
    """A crossing of the instrument, and what each side says of it."""

    id: str
    sector: str
    carries: list[str]
    mismatch: bool
    lines: list[Line]


class Crossings(_Said, frozen=True):
    """Every crossing, in the order of the line."""

    items: list[Crossing]


class Score(_Said, frozen=True):
    """What one column says of a commitment: a party's, or `committee`; null while it is empty."""

    column: str
    score: int | None
    number: str | None
    at: str | None


class Commitment(_Said, frozen=True):
    """A commitment of the instrument, and what each side says of it."""

    id: str
    article: str
    owners: list[str]
    measure: dict[str, str]
    evidence: str
    due: str
    needs: list[str]
    waits_for: list[str]
    scores: list[Score]
    differs: bool
    slow: bool


class Commitments(_Said, frozen=True):
    """Every commitment, in the order of the instrument."""

    items: list[Commitment]


class Decision(_Said, frozen=True):
    """What a meeting decided."""

    number: str
    party: str
    at: str
    facts: Content
    scores: dict[str, int | None]


class Meeting(_Said, frozen=True):
    """A meeting, called by the notice of its number."""

    number: str
    party: str
    state: str
    starts: str
    venue: str
    proposed_by: str
    accepted: list[str]
    agenda: dict[str, list[str]]
    held: list[str]
    statements: list[str]
    decisions: list[Decision]


class Meetings(_Said, frozen=True):
    """Meetings, the latest call first."""

    items: list[Meeting]
    next: str | None
