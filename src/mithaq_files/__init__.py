"""Folders and files of instruments, exports and evidence: reads and writes files; no framework, no network."""
