"""A watch as tests play it: officers take it over, write into its log and hand it over."""

from typing import Any

from mithaq_node.queries import shifts
from mithaq_node.queries.shifts import Shift
from mithaq_node.services import drafting, filing, handing_over, noting, releasing, taking_over
from mithaq_node.services.taking_over import Found, SoundTest
from mithaq_node.store.models import HandingRow, Officer, WatchLineRow
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW, SECRET

Officers = dict[str, Officer]
HEARD = SoundTest(played=4, heard=4)
MARKER = "the lamp of the second radio is broken"


def found() -> Found:
    """What a page that is opened now shows."""
    duty = shifts.on_duty()
    handed = duty.handed.digest if duty and duty.handed else ""
    return Found(shifts.present().look, duty.shift if duty else 0, handed)


def take(officer: Officer, drawn: str, **said: Any) -> Shift:
    given = {"secret": SECRET, "found": found(), "sound": HEARD, "now": NOW, **said}
    return shifts.shift(taking_over.take_over(officer=officer, drawn=drawn, **given).number)


def hand(officer: Officer, drawn: str = "h1", **said: Any) -> HandingRow:
    given = {"secret": SECRET, "seen": shifts.present().look, "remark": MARKER, "now": NOW, **said}
    return handing_over.hand_over(officer=officer, drawn=drawn, **given)


def write(officer: Officer, text: str = "Smoke seen.", drawn: str = "l1", **said: Any) -> WatchLineRow:
    given: dict[str, Any] = {"at": str(NOW), "kind": "note", "now": NOW, **said}
    return noting.note(officer=officer, text=text, drawn=drawn, **given)


def released(officers: Officers) -> str:
    draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    return releasing.release(draft_id=draft.pk, officer=officers["releasing"], secret=SECRET, now=NOW)
