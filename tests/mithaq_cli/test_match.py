"""`mithaq analysis match` writes pairs with reasons, and says of each row that it refuses why."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app
from tests.mithaq_cli.typed import typed
from tests.papers import Paper

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "analysis" / "bilateral-sample" / "2k-seed1"
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


def test_a_report_that_a_party_wrote_twice_is_told_beside_the_first(two):
    again = Path(two[1]).read_text("utf-8").splitlines()[9].replace("B8,", "B8-again,")
    with Path(two[1]).open("a", encoding="utf-8") as second:
        second.write(again + "\n")
    written = {}
    for option in ("--json", "--one-to-one"):
        assert called(two[0], two[1], "--out", two[2], option).exit_code == 0
        with Path(two[2]).open(encoding="utf-8") as pairs:
            written[option] = [each for each in csv.DictReader(pairs) if each["a"] == "A8"]
    assert [each["b"] for each in written["--json"]] == ["B8", "B8-again"]
    assert written["--json"][1]["reasons"].startswith("B8-again as a second report beside B8; 918 m apart")
    assert written["--one-to-one"] == written["--json"][:1]


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


def test_what_is_simulated_can_be_matched_and_is_the_same_for_the_same_seed(tmp_path):
    made = []
    for name in ("once", "again"):
        call = [
            "analysis",
            "simulate",
            "--incidents",
            "60",
            "--days",
            "90",
            "--seed",
            "3",
            "--out",
            str(tmp_path / name),
        ]
        assert CliRunner().invoke(app, call).exit_code == 0
        made.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])
    assert made[0] == made[1]
    once = tmp_path / "once"
    done = called(str(once / "reports_A.csv"), str(once / "reports_B.csv"), "--out", str(tmp_path / "pairs.csv"))
    assert done.exit_code == 0, done.output


@pytest.mark.runs("docs/analysis/matching.md", "mithaq analysis")
def test_the_commands_of_its_page_run(paper: Paper, two, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in paper.commands():
        typed(command)
    assert sorted(path.name for path in Path("FOLDER").iterdir()) == ["reports_A.csv", "reports_B.csv", "truth.csv"]
    assert Path("PAIRS.csv").stat().st_size > 100


def test_without_numbers_library_it_says_what_to_install():
    program = (
        "import sys; sys.modules['numpy'] = None; sys.argv = ['mithaq', 'analysis', 'match', 'a', 'b', '--out', 'c']; "
        "from mithaq_cli.main import app; app()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "match.not-installed" in done.stderr


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the sample is not beside this checkout (../shared/analysis)")
def test_the_sample_of_somebody_else_is_matched_as_the_page_says(tmp_path):
    out = tmp_path / "PAIRS.csv"
    done = called(str(SAMPLE / "reports_A.csv"), str(SAMPLE / "reports_B.csv"), "--out", str(out))
    assert done.exit_code == 0, done.output
    with out.open(encoding="utf-8") as written, (SAMPLE / "truth.csv").open(encoding="utf-8") as known:
        pairs, truth = list(csv.DictReader(written)), {(row["a"], row["b"]) for row in csv.DictReader(known)}
    true = [pair for pair in pairs if (pair["a"], pair["b"]) in truth]
    proposed, sure = ([pair for pair in among if pair["band"] == "propose"] for among in (pairs, true))
    assert 2 * len(true) / (len(pairs) + len(truth)) >= 0.935
    assert len(sure) / len(proposed) >= 0.97
    assert len(sure) / len(truth) >= 0.80
