"""What no kind may be: each rule broken once, on a kind of the library that is otherwise in order."""

from typing import Any

import msgspec
import pytest

from mithaq.instrument.law import Field, Law
from mithaq.notices import drafting
from mithaq.notices.envelope import PartRef
from mithaq.notices.restraint import check_kinds, refused_kinds
from tests.mithaq.notices.border import Border, plain_law, private_key


def law_with(**changes: Any) -> Law:
    """The plain law with one kind changed: a security kind that opens."""
    law = plain_law()
    kinds = [
        msgspec.structs.replace(kind, **changes) if kind.name == "incident.initial" else kind for kind in law.kinds
    ]
    return msgspec.structs.replace(law, kinds=kinds)


def with_field(**changes: Any) -> Law:
    kind = plain_law().kind("incident.initial")
    assert kind is not None
    return law_with(fields=[*kind.fields, Field(**({"name": "extra", "part": "facts"} | changes))])


def codes(law: Law) -> set[str]:
    return {finding.code for finding in check_kinds(law)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "Incident"}, "kind.bad-name"),
        ({"name": "receipt"}, "kind.bad-name"),
        ({"name": "wanted.list"}, "kind.forbidden-name"),
        ({"name": "face-match"}, "kind.forbidden-name"),
        ({"role": "accuses"}, "kind.unknown-role"),
        ({"refers": ["accuses"]}, "kind.unknown-role"),
        ({"role": "adds", "refers": []}, "kind.refers-to-nothing"),
        ({"facets": ["biography"]}, "kind.unknown-facet"),
        ({"facets": ["crossing-state"]}, "kind.field-needed"),
        ({"release": "three"}, "kind.unknown-release"),
        ({"release": "machine"}, "kind.machine-not-permitted"),
        ({"release": "one"}, "kind.one-not-permitted"),
        ({"attachments": True}, "kind.attachments-on-security"),
        ({"role": "seals", "refers": ["opens"]}, "kind.seal-with-fields"),
        ({"role": "judges", "refers": ["answers"]}, "kind.field-needed"),
    ],
)
def test_a_kind_beyond_the_closed_lists_is_refused(changes: dict[str, Any], code: str) -> None:
    assert code in codes(law_with(**changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "name"}, "kind.unknown-type"),
        ({"type": "image"}, "kind.unknown-type"),
        ({"name": "passport", "type": "quantity", "limit": 9}, "kind.forbidden-name"),
        ({"name": "vehicle_plate", "type": "quantity", "limit": 9}, "kind.forbidden-name"),
        ({"type": "text", "limit": 100}, "kind.text-in-facts"),
        ({"type": "text", "limit": 100_000, "part": "text"}, "kind.limit-too-large"),
        ({"type": "text", "part": "text"}, "kind.limit-needed"),
        ({"type": "quantity", "limit": 99_999_999}, "kind.limit-too-large"),
        ({"type": "quantity", "limit": 9, "lowest": -1}, "kind.limit-needed"),
        ({"type": "place"}, "kind.floor-needed"),
        ({"type": "place", "floor": "exact"}, "kind.exact-place-in-facts"),
        ({"type": "place", "floor": "exact", "part": "exact"}, "kind.too-fine-for-security"),
        ({"type": "place", "floor": "house"}, "kind.unknown-floor"),
        ({"type": "moment", "floor": "minute"}, "kind.too-fine-for-security"),
        ({"type": "moment"}, "kind.too-fine-for-security"),
        ({"type": "code"}, "kind.unknown-list"),
        ({"type": "code", "codes": "nowhere"}, "kind.unknown-list"),
        ({"type": "day", "codes": "people"}, "kind.unknown-list"),
        ({"type": "counts", "codes": "incident-event"}, "kind.not-countable"),
        ({"type": "day", "part": "attic"}, "kind.unknown-class"),
    ],
)
def test_a_field_beyond_the_closed_types_or_floors_is_refused(changes: dict[str, Any], code: str) -> None:
    assert code in codes(with_field(**changes))


@pytest.mark.parametrize(
    ("name", "code", "found"),
    [
        ("people", "believer", "kind.list-is-closed"),
        ("verdict", "guilty", "kind.list-is-closed"),
        ("incident-event", "suspect-seen", "kind.forbidden-name"),
    ],
)
def test_a_code_that_counts_people_by_what_they_are_is_refused(name: str, code: str, found: str) -> None:
    law = plain_law()
    lists = law.codes | {name: [*law.codes[name], code]}
    assert found in codes(msgspec.structs.replace(law, codes=lists))


def test_every_law_has_one_clock_on_what_does_not_conform() -> None:
    law = plain_law()
    assert codes(msgspec.structs.replace(law, clocks=[])) == {"kind.one-nonconformance-clock"}


def test_a_finding_says_where_it_stands() -> None:
    finding = next(finding for finding in check_kinds(law_with(role="accuses")) if finding.code == "kind.unknown-role")
    assert (finding.file, finding.path) == ("kinds/incident.initial/kind.yaml", "role")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "name"}, "kind.unknown-type"),
        ({"name": "passport", "type": "quantity", "limit": 9}, "kind.forbidden-name"),
        ({"type": "text", "limit": 100}, "kind.text-in-facts"),
    ],
)
def test_a_notice_of_such_a_kind_does_not_conform_even_under_the_law_that_has_it(
    changes: dict[str, Any], code: str
) -> None:
    """The last fence: the law was sealed, the node holds it, and a leaf under it is signed as it should be."""
    law = with_field(**changes)
    border = Border(law)
    here, there = border.pair
    header = here.header("incident.initial", release="two", parts=[PartRef(c="", retention="facts", n=2)])
    filed = drafting.sign_filing(header, border.now, here.officer(1), private_key(here.officer(1)))
    here.append(drafting.sign_release(filed, border.now, here.officer(2), private_key(here.officer(2))))
    there.receive()
    book = border.book()
    assert [refusal.code for found in book.nonconforming.values() for refusal in found.refusals] == [code]
    assert not book.incidents
    assert set(refused_kinds(law)) == {"incident.initial"}


def test_a_list_that_counts_people_by_what_they_are_takes_the_kinds_that_use_it_along() -> None:
    law = plain_law()
    lists = law.codes | {"incident-event": [*law.codes["incident-event"], "suspect-seen"]}
    refused = refused_kinds(msgspec.structs.replace(law, codes=lists))
    using = {kind.name for kind in law.kinds if any(field.codes == "incident-event" for field in kind.fields)}
    assert set(refused) == using
    assert {refusal.code for refusal in refused.values()} == {"kind.forbidden-name"}
    assert refused_kinds(law) == {}
