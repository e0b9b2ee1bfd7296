"""The only writers: one use case per module. Arguments are keyword-only; the moment comes in."""
