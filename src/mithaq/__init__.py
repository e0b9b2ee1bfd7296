"""Mithaq's core: the rules of an instrument, its notices and its record, as values in and values out."""
