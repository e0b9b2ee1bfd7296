"""The list of a hand-over as the reader sees it: the same from the record of this moment and from a signed paper."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mithaq.notices.handover import Item, What

_SECTIONS: tuple[tuple[What, bool | None, Promise], ...] = (
    (What.RINGS, None, _("Rings and is not acknowledged")),
    (What.CLOCK, True, _("Owed by us")),
    (What.CLOCK, False, _("Owed to us")),
    (What.REVIEW, None, _("Open reviews")),
    (What.UNANSWERED, True, _("Received and not answered by us")),
    (What.UNANSWERED, False, _("Sent and not answered by them")),
    (What.UNRECEIVED, None, _("Sent and without a receipt")),
    (What.DRAFT, None, _("Drafts that have not left")),
    (What.REMARK, None, _("Open remarks")),
    (What.IN_HAND, None, _("Matters in somebody's hands")),
)
"""What an item is, whether our own party owes it (None where nobody asks), and the heading that it stands under."""


_UNTIMED = frozenset({What.DRAFT, What.REMARK, What.IN_HAND})
"""Items whose state is no moment."""


@dataclass(frozen=True, slots=True)
class Row:
    """An item, and whether its time is over at the moment of the list."""

    item: Item
    is_late: bool

    @property
    def label(self) -> str:
        """The group of sealed labels in which its name stands."""
        return "clock" if self.item.what == What.CLOCK else "kind"

    @property
    def is_draft(self) -> bool:
        return self.item.what == What.DRAFT

    @property
    def due(self) -> str:
        """By when; empty where it has no time."""
        return "" if self.item.what in _UNTIMED else self.item.state

    @property
    def holder(self) -> str:
        """Who has it in hand; empty where that is not what the item says."""
        return self.item.state if self.item.what == What.IN_HAND else ""


@dataclass(frozen=True, slots=True)
class Section:
    """The items under one heading."""

    title: Promise
    rows: tuple[Row, ...]


def sections(items: Iterable[Item], at: str) -> tuple[Section, ...]:
    """Every heading with its items as of the moment `at`, empty ones too: that nothing is owed is worth reading."""
    held, own = list(items), str(settings.NODE.party)
    return tuple(
        Section(
            title,
            tuple(
                Row(each, each.what not in _UNTIMED and "" < each.state < at)
                for each in held
                if each.what == what and (ours is None or (each.party == own) is ours)
            ),
        )
        for what, ours, title in _SECTIONS
    )
