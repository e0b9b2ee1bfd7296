"""The law of an instrument as typed values: everything that folds, forms and the exchange may rely on.

A folder is compiled into two canonical documents. The *law* (this module) is sealed by every party and named by every
notice; its digest is SHA-256 over its canonical bytes. The *words* (`words.py`) are labels, hints, phrases and symbols,
which may be mended without touching the law. Distances are integer metres, coordinates integer microdegrees
(longitude, latitude; WGS 84), instants canonical UTC strings, days Gregorian `YYYY-MM-DD`.
"""

from collections.abc import Sequence

import msgspec

Text = dict[str, str]
"""One text in several languages: language code (`ar`, `fa`, `ckb`, `en`) to text."""

Position = tuple[int, int]
"""Longitude and latitude in microdegrees."""

EXERCISE = "exercise"
"""What stands in the identifier of an instrument for exercises, and in no other."""

Ring = list[Position]
Polygon = list[Ring]


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    pass


class Source(_Value, frozen=True):
    """Where a reported line comes from."""

    title: Text
    publisher: str
    day: str
    url: str = ""


class Line(_Value, frozen=True):
    """A statement of the instrument with its standing: agreed, reported (with its source) or example."""

    text: Text
    mark: str
    source: str = ""


class Authority(_Value, frozen=True):
    """A body within a party that sends or answers notices; never a person."""

    id: str
    name: Text
    mark: str = "agreed"


class Holiday(_Value, frozen=True):
    """A day of a party's annex on which its working-time clocks stand, with the name that it has there."""

    day: str
    name: Text
    calendar: str = "gregorian"
    """The calendar in which the party wrote it."""


class Annex(_Value, frozen=True):
    """A party's annex of working days: where its weekend and holidays come from, and how far the list of them reaches.

    Folds read `weekend` and `holidays` of the party alone; this says to readers what those days are called, and that
    nothing is known of the days after `until`.
    """

    calendar: str
    """The calendar that the party writes in."""
    until: str
    """The last day that the list of holidays speaks of."""
    holidays: list[Holiday]
    mark: str = "agreed"
    source: str = ""


class Party(_Value, frozen=True):
    """A state under the instrument. `roots` are verifier keys (signed-note); `threshold` of them make its seal."""

    code: str
    domain: str
    name: Text
    short: Text
    roots: list[str]
    threshold: int
    colour: str
    shape: str
    utc_offset: int
    """Minutes east of UTC of the party's civil time."""
    weekend: list[int]
    """ISO weekdays (Monday is 1) on which working-time clocks stand."""
    holidays: list[str]
    hijri_offset: int
    """Days by which the party's announced Hijri day differs from Umm al-Qura."""
    authorities: list[Authority]
    annex: Annex | None = None
    mark: str = "agreed"
    source: str = ""


class Observer(_Value, frozen=True):
    """Somebody who is no party and holds the heads of the logs, never a leaf or a part: an observer of the instrument,
    or a neutral witness. `key` is the verifier key with which it cosigns those heads."""

    id: str
    name: Text
    key: str
    mark: str = "agreed"
    source: str = ""


class Signatory(_Value, frozen=True):
    """Who signed, by office, and as the source prints it."""

    party: str
    office: Text
    printed: Text
    mark: str
    source: str = ""


class Signing(_Value, frozen=True):
    """The day, place and auspices of the signature."""

    day: str
    place: Line
    auspices: Line
    signatories: list[Signatory]
    mark: str
    source: str = ""


class Article(_Value, frozen=True):
    """One article: its authentic texts and the identifiers of what it governs (`kind:…`, `clock:…`, `sector:…`)."""

    number: str
    title: Text
    text: Text
    governs: list[str]
    mark: str
    source: str = ""


class BoundaryLine(_Value, frozen=True):
    """The line as the parties use it for naming places, with its own accuracy in metres; no delimitation."""

    points: list[Position]
    left: str
    right: str
    length: int
    accuracy: int
    origin: str
    version: str
    mark: str = "agreed"


class Sector(_Value, frozen=True):
    """A stretch of the line (metres along it) and the area on both sides."""

    id: str
    start: int
    end: int
    area: list[Polygon]
    mark: str


class Crossing(_Value, frozen=True):
    """A crossing point: position on the line with its accuracy in metres, and the traffic it carries."""

    id: str
    sector: str
    at: Position
    accuracy: int
    metre: int
    carries: list[str]
    confidence: str
    mark: str
    source: str = ""


class Name(_Value, frozen=True):
    """A gazetteer entry: each party's own name, and the neutral form for joint papers."""

    id: str
    feature: str
    names: dict[str, Text]
    joint: Text
    at: Position | None = None
    mark: str = "agreed"


