"""Prevention: what the reports of all parties, taken together, may say, as functions of the book.

Needs numpy, as `mithaq.analysis` does; nothing that a fold or a digest rests on is here.
"""
