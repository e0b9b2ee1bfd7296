"""What granian loads: the witness whose folder `MITHAQ_WITNESS` names. Its logs are read for each call."""

import os
from pathlib import Path

from mithaq.errors import Refusal
from mithaq_node.peer.witness import WitnessDoor
from mithaq_node.services import clock, witness

if "MITHAQ_WITNESS" not in os.environ:
    raise Refusal("settings.no-data-folder")
_folder = Path(os.environ["MITHAQ_WITNESS"])
application = WitnessDoor(lambda: witness.open(_folder), lambda: clock.at(None))
