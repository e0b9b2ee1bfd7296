"""The record: every log with its head, who has signed it, and how far both sides are the same."""
