"""What granian loads: the door of the node whose data folder `MITHAQ_DATA` names."""

import os
from pathlib import Path

from mithaq.errors import Refusal
from mithaq_node.peer.door import Door
from mithaq_node.services import clock, seat

if "MITHAQ_DATA" not in os.environ:
    raise Refusal("settings.no-data-folder")
_seat, *_others = seat.take_all(Path(os.environ["MITHAQ_DATA"]), os.environ)
application = Door(_seat, lambda: clock.at(_seat.demo_clock), _others)
