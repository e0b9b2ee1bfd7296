"""Incidents and notices: both accounts side by side, and each step with its proof."""
