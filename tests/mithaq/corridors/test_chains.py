"""A corridor is as passable as its weakest link, by whose word, and what is a way round it."""

from hypothesis import given
from hypothesis import strategies as st

from mithaq.corridors import clearance, segments
from mithaq.corridors.chains import Chain, Chains
from tests.mithaq.corridors.saying import LAW, Said

RAIL = "shalamcheh-basra"
STATES = LAW.codes["crossing-state"]


def states(chain: Chain) -> dict[str, str]:
    return {party: standing.state for party, standing in chain.standings.items()}


def test_of_a_chain_of_which_nothing_is_said_nothing_is_said():
    chain = Said().chain(RAIL, "rail")
    assert (chain.standings, chain.closed, chain.differs, chain.is_clear) == ({}, (), False, False)
    assert [(link.id, link.silent) for link in chain.silent] == [
        ("khorramshahr-shalamcheh", ("IR",)),
        ("shalamcheh-shalamja", ("IQ", "IR")),
        ("shalamcheh-basra", ("IR", "IQ")),
    ]


def test_the_weakest_link_is_named_with_who_stated_it():
    said = Said()
    said.open_all(RAIL, "rail")
    closed = said.of_segment("IQ", "shalamcheh-basra", "closed", "rail", reason="construction")
    chain = said.chain(RAIL, "rail")
    assert states(chain) == {"IQ": "closed", "IR": "open"}
    assert (chain.standings["IQ"].link.id, chain.standings["IQ"].statement) == ("shalamcheh-basra", closed)
    assert [link.id for link in chain.closed] == ["shalamcheh-basra"]
    assert chain.differs
    assert chain.closed[0].mismatch


def test_two_parties_that_state_the_same_do_not_differ():
    said = Said()
    said.open_all(RAIL, "rail")
    for party in ("IQ", "IR"):
        said.of_segment(party, "shalamcheh-basra", "closed", "rail")
    assert states(said.chain(RAIL, "rail")) == {"IQ": "closed", "IR": "closed"}
    assert not said.chain(RAIL, "rail").differs


def test_the_law_ranks_the_states_and_of_equal_links_the_first_is_named():
    said = Said()
    for segment, state in (("faw-basra", "open"), ("basra-baghdad", "restricted"), ("baghdad-mosul", "restricted")):
        said.of_segment("IQ", segment, state, "goods")
    standing = said.chain("development-road", "goods").standings["IQ"]
    assert (standing.state, standing.link.id) == ("restricted", "basra-baghdad")


def test_a_closure_in_one_direction_or_for_one_traffic_touches_no_other():
    said = Said()
    said.open_all("pilgrims-mehran", "pilgrims")
    said.of_crossing("IR", "mehran-zurbatiyah", "closed", "pilgrims", direction=["to-iq"])
    said.of_crossing("IR", "mehran-zurbatiyah", "closed", "goods")
    assert states(said.chain("pilgrims-mehran", "pilgrims", "to-iq")) == {"IQ": "open", "IR": "closed"}
    assert states(said.chain("pilgrims-mehran", "pilgrims", "to-ir")) == {"IQ": "open", "IR": "open"}


def test_a_closure_says_which_corridors_it_touches():
    said = Said()
    said.of_segment("IQ", "basra-baghdad", "closed", "goods")
    said.of_segment("IQ", "shalamcheh-basra", "closed", "rail", direction=["to-ir"])
    found = {(each.link.id, each.direction, each.traffic): each.corridors for each in said.chains().closures()}
    assert found == {
        ("basra-baghdad", "to-iq", "goods"): ("development-road",),
        ("basra-baghdad", "to-ir", "goods"): ("development-road",),
        ("shalamcheh-basra", "to-ir", "rail"): (RAIL, "iran-development-road"),
    }


def test_a_way_round_is_a_corridor_to_the_same_end_that_everybody_states_open():
    said = Said()
    said.open_all("pilgrims-mehran", "pilgrims")
    said.open_all("pilgrims-khosravi", "pilgrims")
    said.of_crossing("IQ", "mehran-zurbatiyah", "closed", "pilgrims", alternative="khosravi-munthiriya")
    chain = said.chain("pilgrims-mehran", "pilgrims")
    found = {(each.area, each.id): each for each in said.chains().detours(chain)}
    assert set(found) == {("corridor", "pilgrims-khosravi"), ("crossing", "khosravi-munthiriya")}
    assert found["crossing", "khosravi-munthiriya"].named_by == ("IQ",)
    assert found["corridor", "pilgrims-khosravi"].states == ("open",)


def test_nothing_is_offered_as_a_way_round_while_somebody_is_silent_about_it():
    said = Said()
    said.open_all("pilgrims-khosravi", "pilgrims")
    said.statements = [each for each in said.statements if each[1].party == "IR"]
    said.of_crossing("IR", "mehran-zurbatiyah", "closed", "pilgrims", alternative="khosravi-munthiriya")
    assert said.chains().detours(said.chain("pilgrims-mehran", "pilgrims")) == ()


