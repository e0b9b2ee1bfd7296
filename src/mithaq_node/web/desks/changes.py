"""What a form of the desks' page makes of the order that it was shown with."""

from collections.abc import Callable, Mapping

from django.http import QueryDict
from msgspec.structs import replace

from mithaq.errors import Refusal
from mithaq.notices.desks import Arrangement, Desk, Rule, free_id


def changed(order: Arrangement, asked: QueryDict) -> Arrangement:
    """The order after the deed that a form names; refuses a form that names none, and a desk or rule that is not
    there."""
    deed = _DEEDS.get(asked.get("deed", ""))
    if deed is None:
        raise Refusal("desks.odd-change")
    return deed(order, asked)


def _add_desk(order: Arrangement, asked: QueryDict) -> Arrangement:
    authority = asked.get("authority", "")
    made = Desk(free_id(authority, [each.id for each in order.desks]), authority, asked.get("name", "").strip())
    return replace(order, desks=[*order.desks, made], main=order.main or made.id)


def _desk(order: Arrangement, asked: QueryDict) -> Arrangement:
    old = _known(order, asked)
    new = replace(old, name=asked.get("name", "").strip(), officers=sorted(asked.getlist("officers")))
    return replace(order, desks=[new if each is old else each for each in order.desks])


def _drop_desk(order: Arrangement, asked: QueryDict) -> Arrangement:
    """Its rules go with it; the main desk can only go last."""
    gone = _known(order, asked)
    left = [each for each in order.desks if each is not gone]
    rules = [each for each in order.rules if each.desk != gone.id]
    return replace(order, desks=left, rules=rules, main=order.main if left else "")


def _main(order: Arrangement, asked: QueryDict) -> Arrangement:
    return replace(order, main=_known(order, asked).id)


def _add_rule(order: Arrangement, asked: QueryDict) -> Arrangement:
    lists = {name: asked.getlist(name) for name in ("kinds", "sectors", "precedence", "crossings")}
    return replace(order, rules=[*order.rules, Rule(_known(order, asked).id, **lists)])


def _raise_rule(order: Arrangement, asked: QueryDict) -> Arrangement:
    place, rules = _rule(order, asked), list(order.rules)
    if place:
        rules[place - 1], rules[place] = rules[place], rules[place - 1]
    return replace(order, rules=rules)


def _drop_rule(order: Arrangement, asked: QueryDict) -> Arrangement:
    place = _rule(order, asked)
    return replace(order, rules=[*order.rules[:place], *order.rules[place + 1 :]])


def _house(order: Arrangement, asked: QueryDict) -> Arrangement:
    step = asked.get("step", "")
    return replace(
        order,
        registry=asked.get("registry", "").strip(),
        calendar=asked.get("calendar", order.calendar),
        step=int(step) if step.isascii() and step.isdigit() and len(step) < 9 else 0,
    )


def _public(order: Arrangement, asked: QueryDict) -> Arrangement:
    return replace(order, public=asked.get("public") == "yes")


def _alerts(order: Arrangement, asked: QueryDict) -> Arrangement:
    return replace(order, alerts=asked.get("alerts") == "yes")


def _known(order: Arrangement, asked: QueryDict) -> Desk:
    found = order.desk(asked.get("desk", ""))
    if found is None:
        raise Refusal("desks.unknown", desk=asked.get("desk", "")[:80])
    return found


def _rule(order: Arrangement, asked: QueryDict) -> int:
    number = asked.get("rule", "")
    if not (number.isascii() and number.isdigit() and len(number) < 9 and 1 <= int(number) <= len(order.rules)):
        raise Refusal("desks.odd-change")
    return int(number) - 1


_DEEDS: Mapping[str, Callable[[Arrangement, QueryDict], Arrangement]] = {
    "add-desk": _add_desk,
    "desk": _desk,
    "drop-desk": _drop_desk,
    "main": _main,
    "add-rule": _add_rule,
    "raise-rule": _raise_rule,
    "drop-rule": _drop_rule,
    "house": _house,
    "public": _public,
    "alerts": _alerts,
}
