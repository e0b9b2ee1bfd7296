"""Why a node refused, typed by the refusal's stable code."""

from collections.abc import Mapping

import msgspec

from mithaq.errors import Datum
from mithaq.formats.rest.values import Problem


class Refused(Exception):
    """The node refused: `code` is stable, `data` names what was found, the sentence is in the language asked for."""

    def __init__(self, problem: Problem, retry_after: int = 0) -> None:
        super().__init__(f"{problem.code}: {problem.title}")
        self.code: str = problem.code
        self.status: int = problem.status
        self.sentence: str = problem.title
        self.data: Mapping[str, Datum] = problem.data
        self.retry_after: int = retry_after
        """Seconds to wait before the same is asked again; 0 where waiting changes nothing."""


class TokenRefused(Refused):
    """The token is missing, unknown, over or revoked, or does not open this (`token.…`)."""


class FieldRefused(Refused):
    """A value that the kind does not take (`field.…`)."""

    @property
    def field(self) -> str:
        """The field's name."""
        return str(self.data.get("field", ""))


class NotThere(Refused):
    """There is no such thing (404)."""


class ChangedMeanwhile(Refused):
    """Somebody has changed the draft since it was read: read it again (`draft.changed-meanwhile`)."""


class WrongState(Refused):
    """The draft does not stand where this can be done with it (`draft.wrong-state`)."""


class KeyOfAnother(Refused):
    """The key was used for another request (`api.key-of-another`)."""


class TooMany(Refused):
    """Asked too often: `retry_after` says how long to wait (429)."""


class Unavailable(Refused):
    """The node cannot do it now, and nothing was done (503)."""


class Unexpected(Exception):
    """What answered is no node, or one of another version: the answer has a form that this client does not know."""


_BY_CODE: Mapping[str, type[Refused]] = {
    "draft.changed-meanwhile": ChangedMeanwhile,
    "draft.wrong-state": WrongState,
    "api.key-of-another": KeyOfAnother,
}
_BY_STATUS: Mapping[int, type[Refused]] = {404: NotThere, 429: TooMany, 503: Unavailable}
_BY_AREA: Mapping[str, type[Refused]] = {"token": TokenRefused, "field": FieldRefused}


def refusal(status: int, body: bytes, retry_after: str) -> Refused | Unexpected:
    """What an answer that is no success says."""
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        return Unexpected(f"status {status} without a problem that can be read")
    area = problem.code.partition(".")[0]
    found = _BY_CODE.get(problem.code) or _BY_STATUS.get(status) or _BY_AREA.get(area) or Refused
    return found(problem, int(retry_after) if retry_after.isdecimal() else 0)
