"""A client of a node's REST API for programs of others: typed values in, typed values or a typed refusal out.

    from mithaq_client import Client, NewDraft

    client = Client("https://desk.example/api", token)
    kept = client.create_draft(NewDraft(kind="incident.initial", content={…}), key="gauge-4/2030-05-02T10:20")

It needs msgspec and the standard library; it knows no Django and nothing of how a node is made.
"""

from mithaq.formats.rest.values import FeedNotice, NewDraft
from mithaq_client.asking import Client, every
from mithaq_client.refused import (
    ChangedMeanwhile,
    FieldRefused,
    KeyOfAnother,
    NotThere,
    Refused,
    TokenRefused,
    TooMany,
    Unavailable,
    Unexpected,
    WrongState,
)

__all__ = [
    "ChangedMeanwhile",
    "Client",
    "FeedNotice",
    "FieldRefused",
    "KeyOfAnother",
    "NewDraft",
    "NotThere",
    "Refused",
    "TokenRefused",
    "TooMany",
    "Unavailable",
    "Unexpected",
    "WrongState",
    "every",
]
