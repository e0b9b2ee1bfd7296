"""Loops around services: deliver and listen to the bell, state the agreement daily. `python -m mithaq_node.workers`."""
