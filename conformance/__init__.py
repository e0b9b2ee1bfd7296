"""Vectors that every implementation of Mithaq judges alike, and a runner that calls any of them (see README.md)."""
