"""Corridors: the list, one corridor, and what a map draws of them."""
