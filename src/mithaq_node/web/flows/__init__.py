"""Flows: forecasts and counts, the seasons, and tables that are read in and written out."""
