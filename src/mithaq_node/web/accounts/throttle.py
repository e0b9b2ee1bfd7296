"""How often a sign-in may fail before the door waits.

Failures are counted in the process's cache by name and address together, and by address alone, so that nobody can lock
an officer out from another machine and nobody can walk through the list of names from one.
"""

from django.core.cache import cache

from mithaq.errors import Refusal

WINDOW = 300
"""Seconds after which failures are forgotten."""

PER_NAME = 5
PER_ADDRESS = 50


def _keys(name: str, address: str) -> tuple[tuple[str, int], ...]:
    # A key of the cache must be short and plain, a name typed into a form need not be.
    return (f"signin:{address}", PER_ADDRESS), (f"signin:{address}:{name.encode()[:64].hex()}", PER_NAME)


def check(name: str, address: str) -> None:
    """Refuse an attempt after too many failures."""
    if any(cache.get(key, 0) >= limit for key, limit in _keys(name, address)):
        raise Refusal("signin.too-many", minutes=WINDOW // 60)


def failed(name: str, address: str) -> None:
    """Count one failure."""
    for key, _ in _keys(name, address):
        if not cache.add(key, 1, WINDOW):
            cache.incr(key)


def succeeded(name: str, address: str) -> None:
    """Forget the failures of this name at this address."""
    cache.delete(_keys(name, address)[1][0])
