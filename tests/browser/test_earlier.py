"""The table of earlier commitments in a browser: taken out, filled in, looked at, mended, and entered."""

import io
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.desks import Desks

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]


def filled(template: Path, owner: str) -> bytes:
    """The template with two rows below its example, the second of which names an owner that there is not."""
    book, into = load_workbook(io.BytesIO(template.read_bytes())), io.BytesIO()
    table = book.worksheets[0]
    columns = {str(table.cell(1, place).value): place for place in range(2, table.max_column + 1)}
    for place in columns.values():
        for row in (3, 4):
            table.cell(row, place).value = table.cell(2, place).value
    table.cell(4, columns[owner]).value = "؟"
    book.save(into)
    return into.getvalue()


def test_a_template_comes_back_filled_in_and_what_is_refused_goes_out_to_be_mended(
    desks: Desks, visit: Visit, axe: Check, picture: Picture
) -> None:
    page = visit("about:blank", "fa", width=390)
    desks.enter(page, "IR", "duty", "fa", "committee/earlier/commitments/table/")
    with page.expect_download() as template:
        page.click("a[href$='/template/']")
    content = filled(template.value.path(), "چه کسی اجرا می‌کند")
    page.set_input_files("#table", {"name": "a.xlsx", "mimeType": "application/octet-stream", "buffer": content})
    page.click("[aria-labelledby=choose-title] button")
    expect(page.locator("[aria-labelledby=refused-title] tbody tr")).to_have_count(1)
    expect(page.locator("[aria-labelledby=refused-title]")).to_contain_text("earlier.unknown-word")
    expect(page.locator("[aria-labelledby=rows-title] .entries > li")).to_have_count(1)
    axe(page)
    picture(page, "earlier-table-fa-390")
    page.click("[aria-labelledby=rows-title] button")
    expect(page.locator("main [role=status]")).to_be_visible()
    with page.expect_download() as refused:
        page.click("[aria-labelledby=refused-title] button")
    table = load_workbook(io.BytesIO(refused.value.path().read_bytes())).worksheets[0]
    assert table.max_row == 2
    assert "earlier.unknown-word" in str(table.cell(2, table.max_column).value)
    page.goto(f"{desks.nodes['IR']['url']}/fa/filing/")
    expect(page.locator("[aria-labelledby=drafts-title]")).to_contain_text("تعهد پیشین")
