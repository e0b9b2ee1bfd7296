"""Crossings and flows: folds over statements. What each side says stands beside what the other says."""
