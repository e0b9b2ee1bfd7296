"""Formats that other programs read: values in, bytes out."""
