"""What was done to an account, by its officer or by the operator's command, for the auditor to read."""

from mithaq_node.services import clock
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import AccountDeed, AccountEvent, Officer


def note(officer: Officer, deed: AccountDeed, *, address: str = "", by_operator: bool = False) -> None:
    """Write one line, in whatever transaction is open: what is not written down has not happened."""
    AccountEvent.objects.create(
        officer=officer, deed=deed, address=address[:64], by_operator=by_operator, at=as_datetime(clock.now())
    )
