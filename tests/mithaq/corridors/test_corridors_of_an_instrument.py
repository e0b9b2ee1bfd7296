"""Stretches and corridors as an instrument states them: sealed data with its source, refused where it does not fit."""

from itertools import pairwise

import pytest

from mithaq import canonical
from mithaq.instrument.compiling import check, compile
from mithaq_files.instrument import library
from tests.mithaq.instrument.folders import FICTIONAL, REAL, changed, folder

CORRIDORS = "corridors.yaml"


@pytest.fixture(scope="module")
def law():
    return compile(folder(REAL), library()).law


def test_an_instrument_without_corridors_keeps_its_bytes():
    assert CORRIDORS not in folder(FICTIONAL)
    value = canonical.decode(compile(folder(FICTIONAL), library()).law_bytes)
    assert not {"segments", "corridors"} & value.keys()


def test_both_lengths_of_the_rail_link_stand_with_their_sources_and_no_third(law):
    link = law.segment("shalamcheh-basra")
    assert [(each.party, each.metres) for each in link.lengths] == [("IR", 32_000), ("IQ", 36_000)]
    assert all(each.mark == "reported" and each.source in law.sources for each in link.lengths)
    assert [(each.party, each.metres) for each in link.to_clear] == [("IR", 16_000)]
    assert [station.id for station in link.stations] == ["shalamcheh-terminal", "mid-route", "al-kaziza"]


def test_the_corridors_are_those_that_are_reported(law):
    assert [each.id for each in law.corridors if each.family != "pilgrims"] == [
        "shalamcheh-basra",
        "development-road",
        "iran-development-road",
    ]
    pilgrims = [each for each in law.corridors if each.family == "pilgrims"]
    assert len(pilgrims) == 6
    assert all(each.mark == "reported" and each.source == "pilgrims" for each in pilgrims)


def test_neighbouring_links_of_a_chain_meet(law):
    crossings = {each.id: each.at for each in law.crossings}
    for corridor in law.corridors:
        ends = []
        for link in corridor.chain:
            area, _, id = link.partition(":")
            ends.append({crossings[id]} if area == "crossing" else {law.segment(id).path[0], law.segment(id).path[-1]})
        assert all(one & other for one, other in pairwise(ends)), corridor.id


def test_notices_name_the_stretches_and_stations_of_the_instrument(law):
    assert law.codes["segment"] == [segment.id for segment in law.segments]
    assert law.codes["station"] == ["shalamcheh-terminal", "mid-route", "al-kaziza"]


@pytest.mark.parametrize(
    "before, after, code",
    [
        ('"crossing:chazabeh-shib"', '"crossing:nowhere"', "instrument.unknown-link"),
        ('"segment:faw-basra"', '"segment:nowhere"', "instrument.unknown-link"),
        ("commitments: [rail]", "commitments: [nothing]", "instrument.unknown-link"),
        ('traffic: [pilgrims]\n    chain: ["segment:road-ilam', 'traffic: [rail]\n    chain: ["segment:road-ilam',
         "instrument.link-carries-not"),
        ("traffic: [pilgrims]", "traffic: [camels]", "instrument.unknown-code"),
        ("parties: [IR]", "parties: [TR]", "instrument.unknown-party"),
        ("party: IR, metres: 32000", "party: TR, metres: 32000", "instrument.unknown-party"),
        ("metres: 32000", "metres: 0", "instrument.too-small"),
        ("modes: [rail]", "modes: [canal]", "instrument.unknown-mode"),
        ("path: [[48184280, 30440790], [48012320, 30488960]]", "path: [[48184280, 30440790]]",
         "instrument.too-few-points"),
        ("source: rail-mines", "source: hearsay", "instrument.unknown-source"),
        ("- id: mid-route", "- id: al-kaziza", "instrument.duplicate"),
        ("id: faw-basra", "id: basra-baghdad", "instrument.duplicate"),
        ("segments:\n", "canals: []\nsegments:\n", "instrument.unknown-key"),
        ("fa: راه توسعه, ", "", "instrument.missing-translation"),
    ],
)  # fmt: skip
def test_it_refuses_a_corridor_that_does_not_fit(before, after, code):
    found = check(changed(CORRIDORS, before, after, REAL), library())
    assert code in {finding.code for finding in found}
    assert CORRIDORS in {finding.file for finding in found if finding.code == code}
