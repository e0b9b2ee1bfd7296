"""Planned activities of both sides: the calendar, one activity, and the address at which programs read the calendar."""
