"""`mithaq agree`: state this party's digest at the common cut, outside the daily turn; and compare the other's."""

from mithaq_cli import options
from mithaq_cli.refusing import say


def agree(data: options.Data = None, json: options.Json = False) -> None:
    """Log an agreement leaf where there is anything new, and hold the other side's last one to our own computation."""
    options.open_node(data)
    from mithaq_node.queries.agreement import agreements
    from mithaq_node.services import agreement, clock

    numbers = agreement.publish_all(now=clock.now())
    compared = [
        {"digest": each.ours, "number": each.number, "party": each.party, "same": each.same, "up_to": list(each.up_to)}
        for each in agreements()
    ]
    lines = list(numbers) or ["nothing new since the last agreement"]
    lines += [f"{each['party']} {each['number']}: {'same' if each['same'] else 'DIFFERENT'}" for each in compared]
    say(
        json,
        {"compared": compared, "number": numbers[0] if numbers else None, "numbers": list(numbers)},
        "\n".join(lines),
    )