class Field(_Value, frozen=True):
    """One field of a kind. `type` is from the closed list in `mithaq.notices.fields`."""

    name: str
    type: str
    part: str
    """`facts`, or the retention class of the part it travels in."""
    required: bool = False
    codes: str = ""
    """Name of the coded list, for types `code`, `codes` and `counts`."""
    limit: int = 0
    """Largest length (text, characters), number (quantity) or list."""
    floor: str = ""
    """Precision floor: `hour` or `minute` for moments; `exact`, `cell`, `kilometre` or `sector` for places."""
    unit: str = ""
    lowest: int = 0
    """The smallest quantity."""


class Kind(_Value, frozen=True):
    """A kind of notice: its role in a thread, its facets for folds, its fields, and how it may be released."""

    name: str
    version: int
    role: str
    facets: list[str]
    fields: list[Field]
    release: str
    """`two` officers, `one` (reviewed after), or `machine`."""
    precedence: str
    refers: list[str]
    """Roles that its references may point at; empty when it stands alone."""
    public: bool = False
    attachments: bool = False
    security: bool = False
    mark: str = "agreed"


class Clock(_Value, frozen=True):
    """An obligation in time. It starts for `kinds` and stops at the first notice of a role in `answered_by`."""

    id: str
    kinds: list[str]
    start: str
    """`receipt` (the obliged party's receipt leaf), `stated:<field>` of the starting notice, `before:<field>` (so many
    minutes before that instant every addressee must have it; `answered_by` is then empty), or `nonconformance` (the
    other party's receipt of a notice that breaks its schema; `kinds` is then empty)."""
    obliged: str
    """`addressee` or `sender`."""
    answered_by: list[str]
    minutes: int
    calendar: str = "continuous"
    """`continuous`, or `working`: the obliged party's weekend and holidays do not count."""
    precedence: list[str] = []
    """The precedences it applies to; empty for all."""
    escalate: list[str] = []
    """Authorities called when it is missed, in order, as `PARTY/authority`."""
    mark: str = "agreed"


class Retention(_Value, frozen=True):
    """A retention class for the parts of notices. `days` counts from the receipt (`mithaq.notices.retention`); 0 keeps
    for good (`facts` only)."""

    id: str
    days: int
    mark: str = "agreed"


class Commitment(_Value, frozen=True):
    """The smallest promise that can be true or false."""

    id: str
    article: str
    owners: list[str]
    measure: Text
    evidence: str
    """`assessment` (the owners' own), `clock:<id>`, or a form of the coded list `evidence`."""
    due: str = ""
    authorities: list[str] = []
    """The owners' authorities that carry it out, as `PARTY/authority`; empty where the instrument is silent."""
    needs: list[str] = []
    """The commitments without which it cannot be carried out in full."""
    mark: str = "agreed"
    source: str = ""


class NoticePeriod(_Value, frozen=True):
    """How long before it begins an activity is told of. The longest of those that apply counts."""

    id: str
    kinds: list[str]
    minutes: int
    """0 for at the latest when it begins."""
    scales: list[str] = []
    """The bands of scale it applies to; empty for all, and for kinds that state none."""
    within: int = 0
    """Metres from the line within which it applies; 0 wherever the activity is."""
    mark: str = "agreed"


class Quota(_Value, frozen=True):
    """How many activities a party may plan in one Gregorian year of its civil time, counted by when they begin."""

    id: str
    kinds: list[str]
    most: int
    scales: list[str] = []
    """The bands of scale it counts; empty for all."""
    mark: str = "agreed"


class Announcing(_Value, frozen=True):
    """When activities are announced, how many there may be, and by which day the next year's are exchanged."""

    periods: list[NoticePeriod] = []
    quotas: list[Quota] = []
    calendar: str = ""
    """Month and day, `MM-DD`, by which each party tells how much it plans for the next year; empty for never."""
    calendar_kind: str = ""
    """The kind of notice that does so."""


class Length(_Value, frozen=True):
    """A length along a stretch in metres, as one party states it; what two parties state is never made one figure."""

    party: str
    metres: int
    mark: str = "agreed"
    source: str = ""


class Said(_Value, frozen=True):
    """What one party says of a stretch or a corridor beyond figures, such as what it is for."""

    party: str
    text: Text
    mark: str = "agreed"
    source: str = ""


class Station(_Value, frozen=True):
    """A stop on a stretch, without a position: its place is its turn."""

    id: str
    mark: str = "agreed"
    source: str = ""


