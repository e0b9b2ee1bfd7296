"""What several tests draw from: bytes and texts as hostile or broken senders make them."""

from hypothesis import strategies as st

BOMBS = (
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff",  # the head of a gzip stream
    b"[" * 2_000,
    b'{"a":' * 500,
    b'{"a":1,"a":2}',
    b"9" * 400,
    b"9223372036854775808",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    b"1e999",
    b"\xed\xa0\x80",  # half a surrogate pair
    "‮".encode(),
    b"\n\n",
    b"\0",
)
"""Pieces that have broken parsers: compressed, deep, doubled, huge, not quite text."""


@st.composite
def damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """A good form with a stretch cut out, doubled, replaced or bombed; or cut short; or any bytes at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=300))
    start = draw(st.integers(0, len(good)))
    end = draw(st.integers(start, min(len(good), start + 60)) | st.just(len(good)))
    piece = draw(st.sampled_from(BOMBS) | st.just(good[start:end] * 2) | st.just(b"") | st.binary(max_size=40))
    return good[:start] + piece + good[end:]