def test_what_one_side_states_closed_is_no_way_round_whatever_the_other_proposes():
    said = Said()
    for corridor in ("pilgrims-khosravi", "pilgrims-chazabeh"):
        said.open_all(corridor, "pilgrims")
    said.of_crossing("IQ", "khosravi-munthiriya", "closed", "pilgrims")
    said.of_crossing("IR", "mehran-zurbatiyah", "closed", "pilgrims", alternative="khosravi-munthiriya")
    found = said.chains().detours(said.chain("pilgrims-mehran", "pilgrims"))
    assert {(each.area, each.id) for each in found} == {
        ("corridor", "pilgrims-chazabeh"),
        ("crossing", "chazabeh-shib"),
    }


def test_an_open_chain_needs_no_way_round_and_is_given_none():
    said = Said()
    said.open_all("pilgrims-mehran", "pilgrims")
    said.open_all("pilgrims-khosravi", "pilgrims")
    assert said.chains().detours(said.chain("pilgrims-mehran", "pilgrims")) == ()


def test_a_closed_road_is_no_reason_to_send_anybody_to_another_crossing():
    said = Said()
    said.open_all("pilgrims-mehran", "pilgrims")
    said.open_all("pilgrims-khosravi", "pilgrims")
    said.of_segment("IQ", "road-zurbatiyah-karbala", "closed", "pilgrims")
    found = said.chains().detours(said.chain("pilgrims-mehran", "pilgrims"))
    assert [(each.area, each.id) for each in found] == [("corridor", "pilgrims-khosravi")]


links = st.sampled_from(sorted({link for corridor in LAW.corridors for link in corridor.chain}))
statements = st.lists(
    st.tuples(
        links,
        st.sampled_from(["IQ", "IR"]),
        st.sampled_from(STATES),
        st.sampled_from(["pilgrims", "rail", "goods"]),
        st.sets(st.sampled_from(["to-iq", "to-ir"]), min_size=1).map(sorted),
    ),
    max_size=40,
)


def spoken(script: list[tuple[str, str, str, str, list[str]]]) -> Said:
    said = Said()
    for link, party, state, traffic, direction in script:
        area, _, id = link.partition(":")
        (said.of_crossing if area == "crossing" else said.of_segment)(party, id, state, traffic, direction=direction)
    return said


@given(statements)
def test_no_link_is_weaker_than_the_standing_and_one_is_as_weak(script):
    for chain in spoken(script).chains().all():
        for party in ("IQ", "IR"):
            ranks = [STATES.index(link.said[party].facts["state"]) for link in chain.links if party in link.said]
            standing = chain.standings.get(party)
            assert ([STATES.index(standing.state)] if standing else []) == ([max(ranks)] if ranks else [])
        assert chain.differs == (len(set(states(chain).values())) > 1)


@given(statements)
def test_every_way_round_is_stated_by_everybody_and_closed_by_nobody(script):
    said = spoken(script)
    for chain in said.chains().all():
        for detour in said.chains().detours(chain):
            assert chain.closed
            assert STATES[-1] not in detour.states
            if detour.area == "corridor":
                other = said.chain(detour.id, chain.traffic, chain.direction)
                assert other.is_clear
                assert other.corridor.family == chain.corridor.family != ""


@given(statements, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing_and_what_arrives_twice_counts_once(script, chance):
    said = spoken(script)
    expected = [summary(said.chains())]
    said.statements += said.statements[: len(said.statements) // 2]
    chance.shuffle(said.statements)
    assert [summary(said.chains())] == expected


def summary(chains: Chains) -> list[object]:
    return [(chain, chains.detours(chain)) for chain in chains.all()] + list(chains.closures())


def test_clearance_keeps_both_sides_figures_and_adds_nothing_up():
    said = Said()
    said.of_clearance("IR", "shalamcheh-basra", day="2024-09-12", cleared=4_000)
    said.of_clearance("IQ", "shalamcheh-basra", day="2025-02-22")
    said.of_clearance("IR", "shalamcheh-basra", day="2025-05-01", cleared=12_000, remaining=4_000)
    found = said.folded(clearance)[("shalamcheh-basra",)]
    assert {party: each.facts.get("cleared") for party, each in found.statements.items()} == {"IR": 12_000, "IQ": None}
    assert not found.mismatch


def test_a_state_row_carries_what_was_said_and_whether_it_differs():
    said = Said()
    said.of_segment("IR", "shalamcheh-basra", "open", "rail", effect="delays")
    said.of_segment("IQ", "shalamcheh-basra", "closed", "rail")
    row = said.folded(segments)["shalamcheh-basra", "to-iq", "rail"].row()
    assert row["mismatch"]
    assert {party: (each["state"], each.get("effect")) for party, each in row["said"].items()} == {
        "IR": ("open", "delays"),
        "IQ": ("closed", None),
    }
