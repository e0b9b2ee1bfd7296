"""Custody of the keys that a node holds, and of officers' keys that it can only open with their secret."""
