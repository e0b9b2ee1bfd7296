"""A notice released over a finding, as both desks show it; and one whose release keeps silent about its finding."""

from typing import Any

from django.test import Client

from mithaq.notices import numbers
from mithaq.notices.envelope import Kept
from mithaq_node.services import accounts
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import Pair, notice, release

TOWN: dict[str, Any] = {**meadow.INCIDENT, "account": {"lang": "en", "text": "Smoke over Sheikh Example, a town."}}
PLACE = Kept(finding="text.name", reason="place", n=1)


def test_both_desks_show_the_reason_and_what_this_desk_finds_beyond_it(pair: Pair, django_db_blocker: Any) -> None:
    told, silent = (notice(pair.ml.seat, n, content=TOWN, kept=stays) for n, stays in ((1, [PLACE]), (2, [])))
    first = pair.ml.own().size
    places = [numbers.spoken("ML", index).replace(" ", "") for index in (first, first + 1)]
    release(pair.ml, [told, silent])
    pair.settle()
    for node in pair.nodes:
        with django_db_blocker.unblock(), meadow.standing_on(node):
            auditor = Client()
            auditor.force_login(accounts.create_officer(name="auditor", role="auditor", secret=meadow.SECRET))
            shown = [auditor.get(f"/en/notices/{place}/").content.decode() for place in places]
            record = auditor.get("/en/compliance/").content.decode()
        assert ["Released over a finding" in page for page in shown] == [True, False], node.party
        assert ["Marked here, not answered for" in page for page in shown] == [False, True], node.party
        assert all("<mark id=" in page for page in shown)
        listed = record.split('id="findings-title"')[1]
        assert [place in listed for place in places] == [True, False]
