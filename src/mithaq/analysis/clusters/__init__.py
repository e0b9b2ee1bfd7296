"""Space-time scans: where cases gather. `asking.scan` does one whole; `docs/analysis/warning.md` explains it."""
