"""Rows of a layer: who filters them keeps nobody waiting, and what changed meanwhile is in the next choice."""

import threading

from mithaq.formats.asked import Query
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
