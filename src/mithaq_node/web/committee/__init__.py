"""The committee: how far what was agreed is carried out, as each side and both together say."""
