"""`mithaq erase`: erase what is at the end of its term, outside the daily turn."""

from mithaq_cli import options
from mithaq_cli.refusing import say


def erase(data: options.Data = None, json: options.Json = False) -> None:
    """State in this party's log what it holds no more, let it go, and destroy the keys under which nothing is left."""
    options.open_node(data)
    from mithaq_node.services import clock, erasing

    now = clock.now()
    erasing.finish(now=now)
    numbers = erasing.erase(now=now)
    say(json, {"numbers": list(numbers)}, "\n".join(numbers) or "nothing is at the end of its term")
