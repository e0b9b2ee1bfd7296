"""Every operation of the REST API, declared once: the node's addresses, the description and the client come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import msgspec

from mithaq.formats.rest import values

READ: Final = "read:notices"
"""The record's coded facts, its clocks and proofs."""
READ_TEXTS: Final = "read:texts"
"""Beside `read:notices`: texts, exact places and pictures; each is written down as read."""
DRAFTS: Final = "write:drafts"
"""Drafts that the token's officer has begun, until somebody signs them."""
SIGN: Final = "sign:notices"
"""Every draft of the desk; filing and release, each with the officer's password, and what undoes them."""
FEEDS: Final = "write:feeds"
"""Notices of kinds that the instrument marks machine feed."""

SCOPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        READ: "Read notices, incidents, clocks, crossings, commitments, meetings and proofs: coded facts alone.",
        READ_TEXTS: "With read:notices: texts, exact places and pictures too. Each is written down as read.",
        DRAFTS: "Begin, read, change and drop drafts of the token's own officer.",
        SIGN: "Read every draft; file and release with the officer's password each time; recall and hand back without.",
        FEEDS: "Send notices of kinds that the instrument marks machine feed. Nobody signs them.",
    }
)

JSON: Final = "application/json"
PROOF: Final = "application/octet-stream"
PROBLEM: Final = "application/problem+json"

MOST_BODY: Final = 2 * 1024 * 1024
"""Bytes of a body: a draft with one picture, and room."""
USUAL, MOST = 50, 200
"""Items on a page."""

_ID = "[0-9a-f]{32}"
_SLUG = r"[A-Za-z0-9][A-Za-z0-9._\-]{0,79}"
_CURSOR = "[A-Za-z0-9_-]+"
_NUMBER = "ML 12-5"


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that stands in the path, the query or the head of a request."""

    name: str
    where: str
    """`path`, `query` or `header`."""
    says: str
    required: bool = False
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. `any_of` are the scopes of which the token needs one; empty for any token at all."""

    id: str
    method: str
    path: str
    says: str
    answer: type[msgspec.Struct] | None
    """None where the answer has no body, or is a file."""
    any_of: tuple[str, ...] = ()
    body: type[msgspec.Struct] | None = None
    parameters: tuple[Parameter, ...] = ()
    status: int = 200
    refused: tuple[int, ...] = ()
    """Statuses of refusals beyond those of every operation."""
    media_type: str = JSON
    is_tagged: bool = False
    """Whether the answer changes only with the record or the drafts, and has an ETag by which it is asked again."""
    is_open: bool = False
    """Whether it is answered without a token."""

    @property
    def query(self) -> tuple[Parameter, ...]:
        return tuple(each for each in self.parameters if each.where == "query")


def _text(most: int, pattern: str = "", least: int = 0) -> Mapping[str, Any]:
    schema: dict[str, Any] = {"type": "string", "maxLength": most}
    if least:
        schema["minLength"] = least
    if pattern:
        schema["pattern"] = f"^{pattern}$"
    return MappingProxyType(schema)


