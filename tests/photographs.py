"""Photographs as cameras make them, and files that only say that they are one."""

import io
import zlib

from PIL import Image

GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112
CAMERA = "Example Camera 9"


def photograph(width: int = 640, height: int = 480, form: str = "JPEG", orientation: int = 1) -> bytes:
    """A picture with all that a camera puts beside it: its name, the place, a comment, a profile."""
    drawn = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = CAMERA, orientation
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (33.0, 7.0, 12.0)
    out = io.BytesIO()
    beside = {"comment": b"taken from the post"} if form == "JPEG" else {}
    drawn.save(out, form, exif=exif, icc_profile=b"a profile", **beside)
    return out.getvalue()


def noise(side: int) -> bytes:
    """A picture that no encoder makes small."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 100).save(out, "PNG")
    return out.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A small file that unfolds to `side` by `side` pixels."""
    row = zlib.compress(bytes((side + 7) // 8 + 1) * 64)
    head = side.to_bytes(4, "big") * 2 + bytes((1, 0, 0, 0, 0))
    chunks = ((b"IHDR", head), (b"IDAT", row), (b"IEND", b""))
    body = b"".join(
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big") for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
