"""The tables that Django knows by name; those of the record are written and read by hand (`store/log.py`)."""

from mithaq_node.store.accounts import (
    AccountDeed,
    AccountEvent,
    FactorForm,
    FailedSignIn,
    PartRead,
    RecoveryCode,
    SecondFactor,
    Session,
)
from mithaq_node.store.desk import Draft, DraftPart, DraftState, Officer, Role, Template
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
from mithaq_node.store.shifts import HandingRow, ShiftRow, WatchLineRow
from mithaq_node.store.wording import WordRemark

__all__ = [
    "AccountDeed",
    "AccountEvent",
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
    "FactorForm",
    "FailedSignIn",
    "Handing",
    "HandingRow",
    "KeySetRow",
    "LinkRow",
    "LogRow",
    "Officer",
    "PartRead",
    "PartRow",
    "RecoveryCode",
    "RegistrationRow",
    "RemarkRow",
    "Role",
    "SecondFactor",
    "Session",
    "ShiftRow",
    "Template",
    "TileRow",
    "WatchLineRow",
    "WordRemark",
]
