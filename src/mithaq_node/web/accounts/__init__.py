"""Signing in and out, the reader's choices, and the door of the demonstration."""
