"""Scans: the results others published, the same bytes whatever the order of arrival, and input that makes no sense."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from mithaq.analysis.clusters import asking, knox, models, scanning, study, tables, windows, zones
from mithaq.analysis.clusters.chances import gumbel, recurrence
from mithaq.analysis.clusters.models import Poisson, fraction_for
from mithaq.analysis.clusters.zones import Metric
from mithaq.analysis.philox import Stream
from mithaq.errors import Refusal
from mithaq_cli.main import app
from tests import papers
from tests.papers import Paper

SHARED = Path(__file__).parents[4] / "shared" / "analysis"
PUBLISHED = pytest.mark.skipif(not SHARED.exists(), reason="the reference data lie in ../shared, which is absent")
GEO = b"a 33.1 46.1\nb 33.2 46.1\nc 33.1 46.2\nd 33.9 46.9\n"
CAS = b"a 1 2025-01-01\na 2 2025-01-09\nb 2 2025-01-09\nc 1 2025-01-03\nd 3 2025-01-02\nd 1 2025-01-05\n"


def ran(*arguments: object) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["analysis", "scan", *map(str, arguments), "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def scanned(cases: bytes, places: bytes = GEO, **asked: Any) -> asking.Result:
    where, metric = tables.places(tables.rows(places, "coordinates"))
    return asking.scan(
        study.study(tables.rows(cases, "cases"), where), asking.Asked(metric=metric, replicates=99, **asked)
    )


def within(found: float, published: float, draws: int, ours: int = 999) -> bool:
    """Three binomial standard errors, of ours and of theirs."""
    return bool(abs(found - published) <= 3 * (published * (1 - published) * (1 / ours + 1 / draws)) ** 0.5)


@pytest.mark.runs("docs/analysis/warning.md")
def test_the_examples_of_its_page_run(paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("reports.cas").write_bytes(CAS)
    Path("places.geo").write_bytes(GEO)
    for command in paper.commands("mithaq analysis scan"):
        done = CliRunner().invoke(app, papers.words(command)[1:])
        assert done.exit_code == 0, done.output
    known: dict[str, Any] = {"geo": GEO, "cas": CAS}
    exec(paper.text("from mithaq"), known)
    assert known["found"].clusters


@PUBLISHED
def test_it_finds_what_satscan_finds_in_the_fever_of_new_york():
    data = SHARED / "satscan-samples"
    files = ("--cases", data / "NYCfever.cas", "--coordinates", data / "NYCfever.geo", "--prospective")
    limits = ("--from", "2001/11/1", "--to", "2001/11/24", "--max-radius-km", 3, "--max-days", 7)
    first, second, third = ran("--model", "permutation", *files, *limits)["clusters"][:3]
    assert set(first["members"]) == {"11418", "11415", "11419", "11435", "11416", "11421", "11451", "11375", "11417"}
    assert (first["from"], first["to"], first["observed"]) == ("2001-11-22", "2001-11-24", 4)
    assert round(first["radius_km"], 2) == 2.90
    assert (second["members"], third["members"]) == (["11372"], ["10472"])
    assert [round(each["statistic"], 6) for each in (first, second, third)] == [3.845418, 3.164201, 2.137259]
    assert within(first["p"], 0.211, 9_999)


@PUBLISHED
def test_it_finds_what_satscan_finds_in_new_mexico_with_covariates():
    data = SHARED / "satscan-samples"
    files = ("--cases", data / "nm.cas", "--population", data / "nm.pop", "--coordinates", data / "nm.geo")
    first, second, third = ran("--model", "poisson", *files, "--from", "1973/1/1", "--to", "1991/12/31")["clusters"][:3]
    named = "Torrance Bernalillo Valencia SantaFe Guadelupe Socorro Sandoval SanMiguel LosAlamos"
    assert set(first["members"]) == set(named.split())
    assert (first["from"], first["to"], first["observed"]) == ("1985-01-01", "1989-12-31", 236)
    assert first["statistic"] == pytest.approx(10.979758, rel=2e-5)
    assert second["statistic"] == pytest.approx(5.684828, rel=2e-5)
    assert third["statistic"] == pytest.approx(3.884186, rel=2e-5)
    assert within(first["p"], 0.014, 999)


@PUBLISHED
def test_it_finds_what_satscan_finds_in_north_humberside():
    data = SHARED / "satscan-samples"
    files = ("--cases", data / "NHumberside.cas", "--controls", data / "NHumberside.ctl")
    asked = ("--model", "bernoulli", *files, "--coordinates", data / "NHumberside.geo")
    found = ran(*asked)
    first, second, third = found["clusters"][:3]
    assert [set(each["members"]) for each in (first, second)] == [
        {"170", "173", "172", "169"},
        {"18", "19", "14", "26"},
    ]
    assert [round(each["statistic"], 6) for each in (first, second, third)] == [4.836516, 4.836516, 3.712697]
    # Its draws stop when 50 lie beyond the first: 50 of 139. Of the second, which is as good, it counts ties also: 81.
    assert within(first["p"], 0.360, 139, ours=found["replicates"])
    assert within(second["p"], 0.583, 139, ours=found["replicates"])
    assert within(third["p"], 0.827, 139, ours=found["replicates"])
    every = ran(*asked, "--all-draws")
    assert (found["stopped_early"], every["stopped_early"], every["replicates"]) == (True, False, 999)
    one, two = every["clusters"][:2]
    assert one["p"] == two["p"] > second["p"]


@PUBLISHED
def test_it_finds_what_spatialepi_finds_in_pennsylvania():
    file = SHARED / "spatialepi-pennlc" / "spatialepi_pennLC_ready.csv"
    first, second = ran("--model", "poisson", "--cases", file, "--population", file, "--coordinates", file)["clusters"][
        :2
    ]
    assert (set(first["members"]), first["observed"]) == ({"delaware", "philadelphia"}, 1900)
    assert first["statistic"] == pytest.approx(17.66288, rel=1e-6)
    assert second["statistic"] == pytest.approx(7.098944, rel=1e-6)
    assert len(second["members"]) == 7
    assert first["p"] == 0.001
    assert within(second["p"], 0.035, 999)


@PUBLISHED
def test_it_finds_what_scanstatistics_finds_against_a_forecast(tmp_path):
    data = SHARED / "scanstatistics-nm"
    for name, column in (("counts", "count"), ("ebp_baselines", "expected")):
        lines = (data / f"scanstat_NM_{name}_1986_1989.csv").read_text().replace('"', "").splitlines()
        heading = lines[0].split(",")[1:]
        rows = [(place, line.split(",")[0], each) for line in lines[1:]
                for place, each in zip(heading, line.split(",")[1:], strict=True)]  # fmt: skip
        (tmp_path / name).write_text(f"county,year,{column}\n" + "\n".join(map(",".join, rows)))
    files = ("--cases", tmp_path / "counts", "--population", tmp_path / "ebp_baselines", "--prospective")
    where = ("--coordinates", data / "scanstat_NM_geo.csv", "--zones", data / "scanstat_NM_zones.txt")
    first = ran("--model", "ebp", *files, *where, "--max-days", 4)["clusters"][0]
    assert set(first["members"]) == {"losalamos", "santafe"}
    assert (first["from"], first["to"]) == ("1986-01-01", "1989-12-31")
    assert first["statistic"] == pytest.approx(9.180617, rel=1e-6)
    assert within(first["p"], 0.005, 999)


@PUBLISHED
def test_it_finds_what_scanstatistics_finds_among_people_at_risk(tmp_path):
    """Its population-based Poisson scan, which gives every year the same number of expected cases."""
    rows = [each for each in _new_mexico() if each["year"] >= "1986" and each["year"] <= "1989"]
    people = Counter[str]()
    for each in rows:
        people[each["year"]] += int(each["population"])
    shares = [each | {"expected": str(int(each["population"]) / people[each["year"]])} for each in rows]
    first = ran("--model", "poisson", *_scanstatistics(tmp_path, shares, "expected"), "--max-days", 4)["clusters"][0]
    assert (first["from"], first["to"], first["observed"]) == ("1986-01-01", "1989-12-31", 226)
    assert first["statistic"] == pytest.approx(7.464043, rel=1e-6)
    assert within(first["p"], 0.02, 999)


@PUBLISHED
def test_it_finds_what_scanstatistics_finds_by_permutation(tmp_path):
    first = ran("--model", "permutation", *_scanstatistics(tmp_path, _new_mexico()))["clusters"][0]
    assert first["members"] == ["quay"]
    assert first["statistic"] == pytest.approx(2.091261, rel=1e-6)
    assert within(first["p"], 0.77, 999)


def _new_mexico() -> list[dict[str, str]]:
    text = (SHARED / "scanstatistics-nm" / "scanstat_NM_popcas.csv").read_text()
    return list(csv.DictReader(text.splitlines()))


def _scanstatistics(folder: Path, rows: list[dict[str, str]], expected: str = "") -> tuple[object, ...]:
    """Options for its cases, its zones and, if there is such a column, what is expected."""
    for column in filter(None, ("count", expected)):
        lines = (f"{each['county']},{each['year']},{each[column]}\n" for each in rows)
        (folder / column).write_text(f"place,year,{column}\n" + "".join(lines))
    data = SHARED / "scanstatistics-nm"
    where = ("--coordinates", data / "scanstat_NM_geo.csv", "--zones", data / "scanstat_NM_zones.txt")
    population = ("--population", folder / expected) if expected else ()
    return ("--cases", folder / "count", *population, *where, "--prospective")


@pytest.mark.parametrize("cases, expected, statistic", [(10, 1, 14.060436), (2, 1, 0.386720)])
def test_the_statistic_is_that_of_satscans_own_tests(cases, expected, statistic):
    model = Poisson(1175, np.array([[1.0], [1174.0]]))
    masses = np.array([(expected << 52) // 1175])
    found = model.scores(np.array([cases]), model.constants(masses))[0] / (1 << fraction_for(1175))
    assert found == pytest.approx(statistic, rel=1e-6)


def test_the_words_of_philox_are_those_published():
    """Random123's known answer for a key and a counter of zeros; numpy's counter is stepped before its first word."""
    stream = np.random.Philox(key=0, counter=(1 << 256) - 1)
    assert [hex(each) for each in stream.random_raw(4).tolist()] == [
        "0x16554d9eca36314c", "0xdb20fe9d672d0fdc", "0xd7e772cee186176b", "0x7e68b68aec7ba23b",
    ]  # fmt: skip


@given(st.integers(1, 300), st.data())
def test_distinct_numbers_are_distinct(bound, data):
    count = data.draw(st.integers(0, bound))
    found = Stream(7, 1).distinct(bound, count).tolist()
    assert len(set(found)) == count
    assert all(0 <= each < bound for each in found)


@settings(max_examples=20, deadline=None)
@given(st.permutations(CAS.splitlines()), st.permutations(GEO.splitlines()))
def test_the_order_of_arrival_changes_no_byte(cases, places):
    assert scanned(b"\n".join(cases), b"\n".join(places)) == scanned(CAS)


@pytest.mark.parametrize("times, replicates", [(1, 66), (2_000, 6)], ids=["small counts", "large counts"])
@pytest.mark.parametrize("kind", ["circles", "stretches", "given"])
def test_the_bar_changes_no_maximum(kind, times, replicates):
    """Every draw's maximum is the same whether they are swept together below a bar or searched whole one by one."""
    places = tuple(zones.Place(f"p{each:02}", each * each * 4_000, each * 9_000) for each in range(24))
    counts = Stream(4, 0).below(9, 24 * 12).reshape(24, 12)
    counts[3] *= times
    searched = {
        "circles": zones.circles(places, Metric.EARTH, at_risk=counts.sum(axis=1), share=50),
        "stretches": zones.stretches(places, at_risk=counts.sum(axis=1), share=50),
        "given": zones.given([(1, 2), (5,), tuple(range(20))], 24),
    }[kind]
    model = models.Permutation(counts)
    plain, raised = (scanning.Search(model, searched, windows.running(12, 4)) for _ in range(2))
    draws = [model.draw(Stream(1, number), plain.windows.begin) for number in range(replicates)]
    one_by_one = [plain.maximum(each) for each in draws]
    raised.raise_bar(sorted(one_by_one)[replicates // 4])
    assert raised.maxima(draws) == one_by_one
    assert list(plain.draws(replicates, 1).maxima) == one_by_one


def test_ties_alone_never_make_a_chance_small():
    """Where no draw can be more surprising than the data, all are drawn, and those as surprising count against it."""
    cases = b"a 2 2025-01-01\nb 2 2025-01-02\nc 2 2025-01-03\nd 2 2025-01-04\n"
    plain, stopping = scanned(cases), scanned(cases, stop_at=5)
    assert plain == stopping
    assert plain.clusters[0].tied > 0
    assert plain.clusters[0].p == (1 + plain.clusters[0].tied) / 100


def test_draws_that_are_as_surprising_end_the_draws_and_count_where_asked():
    """Few cases tie with most draws: with only those beyond counted, draws that ended late made a p too small."""
    few = b"a 1 2025-01-01\nb 1 2025-01-03\nd 1 2025-01-05\na 1 2025-01-07\nb 2 2025-01-09\n"
    beyond, ties = (scanned(few, prospective=True, stop_at=9, stop_on_ties=each) for each in (False, True))
    assert ties.stopped
    assert ties.replicates < beyond.replicates
    assert ties.clusters[0].tied > 0
    assert ties.clusters[0].p == 9 / ties.replicates


def test_places_equally_far_enter_a_zone_together():
    where, metric = tables.places(tables.rows(b"a 0 0\nb 0 0.1\nc 0 -0.1\nd 0.1 0\n", "coordinates"))
    found = zones.circles(where, metric, at_risk=np.ones(4, dtype=np.int64), share=100)
    around_a = [set(found.of(zone).tolist()) for zone in range(len(found)) if found.segments[zone] == 0]
    assert around_a == [{0}, {0, 1, 2, 3}]


def test_stretches_run_along_the_border():
    where, _ = tables.places(tables.rows(b"place,km\na,1\nb,2\nc,2\nd,9\n", "coordinates"), along=True)
    found = zones.stretches(where, at_risk=np.ones(4, dtype=np.int64), share=100, length=2_000)
    assert [found.of(zone).tolist() for zone in range(len(found))] == [[0], [0, 1, 2], [1, 2], [3]]


@pytest.mark.parametrize(
    "cases, remark", [(b"a 1 2025-01-01\nb 0 2025-01-09\n", "few-cases"), (b"a 5 2025-01-01\na 5 2025-01-09\n", "")]
)
def test_one_case_and_one_place_have_a_result(cases, remark):
    found = scanned(cases)
    assert (found.clusters, found.remark) == ((), remark)


def test_all_places_at_one_point_are_no_zone():
    assert scanned(CAS, b"a 33 46\nb 33 46\nc 33 46\nd 33 46\n").remark == "one-zone"


@pytest.mark.parametrize(
    "code, cases, places",
    [
        ("scan.bad-date", b"a 1 2025-02-30\n", GEO),
        ("scan.bad-count", b"a x 2025-02-03\n", GEO),
        ("scan.bad-count", b"a -1 2025-02-03\n", GEO),
        ("scan.unknown-place", b"z 1 2025-02-03\n", GEO),
        ("scan.empty-table", b"", GEO),
        ("scan.bad-table", b"\xff\xfe\n", GEO),
        ("scan.place-twice", CAS, GEO + b"a 33 46\n"),
        ("scan.off-the-globe", CAS, GEO + b"e 133 46\n"),
        ("scan.some-without-date", CAS + b"a 1\n", GEO),
        ("scan.needs-time", b"a 1\nb 2\n", GEO),
        ("scan.about-people", b"place,count,date,kind\na,1,2025-01-01,crossing.inadvertent\n", GEO),
        ("scan.about-people", b"place,count,date,kind\na,1,2025-01-01,flow.report\n", GEO),
        ("scan.about-people", b"place,count,date,kind\na,1,2025-01-01,Assistance_Request\n", GEO),
    ],
)
def test_it_refuses_what_makes_no_sense(code, cases, places):
    with pytest.raises(Refusal) as refused:
        scanned(cases, places)
    assert refused.value.code == code


def test_a_small_chance_recurs_seldom():
    assert recurrence(1 / 1000, days=1) == 1000
    assert recurrence(0.01, days=1, looks=10) == 995
    assert gumbel(5, [3, 3, 3]) is None
    small = gumbel(20 << 40, [each << 40 for each in (3, 4, 5, 4, 3, 6)])
    assert small is not None
    assert 0 < small < 1e-6


def test_pairs_close_in_place_and_time_are_counted():
    where, metric = tables.places(tables.rows(GEO, "coordinates"))
    of = study.study(tables.rows(CAS, "cases"), where)
    found = knox.knox(of, metric, [1, 12_000], [1, 5], replicates=99, seed=1)
    assert [each.pairs for each in found] == [1 + 1 + 3, 3, 4, 1]
    with pytest.raises(Refusal, match=r"scan\.bad-bands"):
        knox.knox(of, metric, [2, 1], [1], replicates=9, seed=1)
