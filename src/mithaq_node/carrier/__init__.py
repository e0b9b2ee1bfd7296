"""The client that carries bytes to a counterpart's door. It decides nothing."""
