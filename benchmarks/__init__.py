"""Measurements, each beside the limit of the machine in the same run."""
