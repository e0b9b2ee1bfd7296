"""The register moves with the book: whatever arrives in whatever steps, it finds what looking at everything finds."""

import random

import pytest

from mithaq.notices.book import Book
from mithaq.notices.envelope import Leaf
from mithaq_node.queries import instrument, ledgers, map_features
from mithaq_node.queries import register as register_module
from mithaq_node.queries.register import ANY, ENDED, FINAL, OPEN, Choice, Found, Register
from tests.mithaq.notices.border import FIRE, Border, Side

EVENTS = ("fire", "smoke")
SECTORS = ("A", "B")


def numbers(found: Found) -> list[str]:
    return [item.number for item in found.items]


def looked_for(book: Book, choice: Choice) -> list[str]:
    """The incidents of a choice by looking at every one of them, the latest first."""
    chosen = []
    for incident in book.incidents.values():
        state = {OPEN: incident.state not in FINAL, ENDED: incident.state in FINAL, ANY: True}
        latest, place = incident.notices[-1], incident.notices[0].facts or incident.notices[0].stated
        if (
            state.get(choice.state, incident.state == choice.state)
            and choice.kind in ("", incident.notices[0].kind)
            and choice.sector in ("", place["place"]["sector"] if place else "none")
            and choice.since <= latest.at < (choice.until or "9999")
        ):
            chosen.append((latest.order, incident.number))
    return [number for _, number in sorted(chosen, reverse=True)]


def played(seed: int) -> tuple[Border, Register]:
    """A border on which incidents are opened, told more of and taken back, the register asked in between."""
    border, draw = Border(), random.Random(seed)  # a script, no secret
    opened: list[tuple[Side, Leaf]] = []
    register = Register(border.law)
    for minute in range(40):
        side = border.at(minute * 11).pair[draw.randrange(2)]
        act = draw.random()
        if act < 0.5 or not opened:
            content = {
                **FIRE,
                "event": draw.choice(EVENTS),
                "place": {"form": "sector", "sector": draw.choice(SECTORS)},
            }
            opened.append((side, side.notice("incident.initial", content)))
        elif act < 0.7:
            owner, leaf = draw.choice(opened)
            owner.notice("withdrawal", {"reason": "duplicate"}, leaf)
        else:
            border.exchange()
            side.notice(
                "acknowledgement",
                {"handling": "seen"},
                draw.choice([leaf for who, leaf in opened if who is side.other] or [opened[0][1]]),
            )
        if draw.random() < 0.5:
            register.move(border.book(), border.ledger.moved())
    border.exchange()
    register.move(border.book(), border.ledger.moved())
    return border, register


CHOICES = [
    Choice(),
    Choice(state=ANY),
    Choice(state=ENDED),
    Choice(state="withdrawn"),
    Choice(state="acknowledged"),
    Choice(sector="A"),
    Choice(sector="B", state=ANY),
    Choice(kind="incident.initial", sector="A", state=ANY),
    Choice(kind="humanitarian.hazard"),
    Choice(state=ANY, since="2031-03-01T02:00:00Z", until="2031-03-01T05:00:00Z"),
    Choice(sector="A", state=ANY, since="2031-03-01T03:00:00Z"),
]


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_what_looking_at_every_incident_finds(seed: int) -> None:
    border, register = played(seed)
    fresh = Register(border.law)
    fresh.move(border.book(), None)
    for choice in CHOICES:
        wanted = looked_for(border.book(), choice)
        for each in (register, fresh):
            found = each.find(choice, 100)
            assert numbers(found) == wanted, choice
            assert (found.total, found.more, each.count(choice)) == (len(wanted), False, len(wanted))
            assert sorted(item.number for item in each.all(choice)) == sorted(wanted)


def test_pages_follow_each_other_without_a_gap_and_without_a_repetition() -> None:
    _, register = played(1)
    for choice in (Choice(state=ANY), Choice(state=ANY, sector="A")):
        seen: list[str] = []
        before = None
        while True:
            page = register.find(choice, 3, before)
            seen += numbers(page)
            if not page.more:
                break
            before = page.items[-1].order
        assert seen == numbers(register.find(choice, 100))
        assert len(seen) > 6


def test_an_incident_that_moves_while_somebody_turns_pages_is_not_lost_from_the_rest() -> None:
    border, register = played(2)
    first = register.find(Choice(state=ANY), 3)
    rest = numbers(register.find(Choice(state=ANY), 100, first.items[-1].order))
    side = border.pair[0]
    side.notice("incident.initial", FIRE)
    border.exchange()
    register.move(border.book(), border.ledger.moved())
    assert numbers(register.find(Choice(state=ANY), 100, first.items[-1].order)) == rest


