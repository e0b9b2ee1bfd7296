"""What each operation of the REST API does, and whose tokens it is open to."""

from collections.abc import Mapping
from types import MappingProxyType

from mithaq_node.api import of_drafts, of_record
from mithaq_node.api.rest import Handled
from mithaq_node.services.roles import EVERYBODY, ONLOOKERS, READERS, WRITERS

HANDLED: Mapping[str, Handled] = MappingProxyType(
    {
        "bearer": Handled(of_record.bearer, EVERYBODY),
        "kinds": Handled(of_record.kinds, EVERYBODY),
        "kind": Handled(of_record.kind, EVERYBODY),
        "drafts": Handled(of_drafts.every, WRITERS),
        "create_draft": Handled(of_drafts.create, WRITERS),
        "draft": Handled(of_drafts.one, WRITERS),
        "change_draft": Handled(of_drafts.change, WRITERS),
        "drop_draft": Handled(of_drafts.drop, WRITERS),
        "preview": Handled(of_drafts.preview, WRITERS),
        "file_draft": Handled(of_drafts.file, WRITERS),
        "recall_draft": Handled(of_drafts.recall, WRITERS),
        "hand_back_draft": Handled(of_drafts.hand_back, WRITERS),
        "release_draft": Handled(of_drafts.release, WRITERS),
        "feed": Handled(of_drafts.feed, WRITERS),
        "notices": Handled(of_record.notices, READERS),
        "notice": Handled(of_record.notice, READERS),
        "proof": Handled(of_record.proof, READERS),
        "incidents": Handled(of_record.incidents_of, READERS),
        "incident": Handled(of_record.incident, READERS),
        "clocks": Handled(of_record.clocks, READERS),
        "crossings": Handled(of_record.crossings_of, ONLOOKERS),
        "crossing": Handled(of_record.crossing, ONLOOKERS),
        "commitments": Handled(of_record.commitments_of, ONLOOKERS),
        "commitment": Handled(of_record.commitment, ONLOOKERS),
        "meetings": Handled(of_record.meetings_of, ONLOOKERS),
        "meeting": Handled(of_record.meeting, ONLOOKERS),
    }
)
"""By identifier of the operation; the description alone is answered to anybody."""
