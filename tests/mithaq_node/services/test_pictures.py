"""What an officer's camera made becomes a plain picture, and what is none becomes nothing."""

import io

import pytest
from PIL import Image

from mithaq.errors import Refusal
from mithaq.notices.fields import attachments
from mithaq_node.services import pictures
from tests.photographs import CAMERA, bomb, noise, photograph

LIMIT = 180_000


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_goes_on_but_what_can_be_seen(form: str) -> None:
    given = photograph(form=form)
    made = pictures.plain(given, LIMIT)
    assert attachments.size_of(made) == (640, 480)
    assert CAMERA.encode() in given
    for beside in (CAMERA.encode(), b"Exif", b"taken from", b"ICC_PROFILE", b"http"):
        assert beside not in made
    with Image.open(io.BytesIO(made)) as read:
        assert (read.format, read.mode, dict(read.getexif())) == ("JPEG", "RGB", {})


def test_a_picture_that_was_taken_sideways_stands_upright() -> None:
    assert attachments.size_of(pictures.plain(photograph(640, 480, orientation=6), LIMIT)) == (480, 640)


def test_a_large_picture_becomes_as_small_as_the_instrument_wants_it() -> None:
    given = noise(1_500)
    made = pictures.plain(given, LIMIT)
    assert len(given) > LIMIT >= len(made)
    with pytest.raises(Refusal, match=r"picture\.too-detailed"):
        pictures.plain(given, 2_000)
    size = attachments.size_of(pictures.plain(photograph(4_000, 1_000), LIMIT))
    assert size == (attachments.MOST_SIDE, attachments.MOST_SIDE // 4)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_sort_of_pixel_is_drawn(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "PNG")
    assert attachments.size_of(pictures.plain(out.getvalue(), LIMIT)) == (30, 20)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (b"", "picture.not-one"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "picture.not-one"),
        (b"GIF89a" + bytes(60), "picture.not-one"),
        (b"%PDF-1.7\n", "picture.not-one"),
        (photograph()[:900], "picture.not-one"),
        (photograph(form="PNG")[:900], "picture.not-one"),
        (bomb(), "picture.too-many-pixels"),
        (bytes(pictures.MOST_UPLOAD + 1), "picture.file-too-large"),
    ],
)
def test_what_is_no_picture_is_refused(given: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        pictures.plain(given, LIMIT)
    assert refused.value.code == code
