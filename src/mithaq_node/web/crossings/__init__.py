"""Crossings: the list and the map, one crossing with its history, and the board that is printed."""
