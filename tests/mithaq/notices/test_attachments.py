"""The one form of an attachment, and what a notice must say of a picture that it carries."""

import io
from typing import Any

import msgspec
import pytest
from PIL import Image

from mithaq.errors import Refusal
from mithaq.instrument.law import Field
from mithaq.notices import drafting, kept
from mithaq.notices.conformance import judge, judge_part
from mithaq.notices.envelope import Kept, parse
from mithaq.notices.fields import attachments, check_field
from mithaq.notices.restraint import check_kinds
from tests.mithaq.notices.border import Border, Side, plain_law, private_key

FIELD = Field(name="picture", type="attachment", part="attachment", limit=20_000)
MARSH: dict[str, Any] = {
    "hazard": "wildfire",
    "happened": "2030-05-02T10:20:00Z",
    "place": {"form": "sector", "sector": "A"},
    "confidence": "seen",
}
NOBODY = Kept(finding=kept.PICTURE, reason="nobody-recognisable", n=1)


def jpeg(width: int = 60, height: int = 40, **beside: Any) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, "JPEG", **beside)
    return out.getvalue()


PLAIN = jpeg()


def refused(value: Any, field: Field = FIELD) -> str:
    try:
        check_field(value, field, plain_law())
    except Refusal as refusal:
        return refusal.code
    return ""


def test_a_plain_picture_is_one() -> None:
    assert attachments.size_of(PLAIN) == (60, 40)
    assert refused(attachments.value_of(PLAIN)) == ""
    assert attachments.size_of(jpeg(optimize=True, restart_marker_rows=1)) == (60, 40)


@pytest.mark.parametrize(
    "encoded",
    [
        jpeg(comment=b"a name"),
        jpeg(exif=Image.Exif().tobytes()),
        jpeg(icc_profile=b"a profile"),
        jpeg(progressive=True),
        PLAIN + b"\xff\xd9",
        PLAIN[:-2],
        PLAIN[:20] + PLAIN[40:],
        PLAIN[:-2] + b"\xff\xfe\x00\x06seen\xff\xd9",
        b"\xff\xd8\xff\xd9",
        b"<svg/>",
        b"",
    ],
    ids=["comment", "exif", "profile", "progressive", "tail", "no end", "hole", "late segment", "empty", "svg", "none"],
)
def test_anything_beside_the_picture_is_refused(encoded: bytes) -> None:
    assert attachments.size_of(encoded) is None
    assert refused(attachments.value_of(encoded)) == "field.not-a-plain-picture"


def test_no_cut_and_no_changed_byte_of_its_frame_makes_the_judge_fall_over() -> None:
    for at in range(len(PLAIN)):
        attachments.size_of(PLAIN[:at])
        attachments.size_of(PLAIN[:at] + b"\xff" + PLAIN[at + 1 :])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "field.type"),
        ({"form": "jpeg"}, "field.type"),
        ({"form": "jpeg", "data": 7}, "field.type"),
        ({"form": "svg", "data": ""}, "field.not-a-plain-picture"),
        ({"form": "jpeg", "data": "not base64"}, "field.not-a-plain-picture"),
        (attachments.value_of(PLAIN) | {"name": "x.jpg"}, "field.type"),
        (attachments.value_of(jpeg(2_001, 8)), "field.picture-too-wide"),
        (attachments.value_of(jpeg(1_999, 1_500, quality=95)), "field.picture-too-large"),
    ],
)
def test_another_form_or_size_is_refused(value: Any, code: str) -> None:
    assert refused(value) == code


def test_base64_with_loose_ends_is_another_spelling() -> None:
    assert attachments.picture({"data": "QQ=="}) == b"A"
    for data in ("QR==", "QQ=", "QQ", " QQ==", "QQ==\n", "é"):
        assert attachments.picture({"data": data}) is None


@pytest.fixture
def side() -> Side:
    border = Border()
    border.book()
    return border.pair[0]


def verdict(side: Side, *found: Kept, **content: Any) -> list[str]:
    header, parts = side.draft("humanitarian.hazard", MARSH | content)
    assert [part.retention for part in parts][1:] == list(content and ["attachment"])
    name = side.officer(1)
    leaf = parse(drafting.sign_release(header, side.border.now, name, private_key(name), found))
    return [refusal.code for refusal in judge(leaf, 9, None, side.border.law, side.border.ledger.ring(side.origin))]


def test_a_picture_leaves_only_with_the_statement_that_nobody_is_recognisable(side: Side) -> None:
    picture = attachments.value_of(PLAIN)
    assert verdict(side, NOBODY, picture=picture) == []
    assert verdict(side, picture=picture) == ["leaf.picture-unanswered"]
    assert verdict(side) == []
    assert verdict(side, NOBODY) == ["leaf.kept-not-permitted"]
    place = Kept(finding="text.name", reason="place", n=1)
    assert verdict(side, NOBODY, place, picture=picture) == ["leaf.kept-not-permitted"]


def test_every_picture_is_asked_about_and_an_answer_is_meant_for_that_picture_alone(side: Side) -> None:
    kind = side.border.law.kind("humanitarian.hazard")
    assert kind is not None
    asked = [
        kept.questions(kind, side.draft("humanitarian.hazard", MARSH | {"picture": attachments.value_of(each)})[1])
        for each in (PLAIN, jpeg(61))
    ]
    (first,), (second,) = asked
    assert first.is_of_a_picture
    assert first.id != second.id
    assert kept.settle([first], {first.id: "nobody-recognisable"}) == [NOBODY]
    with pytest.raises(Refusal, match=r"release\.passage-open"):
        kept.settle([first], {})
    with pytest.raises(Refusal, match=r"release\.other-text"):
        kept.settle([second], {first.id: "nobody-recognisable"})


def test_an_accepted_part_that_is_no_plain_picture_is_told_beside_it(side: Side) -> None:
    body = msgspec.json.encode({"picture": attachments.value_of(jpeg(comment=b"a name"))})
    (refusal,) = judge_part("attachment", body, "humanitarian.hazard", side.border.law)
    assert refusal.code == "field.not-a-plain-picture"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({}, {"part": "text"}, "kind.attachment-elsewhere"),
        ({}, {"part": "facts"}, "kind.text-in-facts"),
        ({}, {"limit": 0}, "kind.limit-needed"),
        ({}, {"limit": 300_000}, "kind.limit-too-large"),
        ({"attachments": False}, {}, "kind.attachments-off"),
        ({"security": True}, {}, "kind.attachments-on-security"),
        ({}, {"type": "text"}, "kind.attachment-elsewhere"),
    ],
)
def test_a_kind_has_attachments_only_where_they_may_be(
    changes: dict[str, Any], field: dict[str, Any], code: str
) -> None:
    law = plain_law()
    kind = law.kind("humanitarian.hazard")
    assert kind is not None
    fields = [*(each for each in kind.fields if each.name != "picture"), msgspec.structs.replace(FIELD, **field)]
    changed = msgspec.structs.replace(kind, fields=fields, **changes)
    law = msgspec.structs.replace(law, kinds=[changed if each.name == kind.name else each for each in law.kinds])
    assert code in {finding.code for finding in check_kinds(law)}
