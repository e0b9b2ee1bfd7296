"""The memorandum as its parties sealed it, set like a page of a treaty series."""
