"""The frame around every page: whose desk it is, where one can go, and whether it is a demonstration or an exercise."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Party
from mithaq_node import queries
from mithaq_node.queries import assurance, drafts
from mithaq_node.queries.links import StoppedLink, stopped
from mithaq_node.queries.ringing import Ringing, ringing, unheard
from mithaq_node.queries.suspension import Suspended, suspended
from mithaq_node.services import clock
from mithaq_node.store.models import Role
from mithaq_node.web import cursor
from mithaq_node.web.entrance import AUDITORS, ONLOOKERS, READERS, WRITERS, must_set_up
from mithaq_node.web.reader import Reader, reader_of

PLACES = (
    ("watch:show", _("Watch"), READERS),
    ("shift:show", _("Shift"), READERS),
    ("filing:choose", _("File"), WRITERS),
    ("release:queue", _("Release"), WRITERS),
    ("crossings:show", _("Crossings"), ONLOOKERS),
    ("flows:show", _("Flows"), ONLOOKERS),
    ("corridors:show", _("Corridors"), ONLOOKERS),
    ("activities:show", _("Activities"), READERS),
    ("gathering:show", pgettext_lazy("gathering", "Warnings"), READERS),
    ("compliance:show", _("Compliance"), ONLOOKERS),
    ("committee:board", _("Committee"), ONLOOKERS),
    ("record:show", _("Record"), ONLOOKERS),
    ("accounts:reads", _("Readings"), AUDITORS),
    ("desks:show", _("Desks"), frozenset({Role.OPERATOR})),
)
"""Where an officer goes, in the order of a shift, and which roles go there."""

PAPERS = (
    ("instrument:show", _("Memorandum")),
    ("report:show", _("From the report")),
    ("help:show", _("Help")),
)
"""What anybody who reaches the node may read."""


@dataclass(frozen=True)
class Place:
    """An entry of the navigation."""

    address: str
    name: str
    here: bool
    counts: bool = False
    """Whether it says how much awaits the reader there."""
    count: int = 0

    @property
    def counted(self) -> str:
        """The count as the version that a page has of it."""
        return str(self.count)


@dataclass(frozen=True)
class Frame:
    """What the base template shows around a page."""

    law: Law
    party: Party
    parties: tuple[Party, ...]
    """Every party, this node's own first."""
    places: tuple[Place, ...]
    reader: Reader
    home: str
    """Where the reader's role begins."""
    may_find: bool
    """Whether the reader looks notices up by their numbers."""
    cursor_at: str
    """The address that answers with the cursor; empty for whoever is not signed in."""
    cursor: str
    """The cursor as it was before this page was made."""
    moment: str = ""
    """The moment of this page, in the reader's words: the last news that it has had."""
    now: str = ""
    """The moment of this page, as stored."""
    unsure: str = ""
    """Why nothing can be released now, in the reader's language; empty while the node is sure."""
    role: str = ""
    """The role of whoever is signed in; empty for others."""
    ringing: tuple[Ringing, ...] = ()
    """What nobody here has opened yet and must not wait: it rings on every page, for whoever may open it."""
    unheard: tuple[Ringing, ...] = ()
    """What this party sent, must not wait, and has not been received."""
    suspended: Suspended | None = None
    """What the head of every page says of a suspension."""
    unheld: tuple[str, ...] = ()
    """The parties under a version of the instrument that is not entered here, for whoever is signed in."""
    stopped: tuple[StoppedLink, ...] = ()
    """The links that are stopped: the alarm of every page, for whoever is signed in."""


def context(request: HttpRequest) -> dict[str, Any]:
    """`frame` for the base template; none before the node has an instrument that can be read. And, even then, whether
    this is a demonstration or an exercise."""
    try:
        known, party = queries.law(), queries.own_party()
    except (Refusal, LookupError, OSError):
        return {"frame": None, "demonstration": settings.NODE.demo, "exercise": is_exercise()}
    signed_in = bool(getattr(request, "user", None) and request.user.is_authenticated) and not must_set_up(request)
    role = str(getattr(request.user, "role", "")) if signed_in else ""
    reader = reader_of(request)
    doubt = assurance.doubt() if signed_in else None
    read = cursor.read(request) if signed_in else None
    return {
        "demonstration": settings.NODE.demo or known.demo,
        "exercise": known.exercise,
        "frame": Frame(
            law=known,
            party=party,
            parties=queries.parties(),
            places=tuple(_places(request, role)),
            reader=reader,
            home=first_place(role),
            may_find=role in READERS,
            cursor_at=_address("watch:cursor") if signed_in else "",
            cursor=read.value if read else "",
            moment=reader.moment(str(read.at)) if read else "",
            now=str(read.at) if read else "",
            unsure=reader.refusal(doubt) if doubt else "",
            role=role,
            ringing=ringing() if role in READERS else (),
            unheard=unheard(str(read.at)) if read and role in READERS else (),
            suspended=suspended(str(clock.now())),
            unheld=tuple(dict.fromkeys(each.party for each in queries.unheld())) if signed_in else (),
            stopped=stopped() if signed_in else (),
        ),
    }


def first_place(role: str) -> str:
    """Where an officer of this role begins; nobody in particular begins with the memorandum."""
    if not role:
        return _address("instrument:show")
    return next((_address(name) for name, _, roles in PLACES if role in roles), _address("accounts:show"))


def is_exercise() -> bool:
    """Whether this node serves an instrument for exercises; False where its instrument cannot be read."""
    try:
        return queries.law().exercise
    except (Refusal, LookupError, OSError):
        return False


def _places(request: HttpRequest, role: str) -> list[Place]:
    names = [(name, said) for name, said, roles in PLACES if role in roles] + list(PAPERS)
    known = [(address, str(said)) for name, said in names if (address := _address(name))]
    here = max((address for address, _ in known if request.path.startswith(address)), key=len, default="")
    counts = {_address("release:queue"): drafts.waiting()} if role in WRITERS else {}
    return [Place(address, said, address == here, address in counts, counts.get(address, 0)) for address, said in known]


def _address(name: str) -> str:
    """The address of a page, or nothing where this node does not have it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
