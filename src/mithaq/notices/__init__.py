"""Notices: what parties tell each other under an instrument, and the state that follows from it."""