def test_what_is_too_much_to_draw_is_drawn_as_groups_that_count_every_account(monkeypatch: pytest.MonkeyPatch) -> None:
    border, register = played(3)
    monkeypatch.setattr(instrument, "law", lambda: border.law)
    monkeypatch.setattr(ledgers, "register", lambda: register)
    each = map_features.incident_features(Choice(state=ANY))
    assert (each.groups, len(each.features)) == (0, sum(len(item.spots) for item in register.all(Choice(state=ANY))))
    monkeypatch.setattr(map_features, "MOST_FEATURES", len(each.features) - 1)
    grouped = map_features.incident_features(Choice(state=ANY), zoom=9)
    assert grouped.incidents == each.incidents
    assert grouped.groups == len(grouped.features) <= 4
    counted = dict.fromkeys(("ML", "RL"), 0)
    for feature in grouped.features:
        counted[feature["properties"]["party"]] += feature["properties"]["count"]
    stated = [feature["properties"]["party"] for feature in each.features]
    assert counted == {party: stated.count(party) for party in counted}


def test_groups_grow_until_there_are_few_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    border, register = played(3)
    monkeypatch.setattr(instrument, "law", lambda: border.law)
    monkeypatch.setattr(ledgers, "register", lambda: register)
    monkeypatch.setattr(map_features, "MOST_FEATURES", 2)
    drawn = map_features.incident_features(Choice(state=ANY), zoom=20)
    assert 0 < drawn.groups <= 2


def test_only_what_lies_in_the_part_asked_for_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    border, register = played(3)
    monkeypatch.setattr(instrument, "law", lambda: border.law)
    monkeypatch.setattr(ledgers, "register", lambda: register)
    spots = {(spot.lon, spot.lat) for item in register.all(Choice(state=ANY)) for spot in item.spots}
    (lon, lat), *others = sorted(spots)
    assert others
    drawn = map_features.incident_features(Choice(state=ANY), box=(lon - 1, lat - 1, lon + 1, lat + 1))
    assert {tuple(each["geometry"]["coordinates"]) for each in drawn.features} == {(lon / 1e6, lat / 1e6)}


def test_it_is_said_where_more_is_counted_than_lies_in_the_part_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    border, register = played(3)
    monkeypatch.setattr(instrument, "law", lambda: border.law)
    monkeypatch.setattr(ledgers, "register", lambda: register)
    monkeypatch.setattr(map_features, "MOST_FEATURES", 1)
    (lon, lat), *_ = sorted({(spot.lon, spot.lat) for item in register.all(Choice(state=ANY)) for spot in item.spots})
    beside = (lon + 1, lat + 1, lon + 2, lat + 2)
    asked = {box: map_features.incident_features(Choice(state=ANY), 4, box) for box in (None, beside)}
    assert {box: (drawn.edge, drawn.incidents > 0) for box, drawn in asked.items()} == {
        None: (False, True),
        beside: (True, True),  # nothing lies in it
    }


def test_without_a_zoom_the_width_of_the_part_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    border, register = played(3)
    monkeypatch.setattr(instrument, "law", lambda: border.law)
    monkeypatch.setattr(ledgers, "register", lambda: register)
    zooms: list[int] = []
    monkeypatch.setattr(register, "grouped", lambda choice, zoom, box, most: zooms.append(zoom))
    for degrees in (360, 180, 10, 1, 0):
        map_features.incident_features(Choice(state=ANY), box=(0, 0, degrees * 1_000_000, 1))
    map_features.incident_features(Choice(state=ANY))
    map_features.incident_features(Choice(state=ANY), 3, (0, 0, 1, 1))
    assert zooms == [2, 3, 7, 10, 30, 0, 3]


def test_what_is_counted_is_dropped_only_where_much_of_what_is_held_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    border, register = played(3)
    for name, value in (("_MANY", 0), ("_FEW", 3), ("_SHARE", 2)):
        monkeypatch.setattr(register_module, name, value)
    held = sorted(register._items)
    assert len(held) > 8
    counted = register._built()
    for count in (3, len(held) // 2, len(held)):
        register.move(border.book(), frozenset(held[:count]))
        assert (register._pyramid is counted) is (count < len(held))
        assert numbers(register.find(Choice(state=ANY), 100)) == looked_for(border.book(), Choice(state=ANY))


@pytest.mark.parametrize("seed", range(3))
def test_groups_keep_step_with_what_comes_and_goes(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    border, register = played(seed)
    monkeypatch.setattr(register_module, "_MANY", 0)
    assert register.grouped(Choice(state=ANY), 9, None, 1) is not None  # from here on it counts
    for number in range(12):
        side = border.at(500 + number * 11).pair[number % 2]
        place = {"form": "sector", "sector": SECTORS[number % 2]}
        leaf = side.notice("incident.initial", {**FIRE, "place": place})
        if number % 3 == 0:
            side.notice("withdrawal", {"reason": "duplicate"}, leaf)
        border.exchange()
        register.move(border.book(), border.ledger.moved())
    for choice in CHOICES:
        looked = [(item, spot) for item in register.all(choice) for spot in item.spots]
        assert register.spots(choice, (-180_000_000, -90_000_000, 180_000_000, 90_000_000)) == looked
        for level in (0, 5, 9):
            found = register.grouped(choice, level, None, 1)
            if found is None:
                assert choice.since or choice.until or len(looked) <= 1
                continue
            assert found.spots == len(looked)
            assert found.entries == len({item.number for item, _ in looked})