class Segment(_Value, frozen=True):
    """A stretch of rail or road that notices state the status of. `path` is schematic: a piece from place to place,
    no course of a track."""

    id: str
    modes: list[str]
    """`rail`, `road`, or both."""
    parties: list[str]
    """On whose side it lies: from them a statement of its status is expected."""
    path: list[Position]
    stations: list[Station] = []
    """In the order of `path`."""
    lengths: list[Length] = []
    to_clear: list[Length] = []
    """How much of it is mined land that has to be cleared first."""
    said: list[Said] = []
    mark: str = "agreed"
    source: str = ""


class Corridor(_Value, frozen=True):
    """A chain of stretches and crossings that is as passable as its weakest link."""

    id: str
    traffic: list[str]
    """The kinds of traffic it is for."""
    chain: list[str]
    """Its links in order, `segment:<id>` or `crossing:<id>`."""
    family: str = ""
    """Corridors of one family lead to the same end: each may be a way round another."""
    commitments: list[str] = []
    said: list[Said] = []
    mark: str = "agreed"
    source: str = ""


class Suspension(_Value, frozen=True):
    """The version that carries it stops what it does not keep, until a version without it binds all
    (`mithaq.notices.suspending`)."""

    grounds: list[str]
    """Why, of the closed list `GROUNDS` of `mithaq.instrument.checking.obligations`: a ground blames nobody."""
    since: str = msgspec.field(name="from")
    """The instant before which it stops nothing."""
    keeps: list[str]
    """The kinds that go on as if there were no suspension, and whose clocks run."""
    until: str = ""
    """The instant at which it ends by itself; empty for when a version without it binds all."""
    mark: str = "agreed"
    source: str = ""


class Limits(_Value, frozen=True):
    """Bounds that every node holds its counterpart to; sizes in bytes, rates per minute."""

    part: int = 262_144
    delivery: int = 8_388_608
    leaves: int = 8_192
    requests: int = 600
    skew: int = 120
    """Seconds between a statement of time and the asker's receipt beyond which a time is shown as disputed."""
    review: int = 1_440
    """Minutes within which the second officer reviews a notice released by one."""
    silence: int = 30
    """Minutes without a receipt after which a notice is shown as not received."""


def widest(laws: "Sequence[Law]") -> Limits:
    """The bounds on what is carried under any of these laws: each size and rate the largest that one of them has; the
    others as in the last."""
    carried = ("part", "delivery", "leaves", "requests")
    largest = {name: max(getattr(law.limits, name) for law in laws) for name in carried}
    found: Limits = msgspec.structs.replace(laws[-1].limits, **largest)
    return found


class Law(_Value, frozen=True):
    """An instrument's law. `rules` is the version of fold semantics it is judged by."""

    id: str
    version: int
    rules: int
    title: Text
    subject: Text
    signing: Signing
    aims: list[Line]
    topics: list[Line]
    standing: list[Line]
    """Statements to be read before all others, such as that the text of the memorandum is not public."""
    authentic: list[str]
    languages: list[str]
    parties: list[Party]
    audiences: dict[str, list[str]]
    articles: list[Article]
    line: BoundaryLine
    sectors: list[Sector]
    crossings: list[Crossing]
    gazetteer: list[Name]
    codes: dict[str, list[str]]
    kinds: list[Kind]
    clocks: list[Clock]
    retention: list[Retention]
    precedence: list[str]
    commitments: list[Commitment]
    sources: dict[str, Source]
    limits: Limits
    observers: list[Observer] = []
    segments: list[Segment] = []
    corridors: list[Corridor] = []
    predecessor: Line | None = None
    announcing: Announcing | None = None
    suspension: Suspension | None = None
    demo: bool = False
    exercise: bool = False
    until: str = ""
    """The last day, UTC, on which it binds; empty when it has no term."""

    def party(self, code: str) -> Party | None:
        return next((party for party in self.parties if party.code == code), None)

    def segment(self, id: str) -> Segment | None:
        return next((segment for segment in self.segments if segment.id == id), None)

    def corridor(self, id: str) -> Corridor | None:
        return next((corridor for corridor in self.corridors if corridor.id == id), None)

    def kind(self, name: str) -> Kind | None:
        return next((kind for kind in self.kinds if kind.name == name), None)

    def origin(self, party: str, audience: str = "all", epoch: int = 1) -> str:
        """The origin of a party's log: `<party domain>/<instrument>/<audience>/<epoch>`."""
        domains = {each.code: each.domain for each in self.parties}
        return f"{domains[party]}/{self.id}/{audience}/{epoch}"

    def audiences_of(self, party: str) -> tuple[str, ...]:
        """The audiences that a party is in, that of all first."""
        found = (name for name, members in self.audiences.items() if party in members)
        return tuple(sorted(found, key=lambda name: (name != "all", name)))

    def party_of(self, origin: str) -> Party | None:
        """The party whose log has this origin."""
        return next((party for party in self.parties if origin.startswith(f"{party.domain}/{self.id}/")), None)
