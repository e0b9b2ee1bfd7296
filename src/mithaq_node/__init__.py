"""A party's node: rows, pages, the counterpart's door, and the loops around them."""
