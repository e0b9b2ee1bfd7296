"""Rows: what the officers of this node work on, and the record with its hot path."""
