"""The record: append-only trees, signed heads and proofs in the C2SP formats. Entries are opaque bytes to it.

Nothing here knows what a notice is, so anyone can verify a log with this package alone. `docs/spec/record.md` is the
byte-level specification.
"""