KEY: Final = Parameter(
    "Idempotency-Key",
    "header",
    "The same key with the same body is answered as the first time for a day; with another body it is refused.",
    required=True,
    schema=_text(64, r"[A-Za-z0-9._:\-]{8,64}"),
)
MATCH: Final = Parameter(
    "If-Match",
    "header",
    "The ETag of the draft that is changed: nobody's change is overwritten unknowingly.",
    required=True,
    schema=_text(40, r'(W/)?"[0-9]{1,9}"'),
)
_LIMIT = Parameter(
    "limit",
    "query",
    "Items on a page at most.",
    schema=MappingProxyType({"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
)
_AFTER = Parameter("after", "query", "Where the page goes on; from `next` or `cursor`.", schema=_text(3_000, _CURSOR))
_PAGED = (_LIMIT, _AFTER)
_PARTY = Parameter("party", "query", "Only this party's.", schema=_text(8, "[A-Z]{2,8}"))
_KIND = Parameter("kind", "query", "Only of this kind.", schema=_text(80, _SLUG))
_STATE = Parameter("state", "query", "Only in this state.", schema=_text(40, "[a-z][a-z-]{0,39}"))
_NOTICE = Parameter(
    "number",
    "path",
    f"A spoken number, such as {_NUMBER}.",
    required=True,
    schema=_text(40, r"[A-Z]{2,8}(\.[A-Za-z0-9._\-]{1,16})? [0-9]{1,15}-[0-9]"),
)
_DRAFT = Parameter("draft", "path", "The draft's identifier.", required=True, schema=_text(32, _ID))


def _named(name: str, says: str) -> Parameter:
    return Parameter(name, "path", says, required=True, schema=_text(80, _SLUG))


_ALL: Final = (
    Operation(
        "description", "GET", "/openapi.json", "This description.", None, is_open=True,
    ),
    Operation("bearer", "GET", "/bearer", "Whose token this is, and what it opens.", values.Bearer),
    Operation("kinds", "GET", "/kinds", "The kinds of notices of the instrument.", values.Kinds, is_tagged=True),
    Operation(
        "kind", "GET", "/kinds/{kind}", "One kind, with the JSON Schema of its fields.", values.KindDescribed,
        parameters=(_named("kind", "The kind's name."),), refused=(404,), is_tagged=True,
    ),
    Operation(
        "drafts", "GET", "/drafts", "Drafts that have not left: one's own, or with sign:notices all.", values.Drafts,
        any_of=(DRAFTS, SIGN), parameters=_PAGED, refused=(422,), is_tagged=True,
    ),
    Operation(
        "create_draft", "POST", "/drafts", "Keep a new draft. It leaves when two officers have signed.",
        values.DraftKept, any_of=(DRAFTS,), body=values.NewDraft, parameters=(KEY,), status=201,
        refused=(404, 409, 422),
    ),
    Operation(
        "draft", "GET", "/drafts/{draft}", "One draft.", values.Draft, any_of=(DRAFTS, SIGN), parameters=(_DRAFT,),
        refused=(404,),
    ),
    Operation(
        "change_draft", "PUT", "/drafts/{draft}", "Put another content in the place of a draft's.", values.DraftKept,
        any_of=(DRAFTS,), body=values.NewDraft, parameters=(_DRAFT, MATCH), refused=(404, 409, 412, 422, 428),
    ),
    Operation(
        "drop_draft", "DELETE", "/drafts/{draft}", "Drop a draft that is not filed; nothing of it remains.", None,
        any_of=(DRAFTS,), parameters=(_DRAFT,), status=204, refused=(404, 409),
    ),
    Operation(
        "preview", "GET", "/drafts/{draft}/preview",
        "Exactly what would leave, and what the linter asks. Of a seal it takes read:notices and read:texts.",
        values.Preview, any_of=(DRAFTS, SIGN), parameters=(_DRAFT,), refused=(404, 409, 422),
    ),
    Operation(
        "file_draft", "POST", "/drafts/{draft}/file", "Sign as the first officer.", values.DraftKept, any_of=(SIGN,),
        body=values.Signing, parameters=(_DRAFT,), refused=(404, 409, 422),
    ),
    Operation(
        "recall_draft", "POST", "/drafts/{draft}/recall", "Take back what one filed oneself.", values.DraftKept,
        any_of=(SIGN,), parameters=(_DRAFT,), refused=(404, 409, 422),
    ),
    Operation(
        "hand_back_draft", "POST", "/drafts/{draft}/hand-back", "Give a filed draft back with a remark.",
        values.DraftKept, any_of=(SIGN,), body=values.HandingBack, parameters=(_DRAFT,),
        refused=(404, 409, 422),
    ),
    Operation(
        "release_draft", "POST", "/drafts/{draft}/release", "Sign as the second officer, or alone where the kind may.",
        values.Released, any_of=(SIGN,), body=values.Releasing, parameters=(_DRAFT,),
        refused=(404, 409, 422),
    ),
    Operation(
        "feed", "POST", "/feeds", "Send a notice of a kind that the instrument marks machine feed.", values.Released,
        any_of=(FEEDS,), body=values.FeedNotice, parameters=(KEY,), status=201, refused=(404, 409, 422),
    ),
    Operation(
        "notices", "GET", "/notices", "Notices of every log that is held, in the order of each.", values.Notices,
        any_of=(READ,), parameters=(*_PAGED, _PARTY, _KIND), refused=(422,), is_tagged=True,
    ),
    Operation(
        "notice", "GET", "/notices/{number}", "One notice, its parts, clocks and signers.", values.NoticeWhole,
        any_of=(READ,), parameters=(_NOTICE,), refused=(404,), is_tagged=True,
    ),
    Operation(
        "proof", "GET", "/notices/{number}/proof", "The tlog-proof of a notice; `mithaq verify` reads it.", None,
        any_of=(READ,), parameters=(_NOTICE,), refused=(404,), media_type=PROOF,
    ),
    Operation(
        "incidents", "GET", "/incidents", "Incidents, with the parties' accounts side by side.", values.Incidents,
        any_of=(READ,), parameters=(*_PAGED, _PARTY, _STATE), refused=(422,), is_tagged=True,
    ),
    Operation(
        "incident", "GET", "/incidents/{number}", "The incident to which a notice belongs.", values.Incident,
        any_of=(READ,), parameters=(_NOTICE,), refused=(404,), is_tagged=True,
    ),
    Operation(
        "clocks", "GET", "/clocks", "What is owed now, and by whom.", values.Clocks, any_of=(READ,),
        parameters=(*_PAGED, _PARTY), refused=(422,),
    ),
    Operation(
        "crossings", "GET", "/crossings", "Every crossing and what each side says of it.", values.Crossings,
        any_of=(READ,),
    ),
    Operation(
        "crossing", "GET", "/crossings/{crossing}", "One crossing.", values.Crossing, any_of=(READ,),
        parameters=(_named("crossing", "The crossing's identifier."),), refused=(404,),
    ),
    Operation(
        "commitments", "GET", "/commitments", "Every commitment and what each side says of it.", values.Commitments,
        any_of=(READ,),
    ),
    Operation(
        "commitment", "GET", "/commitments/{commitment}", "One commitment.", values.Commitment, any_of=(READ,),
        parameters=(_named("commitment", "The commitment's identifier."),), refused=(404,),
    ),
    Operation(
        "meetings", "GET", "/meetings", "Meetings, the latest call first.", values.Meetings, any_of=(READ,),
        parameters=_PAGED, refused=(422,),
    ),
    Operation(
        "meeting", "GET", "/meetings/{number}", "The meeting that a notice called.", values.Meeting, any_of=(READ,),
        parameters=(_NOTICE,), refused=(404,),
    ),
)  # fmt: skip

OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType({each.id: each for each in _ALL})
"""By identifier, in the order of the description."""
