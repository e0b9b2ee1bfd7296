"""Analysis: whether two reports are of one incident, and where incidents gather. It proposes; people decide.

What two nodes compare is made of the same bytes: integers, logarithms in fixed point (`fixed`), sums in the order of
their index, and inputs put in order first. Needs numpy, which the extra `analysis` installs.
"""
