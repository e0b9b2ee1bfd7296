"""In what two accounts differ, as properties of a feature; a position for each of them, and none for both."""

from collections.abc import Iterable, Mapping

from mithaq import places
from mithaq.formats.openapi import Property
from mithaq.instrument.law import Law
from mithaq.notices import incidents, matches
from mithaq.notices.book import Stated
from mithaq.notices.thread import rules_of
from mithaq_node.queries import geometry, layers
from mithaq_node.queries.features.shared import MICRO, Said
from mithaq_node.queries.geometry import Geometry


def compared_by(law: Law) -> tuple[str, ...]:
    """The fields that accounts of what happened are compared by: those of kinds whose notices can be paired."""
    compared = rules_of(law).compared - incidents.NEVER_COMPARED
    named = (field.name for kind in law.kinds if matches.SIGHTING in kind.facets for field in kind.fields)
    return tuple(name for name in dict.fromkeys(named) if name in compared)


def of_differences(compared: Iterable[str]) -> tuple[Property, ...]:
    return (
        Property("differs", "boolean", "Whether the two accounts differ.", filters=True),
        Property("differences", "string", "The fields that they state differently, with commas between."),
        *(Property(f"differs_{name}", "boolean", f"Whether they state `{name}` differently.") for name in compared),
        Property("distance_m", "integer", "Metres between the two positions, whose accuracies it does not consider."),
        Property("apart_s", "integer", "Seconds between the beginnings of the two times."),
    )


def say_differences(
    accounts: Mapping[str, Mapping[str, Stated]], differing: set[str], compared: Iterable[str], law: Law
) -> Said:
    spots = spots_of(accounts, law)
    found = [layers.stated_time(each, layers.times_of(law)) for each in accounts.values()]
    times = [each.first for each in found if each]
    return {
        "differs": bool(differing),
        "differences": ",".join(sorted(differing)),
        **{f"differs_{name}": name in differing for name in compared},
        "distance_m": places.distance(spots[0], spots[1]) if len(spots) == 2 else None,
        "apart_s": (max(times) - min(times)) // MICRO if len(times) > 1 else None,
    }


def spots_of(accounts: Mapping[str, Mapping[str, Stated]], law: Law) -> list[tuple[int, int]]:
    """The position of each account that states one, in the order of the parties."""
    stated = (layers.place_of(account["place"].value) for _, account in sorted(accounts.items()) if "place" in account)
    spots = (geometry.spot(place, law) for place in stated if place)
    return [(lon, lat) for lon, lat in (spot for spot in spots if spot)]


def several(spots: Iterable[tuple[int, int]]) -> Geometry | None:
    positions = [geometry.degrees(spot) for spot in spots]
    return {"type": "MultiPoint", "coordinates": positions} if positions else None


def differing(accounts: Mapping[str, Mapping[str, Stated]], law: Law) -> set[str]:
    return {each.field for each in incidents.differences(accounts, rules_of(law).compared)}
