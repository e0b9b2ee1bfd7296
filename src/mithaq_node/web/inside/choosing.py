"""Which desk a list is looked at from: the whole party, my desk, or one that was chosen."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from mithaq_node.queries.inside import Desks
from mithaq_node.web.entrance import officer_of

MINE = "mine"


@dataclass(frozen=True)
class Choice:
    """A desk chosen for a list; `chosen` is empty for the whole party."""

    desks: Desks
    chosen: str
    wanted: frozenset[str]
    officer: str
    """The officer whose own hands count too; empty where another desk than theirs was chosen."""
    options: tuple[tuple[str, str], ...]
    """What can be chosen, with its name."""

    def keeps(self, number: str) -> bool:
        """Whether the matter of a notice stands in the list."""
        return not self.chosen or self.desks.is_at(number, self.wanted, self.officer)


def alone(request: HttpRequest) -> str:
    """The officer where what `?desk=` names is another list for each of them; else empty. Reads nothing."""
    return officer_of(request).name if request.GET.get("desk", "") == MINE else ""


def chosen(request: HttpRequest) -> Choice:
    """What `?desk=` names; an odd value is the whole party."""
    officer, desks = officer_of(request), Desks()
    known = {each.id: each.name for each in desks.arrangement.desks}
    asked = request.GET.get("desk", "")
    mine = asked == MINE
    own = desks.arrangement.desks_of(officer.name, officer.authority)
    return Choice(
        desks=desks,
        chosen=asked if mine or asked in known else "",
        wanted=own if mine else frozenset({asked}),
        officer=alone(request),
        options=(("", _("Whole party")), (MINE, _("My desk")), *known.items()),
    )
