"""The demonstration: both parties' nodes on one machine, a story played through them, and a console to play it from.

Nothing here is a shortcut into the record: the story's officers use the same services as the desks do, in processes of
the nodes' own kind, and everything that travels goes over the same line, which the demonstration can cut.
"""
