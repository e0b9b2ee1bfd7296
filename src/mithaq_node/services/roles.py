"""Which roles read what: one answer for the pages of the desk and for programs that read with an officer's token."""

from mithaq_node.store.models import Role

READERS = frozenset({Role.DUTY, Role.RELEASING, Role.SECRETARIAT, Role.AUDITOR})
ONLOOKERS = READERS | {Role.OBSERVER}
"""Whoever checks the record, the clocks and the figures; an observer reads no notice."""
AUDITORS = frozenset({Role.AUDITOR})
EXPORTERS = frozenset({Role.SECRETARIAT, Role.AUDITOR})
WRITERS = frozenset({Role.DUTY, Role.RELEASING, Role.SECRETARIAT})

EVERYBODY = frozenset(Role)
