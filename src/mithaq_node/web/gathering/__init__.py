"""Where incidents gather: what was seen beside what was to be expected, and what that does not mean."""
