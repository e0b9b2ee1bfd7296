"""`mithaq analysis match` writes pairs with reasons, and says of each row that it refuses why."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app

COLUMNS = "id,lon,lat,geo_precision,t_hours,time_precision,category,category_mid,category_top,severity,casualties"


def called(*arguments: str):
    return CliRunner().invoke(app, ["analysis", "match", *arguments])


def table(path: Path, *rows: str, columns: str = COLUMNS) -> str:
    path.write_text("\n".join([columns, *rows]) + "\n", "utf-8")
    return str(path)


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str, str]:
    """A quiet border for ninety days: what one side reports, the other reports a little off, every third day."""
    first = [
        f"A{n},{45 + n % 7 / 2:.2f},{33 + n % 5 / 2:.2f},1,{n * 72}.00,1,fire,natural,safety,1," for n in range(30)
    ]
    second = [
        f"B{n},{45 + n % 7 / 2 + 0.01:.2f},{33 + n % 5 / 2:.2f},1,{n * 72}.50,1,fire,natural,safety,1,0"
        for n in range(30)
    ]
    return table(tmp_path / "A.csv", *first), table(tmp_path / "B.csv", *second), str(tmp_path / "PAIRS.csv")


def test_pairs_are_written_with_posterior_band_and_reasons(two):
    done = called(two[0], two[1], "--out", two[2])
    assert done.exit_code == 0, done.output
    with Path(two[2]).open(encoding="utf-8") as written:
        pairs = list(csv.DictReader(written))
    assert list(pairs[0]) == ["a", "b", "posterior", "band", "reasons"]
    assert [(each["a"], each["b"]) for each in pairs] == [(f"A{n}", f"B{n}") for n in range(30)]
    assert {each["band"] for each in pairs} == {"propose"}
    assert "30 min apart (stated to the hour, to the hour); same category; severity 1 and 1" in pairs[0]["reasons"]


@pytest.mark.parametrize(
    "row, code",
    [
        ("B8,45.0,33.0,,1.0,1,fire,natural,safety,1,0", "match.place-precision"),
        ("B8,45.0,33.0,1,soon,1,fire,natural,safety,1,0", "match.number"),
        ("B8,45.0,133.0,1,1.0,1,fire,natural,safety,1,0", "match.position"),
        ("B8,45.0,33.0,1,1e8,1,fire,natural,safety,1,0", "match.moment"),
        ("B0,45.0,33.0,1,1.0,1,fire,natural,safety,1,0", "match.repeated"),
        ("B8,45.0", "match.cells"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written_unless_the_rest_is_wanted(two, tmp_path, row, code):
    good = Path(two[1]).read_text("utf-8").splitlines()[1:3]
    second = table(tmp_path / "bad.csv", *good, row)
    done = called(two[0], second, "--out", two[2])
    assert done.exit_code == 2
    assert f"bad.csv:4: {code}: " in done.stderr
    assert not Path(two[2]).exists()
    assert called(two[0], second, "--out", two[2], "--rest").exit_code == 0


def test_it_refuses_a_moment_that_does_not_say_its_zone(two, tmp_path):
    columns = COLUMNS.replace("t_hours", "moment")
    good = "B1,45.0,33.0,1,2026-03-01T10:00:00+03:30,1,fire,natural,safety,1,0"
    second = table(tmp_path / "z.csv", good, good.replace("+03:30", "").replace("B1", "B2"), columns=columns)
    assert "z.csv:3: match.zone: " in called(two[0], second, "--out", two[2]).stderr


def test_it_refuses_a_table_without_the_columns_that_are_needed(two, tmp_path):
    second = table(tmp_path / "other.csv", "1,2", columns="id,lon")
    done = called(two[0], second, "--out", two[2])
    assert done.exit_code == 2
    assert "match.columns" in done.stderr
