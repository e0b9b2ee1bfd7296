"""What the press report says, fact by fact, and what Mithaq makes of it: one table, one page."""
