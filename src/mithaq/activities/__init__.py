"""Planned activities: a fold over statements."""
