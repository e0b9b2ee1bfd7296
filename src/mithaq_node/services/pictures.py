"""Pictures: whatever an officer's camera made, drawn again as a plain JPEG with nothing in it but what can be seen.

What comes in is hostile until it is proven to be a picture: its kind is taken from its bytes and never from its name,
its width and height are read and bounded before anything is unfolded, and of what is unfolded only the pixels go on.
The camera's name, the place, the time, thumbnails, comments and colour profiles stay behind. It is then made smaller
until it fits into what the instrument allows for its field.
"""

import io
from collections.abc import Iterator

from PIL import Image, ImageOps

from mithaq.errors import Refusal
from mithaq.notices.fields.attachments import MOST_SIDE, size_of

MOST_UPLOAD = 16 * 1024 * 1024
"""Bytes of a file that is looked at."""
MOST_PIXELS = 40_000_000
"""Pixels that are unfolded: what one large camera makes, and about 120 MB of memory."""
_FORMS = ("JPEG", "PNG", "WEBP")
_TRIES = ((MOST_SIDE, 85), (1_600, 80), (1_600, 65), (1_280, 65), (1_280, 50), (1_000, 50), (800, 45), (640, 40))
"""Longer side in pixels and quality, the best first."""
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, IndexError, EOFError, MemoryError)
"""What Pillow raises over bytes that are no picture, or a broken one."""

Image.MAX_IMAGE_PIXELS = None  # its bound warns first and refuses at the double; `MOST_PIXELS` is looked at before that


def plain(given: bytes, limit: int) -> bytes:
    """The picture in `given` as a plain JPEG of at most `limit` bytes.

    Refuses a file that is too large to look at (`picture.file-too-large`), bytes that are no picture of a known form
    (`picture.not-one`), one of too many pixels (`picture.too-many-pixels`), and one that does not become small enough
    (`picture.too-detailed`).
    """
    if len(given) > MOST_UPLOAD:
        raise Refusal("picture.file-too-large", limit=MOST_UPLOAD, found=len(given))
    try:
        drawn = _drawn(given)
    except _BROKEN as error:
        raise Refusal("picture.not-one") from error
    for encoded in _smaller_and_smaller(drawn):
        if len(encoded) <= limit:
            if size_of(encoded) is None:
                raise Refusal("picture.not-one")
            return encoded
    raise Refusal("picture.too-detailed", limit=limit)


def _drawn(given: bytes) -> Image.Image:
    """The pixels alone, upright, on white where the picture lets something shine through."""
    with Image.open(io.BytesIO(given), formats=_FORMS) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise Refusal("picture.too-many-pixels", limit=MOST_PIXELS)
        opened.draft("RGB", (MOST_SIDE, MOST_SIDE))
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((MOST_SIDE, MOST_SIDE))
        shining = upright.convert("RGBA")
    bare = Image.new("RGB", shining.size, "white")
    bare.paste(shining, mask=shining.getchannel("A"))
    return bare


def _smaller_and_smaller(drawn: Image.Image) -> Iterator[bytes]:
    for side, quality in _TRIES:
        copy = drawn.copy()
        copy.thumbnail((side, side))
        out = io.BytesIO()
        copy.save(out, "JPEG", quality=quality, optimize=True, progressive=False)
        yield out.getvalue()
