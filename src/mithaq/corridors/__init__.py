"""Crossings, stretches, corridors and flows: folds over statements. What each side says stands beside the other's."""
