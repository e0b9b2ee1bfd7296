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
from mithaq_node.store.desk import Draft, DraftPart, DraftState, Officer, Role
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
    "AccountDeed",
    "AccountEvent",
    "CosignatureRow",
    "CourierRow",
    "Draft",
    "DraftPart",
    "DraftState",
    "EntryRow",
    "ErasureRow",
    "EvidenceRow",
    "FactorForm",
    "FailedSignIn",
    "KeySetRow",
    "LinkRow",
    "LogRow",
    "Officer",
    "PartRead",
    "PartRow",
    "RecoveryCode",
    "Role",
    "SecondFactor",
    "Session",
    "TileRow",
]
