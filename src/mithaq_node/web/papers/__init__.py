"""Papers that leave the node: set with typst from the same values that the pages show."""
