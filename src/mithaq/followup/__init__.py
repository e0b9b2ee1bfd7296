"""Follow-up: what was promised, what each party says of it, and what all agreed, as functions of the book."""
