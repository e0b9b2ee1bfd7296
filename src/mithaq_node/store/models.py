"""The tables that Django knows by name; those of the record are written and read by hand (`store/log.py`)."""

from mithaq_node.store.desk import Draft, DraftPart, DraftState, Officer, Role
from mithaq_node.store.inside import (
    ArrangementRow,
    AssignmentRow,
    EscalationRow,
    Handing,
    RegistrationRow,
    RemarkRow,
)
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
from mithaq_node.store.wording import WordRemark

__all__ = [
    "ArrangementRow",
    "AssignmentRow",
    "CosignatureRow",
    "CourierRow",
    "Draft",
    "DraftPart",
    "DraftState",
    "EntryRow",
    "ErasureRow",
    "EscalationRow",
    "EvidenceRow",
    "Handing",
    "KeySetRow",
    "LinkRow",
    "LogRow",
    "Officer",
    "PartRow",
    "RegistrationRow",
    "RemarkRow",
    "Role",
    "TileRow",
    "WordRemark",
]
