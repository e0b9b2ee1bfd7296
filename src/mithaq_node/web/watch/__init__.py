"""The watch room: what happens, what is owed by when, and whether the link stands."""
