"""The tables that Django knows by name; those of the record are written and read by hand (`store/log.py`)."""

from mithaq_node.store.desk import Draft, DraftPart, DraftState, Officer, Role, Template
from mithaq_node.store.record import (
    CosignatureRow,
    CourierRow,
    EntryRow,
    ErasureRow,
    EvidenceRow,
    KeySetRow,
    LinkRow,
    LogRow,
    PartRow,
    TileRow,
)

__all__ = [
    "CosignatureRow",
    "CourierRow",
    "Draft",
    "DraftPart",
    "DraftState",
    "EntryRow",
    "ErasureRow",
    "EvidenceRow",
    "KeySetRow",
    "LinkRow",
    "LogRow",
    "Officer",
    "PartRow",
    "Role",
    "Template",
    "TileRow",
]
