"""Pairs of notices that may be of one incident: what is proposed and why, and what both parties have said."""
