"""Lines of the watch log: what may be written, and how they hang together."""

import msgspec
import pytest

from mithaq.errors import Refusal
from mithaq.notices import watchlog
from mithaq.notices.watchlog import Line

CALL = Line(
    number=1,
    at="2031-03-01T02:10:00Z",
    written="2031-03-01T02:14:00Z",
    by="ml.mithaq.example/officer/1",
    kind=watchlog.CALL_TO_US,
    text="They see smoke east of the weir and ask whether we burn reed.",
    office="RL/border-guard",
    subject="Smoke at the weir",
)


def test_a_call_and_a_plain_line_may_be_written() -> None:
    watchlog.check(CALL)
    watchlog.check(msgspec.structs.replace(CALL, kind=watchlog.NOTE, office="", subject=""))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": " "}, "watchlog.empty"),
        ({"text": "x" * (watchlog.LONGEST_TEXT + 1)}, "watchlog.too-long"),
        ({"subject": "x" * (watchlog.LONGEST_SUBJECT + 1)}, "watchlog.too-long"),
        ({"text": "\u202eturned"}, "watchlog.hidden-character"),
        ({"subject": "bell\x07"}, "watchlog.hidden-character"),
        ({"kind": "rumour"}, "watchlog.unknown-kind"),
        ({"office": ""}, "watchlog.call-incomplete"),
        ({"subject": ""}, "watchlog.call-incomplete"),
        ({"kind": "note"}, "watchlog.call-incomplete"),
        ({"at": "2031-03-01T02:15:00Z"}, "watchlog.not-yet"),
    ],
)
def test_it_refuses_a_line_that_says_nothing_too_much_or_too_early(change: dict[str, str], code: str) -> None:
    with pytest.raises(Refusal, match=code.replace(".", r"\.")):
        watchlog.check(msgspec.structs.replace(CALL, **change))


def test_the_words_of_a_call_pass_the_linter() -> None:
    named = msgspec.structs.replace(CALL, subject="Colonel Smith asks", text="call back on 0771 234 5678")
    assert [each.code for each in watchlog.passages(named)] == ["text.name", "text.telephone"]
    assert watchlog.passages(CALL) == ()


def test_a_line_that_is_changed_taken_out_or_put_in_no_longer_fits() -> None:
    lines = [msgspec.structs.replace(CALL, number=number) for number in (1, 2, 3)]

    def digest(of: list[Line]) -> bytes:
        before = watchlog.START
        for line in of:
            before = watchlog.chained(before, line)
        return before

    whole = digest(lines)
    assert digest(lines) == whole
    for field in ("at", "written", "by", "kind", "text", "office", "subject"):
        assert digest([*lines[:1], msgspec.structs.replace(lines[1], **{field: "other"}), lines[2]]) != whole, field
    assert digest([lines[0], lines[2]]) != whole
    assert digest([*lines, lines[2]]) != whole
