"""Rows of a layer: who filters them keeps nobody waiting, and what changed meanwhile is in the next choice."""

import threading

from mithaq.formats.asked import Box, Query, Span
from mithaq_node.queries.layers import Row, Rows

ASKED = Query(equal=(("name", "a"),))
SECONDS = 10.0


def row(number: int) -> Row:
    return Row((number, "", 0, ""), str(number), None, None, None, "a")


def pages(rows: Rows, tests: dict[str, object]) -> list[str]:
    return [each.id for each in rows.page(ASKED, None, 9, tests, lambda _: None).rows]  # type: ignore[arg-type]  # never read here


def test_rows_change_while_they_are_filtered_and_the_next_page_has_the_change() -> None:
    rows, filtering, changed, asked = Rows([row(1), row(2)]), threading.Event(), threading.Event(), []

    def slowly(each: Row) -> str:
        asked.append(each.id)
        filtering.set()
        assert changed.wait(SECONDS)
        return "a"

    def change() -> None:
        assert filtering.wait(SECONDS)
        rows.change(["1"], [row(3)])
        changed.set()

    changing = threading.Thread(target=change)
    changing.start()
    assert pages(rows, {"name": slowly}) == ["1", "2"]
    changing.join()
    assert pages(rows, {"name": slowly}) == ["2", "3"]
    assert asked == ["1", "2", "2", "3"]
    assert pages(rows, {"name": slowly}) == ["2", "3"]
    assert len(asked) == 4  # the choice is remembered where nothing changed


def test_a_box_and_a_time_find_what_looking_at_every_row_finds() -> None:
    made = [
        Row(
            (number, "", 0, ""),
            str(number),
            None
            if number % 7 == 0
            else (number * 9_000, number * 5_000, number * 9_000 + number % 5 * 60_000, number * 5_000),
            None if number % 11 == 0 else number * 10,
            None if number % 11 == 0 else number * 10 + number % 3 * 40,
            "a",
        )
        for number in range(200)
    ]
    rows = Rows(made[:150])
    queries = [
        Query(box, span)
        for box in (None, Box(300_000, 100_000, 900_000, 700_000), Box(1_500_000, 0, 400_000, 900_000, wraps=True))
        for span in (None, Span(500, 900), Span(None, 700), Span(1_200, None))
    ]
    for held in (made[:150], [*made[20:150], *made[150:]]):
        for query in queries:
            wanted = [
                each.id
                for each in held
                if (query.box is None or (each.bounds is not None and query.box.meets(each.bounds)))
                and (query.span is None or (each.first is not None and query.span.meets(each.first, each.last or 0)))
            ]
            page = rows.page(query, None, 999, {}, _ground)
            assert [each.id for each in page.rows] == wanted
        rows.change([each.id for each in made[:20]], made[150:])


def _ground(row: Row) -> dict[str, object]:
    assert row.bounds is not None
    west, south, east, north = (each / 1e6 for each in row.bounds)
    return {"type": "LineString", "coordinates": [[west, south], [east, north]]}
