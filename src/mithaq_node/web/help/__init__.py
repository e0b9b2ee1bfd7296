"""A short page for the officer on watch."""
