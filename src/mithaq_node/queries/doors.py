"""What pages show of accounts: an officer's own second factors, and, for the auditor, who read and did what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from mithaq_node.store.models import AccountEvent, FactorForm, Officer, PartRead

PAGE = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Factor:
    """One second factor as its officer sees it."""

    id: int
    form: str
    label: str
    host: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Account:
    """What opens a desk for one officer."""

    factors: tuple[Factor, ...]
    codes: bool
    """Whether there is a generator."""
    papers_left: int
    directory: str
    """The officer's name in the party's directory; empty where the password is kept here."""


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody was shown a part, or took a log away (`part` is -1), or a program read a layer (-3) or a list (-4)."""

    officer: str
    role: str
    number: str
    part: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done to an account."""

    officer: str
    role: str
    deed: str
    by_operator: bool
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows, newest first, and where the older ones begin; nothing where there are none."""

    rows: tuple[T, ...]
    older: int | None


def account(officer: Officer) -> Account:
    """The officer's own second factors."""
    factors = tuple(
        Factor(each.pk, each.form, each.label, each.host, each.added_at, each.used_at) for each in officer.factors.all()
    )
    return Account(
        factors,
        any(each.form == FactorForm.CODES for each in factors),
        officer.recovery_codes.filter(used_at=None).count(),
        officer.directory,
    )


def reads(until: int | None) -> Page[Read]:
    """Reads before the row `until`."""
    found = PartRead.objects.select_related("officer").order_by("-pk")
    rows = list((found if until is None else found.filter(pk__lt=until))[: PAGE + 1])
    shown = rows[:PAGE]
    said = tuple(Read(each.officer.name, each.officer.role, each.number, each.part, each.at) for each in shown)
    return Page(said, shown[-1].pk if len(rows) > PAGE else None)


def events(until: int | None) -> Page[Event]:
    """What was done to accounts before the row `until`."""
    found = AccountEvent.objects.select_related("officer").order_by("-pk")
    rows = list((found if until is None else found.filter(pk__lt=until))[: PAGE + 1])
    shown = rows[:PAGE]
    said = tuple(
        Event(each.officer.name, each.officer.role, each.deed, each.by_operator, each.address, each.at)
        for each in shown
    )
    return Page(said, shown[-1].pk if len(rows) > PAGE else None)
