"""A folder compiles to the same bytes everywhere, or every fault in it is named with file, path and reason."""

import json
import re
from collections.abc import Mapping

import pytest

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.instrument import compiling, sealing
from mithaq.instrument.compiling import Faulty, check
from mithaq.instrument.words import keys_of, label, phrase
from mithaq.record.note import COSIGNATURE, ED25519, Verifier
from mithaq_files.instrument import library
from tests.mithaq.instrument.folders import FICTIONAL, REAL, changed, folder, root, vkey

MAIN = "instrument.yaml"
OWNERS = "    owners: [ML, RL]\n"
OTHERS_OWN = "    owners: [RL]\n    authorities: [ML/watch]\n"
LINE = "geometry/line.geojson"
SECTORS = "geometry/sectors.geojson"
CROSSINGS = "geometry/crossings.geojson"


@pytest.mark.parametrize("name", [FICTIONAL, REAL])
def test_a_shipped_instrument_has_nothing_wrong(name):
    assert check(folder(name), library()) == []


@pytest.mark.parametrize("name", [FICTIONAL, REAL])
def test_the_same_folder_compiles_to_the_same_bytes_whatever_the_order_of_its_files(name):
    files = folder(name)
    once = compiling.compile(files, library())
    again = compiling.compile(_reversed(files), _reversed(library()))
    assert (once.law_bytes, once.words_bytes) == (again.law_bytes, again.words_bytes)


@pytest.mark.parametrize("name", [FICTIONAL, REAL])
def test_what_is_compiled_is_canonical_and_reads_back(name):
    compiled = compiling.compile(folder(name), library())
    assert canonical.encode(canonical.decode(compiled.law_bytes)) == compiled.law_bytes
    assert sealing.read_law(compiled.law_bytes) == compiled.law
    assert sealing.read_words(compiled.words_bytes) == compiled.words


def test_every_label_that_the_law_calls_for_is_there_in_every_language():
    compiled = compiling.compile(folder(REAL), library())
    for key in keys_of(compiled.law):
        for language in compiled.law.languages:
            assert label(compiled.words, key, language)


def test_a_label_or_phrase_that_is_not_there_is_refused():
    words = compiling.compile(folder(), library()).words
    for key, language in (("kind.unheard-of", "en"), ("sector.A", "tr")):
        with pytest.raises(Refusal):
            label(words, key, language)
    with pytest.raises(Refusal):
        phrase(words, "incident.initial", "unheard-of", "en", {})


def test_an_instrument_adds_phrases_of_its_own_to_a_kind_of_the_library():
    own = {"kinds/crossing.status/phrases.yaml": b"fair: {en: Fair day., ar: a, fa: b, ckb: c}\n"}
    compiled = compiling.compile(folder() | own, library())
    before = compiling.compile(folder(), library())
    codes = "phrase.crossing.status"
    assert set(compiled.law.codes[codes]) == {*before.law.codes[codes], "fair"}
    assert phrase(compiled.words, "crossing.status", "fair", "en", {}) == "Fair day."


# file, passage, what it becomes, path of the finding (`@n` for the properties of feature n), code without its area
FAULTS = [
    # the files themselves
    (MAIN, "id: meadow", "id: [meadow", "", "bad-yaml"),
    (MAIN, "version: 1\n", "version: 1\nversion: 2\n", "version", "duplicate-key"),
    (MAIN, "version: 1\n", "version:\n", "version", "empty-value"),
    (MAIN, "version: 1\n", "version: &one 1\n", "version", "not-plain-yaml"),
    (MAIN, "version: 1\n", "version: !!int 1\n", "version", "not-plain-yaml"),
    (MAIN, "version: 1\n", "version: one\n", "version", "wrong-shape"),
    (MAIN, "version: 1\n", "version: 1.5\n", "version", "wrong-shape"),
    (MAIN, "version: 1\n", "version: 0\n", "version", "too-small"),
    (MAIN, "version: 1\n", "edition: 1\n", "edition", "unknown-key"),
    (MAIN, "version: 1\n", "", "version", "missing-key"),
    (MAIN, "rules: 1", "rules: 3", "rules", "unknown-rules"),
    (MAIN, "id: meadow-river-2030", "id: Meadow River", "id", "bad-identifier"),
    (MAIN, "id: meadow-river-2030", "id: meadow-exercise", "exercise", "exercise-not-named"),
    ("gazetteer.yaml", "- id: brook", "---\n- id: brook", None, None),
    (LINE, '"features": [', '"features": [}', "", "bad-json"),
    (LINE, '"type": "Feature",', '"type": "Feature", "type": "F",', "", "duplicate-key"),
    (LINE, "[0, 0.3]", "[0, 93]", "features[0].geometry", "position-off-the-globe"),
    (LINE, "[0, 0.3]", '[0, "x"]', "features[0].geometry", "not-geojson"),
    # languages
    (MAIN, "ckb: یاداشتنامەی مێرگ و ڕووبار", "ckb: ''", "title.ckb", "missing-translation"),
    (MAIN, "  ckb: یاداشتنامەی مێرگ و ڕووبار\n", "", "title.ckb", "missing-translation"),
    (MAIN, "  ckb: یاداشتنامەی", "  tr: x\n  ckb: یاداشتنامەی", "title.tr", "unknown-language"),
    (MAIN, "languages: [ar, fa, ckb, en]", "languages: [ar, fa, ckb, en, xx]", "languages[4]", "unknown-language"),
    (MAIN, "authentic: [en]", "authentic: [tr]", "authentic[0]", "unknown-language"),
    (MAIN, "authentic: [en]", "authentic: []", "authentic", "missing-key"),
    ("articles/01.yaml", "  fa: همسایه از", "  xx: همسایه از", "text.fa", "missing-translation"),
    ("words.yaml", "class.text:", "class.tests:", "class.text", "missing-label"),
    ("words.yaml", "en: Flash", "en: ' '", "precedence.flash.en", "missing-translation"),
    (SECTORS, '"name_fa": "بخش پایین"', '"name": ""', "sector.A.fa", "missing-translation"),
    # parties
    (MAIN, "- party: ML", "- party: XX", "signing.signatories[0].party", "unknown-party"),
    (MAIN, "all: [ML, RL]", "all: [ML]", "audiences", "no-audience-of-all"),
    (MAIN, "all: [ML, RL]", "all: [ML, RL]\n  few: [ML, XX]", "audiences.few", "unknown-party"),
    (MAIN, "code: RL", "code: ML", "parties[1]", "duplicate"),
    (MAIN, "domain: rl.mithaq.example", "domain: ml.mithaq.example", "parties[1].domain", "duplicate"),
    (MAIN, "domain: rl.mithaq.example", "domain: RL/x", "parties[1].domain", "bad-identifier"),
    (MAIN, '"#6a4c93"', "violet", "parties[0].colour", "bad-colour"),
    (MAIN, "shape: square", "shape: star", "parties[0].shape", "unknown-shape"),
    (MAIN, "shape: square", "shape: triangle", "parties[1].shape", "duplicate"),
    (MAIN, "weekend: [6, 7]", "weekend: [6, 8]", "parties[0].weekend", "bad-weekend"),
    (MAIN, "holidays: [2030-05-02]", "holidays: [2030-02-30]", "parties[0].holidays[0]", "moment.not-a-day"),
    (MAIN, "utc_offset: 60", "utc_offset: 6000", "parties[1].utc_offset", "too-large"),
    (MAIN, "threshold: 1", "threshold: 0", "parties[0].threshold", "too-small"),
    (MAIN, "left: ML", "left: XX", "line.left", "unknown-party"),
    (MAIN, "left: ML", "left: RL", "line.right", "duplicate"),
    ("gazetteer.yaml", "    ML: {ar", "    XX: {ar", "[0].names", "unknown-party"),
    (MAIN, "owners: [ML, RL]", "owners: [ML, XX]", "commitments[0].owners", "unknown-party"),
    # marks and sources
    (MAIN, "    mark: example\ntopics", "    mark: rumoured\ntopics", "aims[0].mark", "unknown-mark"),
    (MAIN, "    mark: example\ntopics", "    mark: reported\ntopics", "aims[0]", "no-source"),
    (MAIN, "mark: example\ntopics", "mark: reported\n    source: x\ntopics", "aims[0].source", "unknown-source"),
    (MAIN, "day: 2030-05-01", "day: 1 May 2030", "signing.day", "moment.not-a-day"),
    # geometry
    (SECTORS, '"km_from": 50', '"km_from": 49', "@1.start", "sector-overlap"),
    (SECTORS, '"km_from": 50', '"km_from": 51', "@1.start", "sector-gap"),
    (SECTORS, '"km_to": 100', '"km_to": 99', "sectors", "sectors-miss-the-end"),
    (SECTORS, '"km_to": 50', '"km_to": 0', "@0.end", "sector-is-empty"),
    (SECTORS, '"km_to": 50', '"km_to": "x"', "@0.km_to", "not-a-number"),
    (SECTORS, "[0.27, 0.4522]", "[0.27, 0.6]", "@1.area", "areas-overlap"),
    (SECTORS, "[0.27, 0], [0.27, 0.4522]", "[0.27, 0.4522], [0.27, 0]", "@0.area", "bad-area"),
    (SECTORS, '"id": "B"', '"id": "A"', "@1", "duplicate"),
    (SECTORS, '"Polygon"', '"Point"', "features[0]", "not-an-area"),
    (LINE, '"length_km": 100', '"length_km": 120', "features[0]", "length-differs"),
    (LINE, '"LineString"', '"Polygon"', "features", "not-one-line"),
    (CROSSINGS, '"sector": "A"', '"sector": "Z"', "@0.sector", "unknown-sector"),
    (CROSSINGS, '"sector": "A"', '"sector": "B"', "@0.sector", "crossing-outside-its-sector"),
    (CROSSINGS, '"border_km": 20', '"border_km": 30', "@0", "crossing-off-the-line"),
    (CROSSINGS, "[0, 0.18086]", "[0.1, 0.18086]", "@0", "crossing-off-the-line"),
    (CROSSINGS, '"accuracy_m": 200', '"accuracy_m": 0', "@0.accuracy", "too-small"),
    (CROSSINGS, '"goods"', '"camels"', "@0.carries", "unknown-code"),
    # kinds and clocks
    (MAIN, "{name: flow.count, mark", "{name: flow.sum, mark", "kinds[7]", "unknown-kind"),
    (MAIN, "{name: flow.count, mark", "{colour: red, name: flow.count, mark", "kinds[7].colour", "unknown-key"),
    (MAIN, "{name: flow.count, mark: example}", "[flow.count]", "kinds[7]", "wrong-shape"),
    (MAIN, "{name: flow.count, mark", "{name: incident.close, mark", None, "duplicate"),
    (MAIN, "{name: flow.count, mark", "{precedence: soon, name: flow.count, mark", "precedence", "unknown-precedence"),
    (MAIN, "kinds: [clarification.request]", "kinds: [clarification.plea]", "clocks[0].kinds", "unknown-kind"),
    (MAIN, "kinds: [clarification.request]", "kinds: []", "clocks[0].kinds", "clock-never-starts"),
    (MAIN, "start: receipt", "start: sunrise", "clocks[0].start", "clock-never-starts"),
    (MAIN, "start: receipt", "start: stated:dawn", "clocks[0].start", "clock-states-nothing"),
    (MAIN, "answered_by: [answers]", "answered_by: []", "clocks[0].answered_by", "clock-never-stops"),
    (MAIN, "answered_by: [answers]", "answered_by: [counts]", "clocks[0].answered_by", "clock-never-stops"),
    (MAIN, "answered_by: [answers]", "answered_by: [plans]", "clocks[0].answered_by", "unknown-role"),
    (MAIN, "minutes: 2880", "minutes: 0", "clocks[0].minutes", "too-small"),
    (MAIN, "obliged: addressee", "obliged: everyone", "clocks[0].obliged", "unknown-obliged"),
    (MAIN, "calendar: working", "calendar: lunar", "clocks[1].calendar", "unknown-calendar"),
    (MAIN, "escalate: [ML/watch", "escalate: [ML/nobody", "clocks[0].escalate", "unknown-authority"),
    (MAIN, "kinds: []", "kinds: [incident.initial]", "clocks[2].kinds", "clock-names-kinds"),
    (MAIN, "precedence: [flash,", "precedence: [flash, flash,", "precedence[1]", "duplicate"),
    # articles, commitments, retention, limits
    ("articles/01.yaml", "clock:clarification-answered", "clock:none", "governs", "governs-nothing"),
    ("articles/01.yaml", "sector:A", "moon:A", "governs", "governs-nothing"),
    (MAIN, 'article: "1"', 'article: "9"', "commitments[0].article", "unknown-article"),
    (MAIN, "owners: [ML, RL]", "owners: []", "commitments[0].owners", "missing-key"),
    (MAIN, "evidence: clock:clar", "evidence: clock:x", "commitments[0].evidence", "unknown-evidence"),
    (MAIN, "evidence: clock:clarification-answered", "evidence: rumour", "commitments[0].evidence", "unknown-evidence"),
    (MAIN, OWNERS, f"{OWNERS}    needs: [other]\n", "commitments[0].needs", "unknown-commitment"),
    (MAIN, OWNERS, f"{OWNERS}    needs: [answer]\n", "commitments[0].needs", "needs-itself"),
    (MAIN, OWNERS, f"{OWNERS}    authorities: [ML/x]\n", "commitments[0].authorities", "unknown-authority"),
    (MAIN, OWNERS, OTHERS_OWN, "commitments[0].authorities", "authority-of-no-owner"),
    (MAIN, "{id: facts, days: 0", "{id: facts, days: 7", "retention[0].days", "bad-retention"),
    (MAIN, "{id: text, days: 365", "{id: text, days: 0", "retention[1].days", "bad-retention"),
    (MAIN, "{id: facts,", "{id: always,", "retention", "no-facts-class"),
    (MAIN, "{id: exact, days: 30, mark: example}", "{id: near, days: 30, mark: example}", None, "unknown-retention"),
    (MAIN, "retention:\n", "limits: {skew: 0}\nretention:\n", "limits.skew", "too-small"),
    (MAIN, "retention:\n", "until: 2031\nretention:\n", "until", "wrong-shape"),
    (MAIN, "retention:\n", "until: 2031-13-01\nretention:\n", "until", "moment.not-a-day"),
    ("codes.yaml", "direction:", "directions:", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("file", "before", "after", "path", "code"), FAULTS)
def test_a_fault_is_named_with_its_file_its_path_and_its_reason(file, before, after, path, code):
    findings = check(changed(file, before, after), library())
    if code is None:  # a change that is no fault
        assert findings == []
        return
    path = path and re.sub(r"^@(\d)", r"features[\1].properties", path)
    code = code if "." in code else f"instrument.{code}"
    matching = [each for each in findings if each.code == code and (path is None or each.path == path)]
    assert matching, findings
    if path is not None and file != "kinds":
        assert matching[0].file.endswith((".yaml", ".geojson"))


@pytest.mark.parametrize(
    "file",
    [MAIN, "geometry/line.geojson", "geometry/sectors.geojson", "geometry/crossings.geojson"],
)
def test_a_missing_file_is_named(file):
    files = folder()
    del files[file]
    assert file in {each.file for each in check(files, library()) if each.code == "instrument.file-missing"}


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"a: [", b"- 1", b"text", b"a: *b", b"---\na: b\n---\nc: d", b"[" * 100]
)
def test_whatever_stands_in_its_main_file_is_answered_with_findings(content):
    findings = check(folder() | {MAIN: content}, library())
    assert findings
    assert all(each.code.count(".") == 1 for each in findings)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"id: [\n", "bad-yaml"),
        (b"id: one\nid: two\n", "duplicate-key"),
        (b"- 1\n", "wrong-shape"),
        (None, "file-missing"),
    ],
)
def test_a_main_file_that_cannot_be_read_is_the_only_thing_that_is_named(content, code):
    files = folder()
    del files[MAIN]
    files |= {} if content is None else {MAIN: content}
    assert [(each.file, each.code) for each in check(files, library())] == [(MAIN, f"instrument.{code}")]


def test_one_wrong_shape_does_not_hide_the_next():
    files = changed(MAIN, "version: 1\n", "version: one\n")
    files["articles/01.yaml"] = files["articles/01.yaml"].replace(b"mark: example", b"mark: [1]")
    found = {(each.file, each.path) for each in check(files, library())}
    assert {(MAIN, "version"), ("articles/01.yaml", "mark")} <= found


def test_compiling_a_faulty_folder_raises_with_every_finding():
    with pytest.raises(Faulty) as raised:
        compiling.compile(changed(MAIN, "rules: 1", "rules: 3"), library())
    assert [each.code for each in raised.value.findings] == ["instrument.unknown-rules"]
    assert raised.value.data["count"] == 1


def test_a_kind_of_the_folders_own_needs_no_python():
    files = folder()
    for name, content in library().items():
        if name.startswith("flow.count/"):
            files[f"kinds/ferry.count/{name.removeprefix('flow.count/')}"] = content.replace(
                b"flow.count", b"ferry.count"
            )
    files[MAIN] = files[MAIN].replace(b"- {name: flow.count, mark", b"- {name: ferry.count, mark")
    law = compiling.compile(files, library()).law
    ferry = law.kind("ferry.count")
    assert ferry is not None
    assert ferry.role == "counts"
    assert law.kind("flow.count") is None


def test_a_coded_list_of_the_folder_replaces_the_librarys():
    law = compiling.compile(folder(), library()).law
    assert law.codes["direction"] == ["to-ml", "to-rl"]


def test_a_line_of_a_demonstration_may_not_say_that_it_was_agreed():
    findings = check(changed("articles/04.yaml", "mark: example", "mark: agreed", REAL), library())
    assert [(each.file, each.code) for each in findings] == [("articles/04.yaml", "instrument.unmarked")]


def test_root_keys_are_read_from_their_own_files_and_judged():
    good, other = vkey("ml.mithaq.example"), vkey("rl.mithaq.example")
    cases = {
        f"{good}\n": [],
        f"{good}\n{good}\n": ["instrument.duplicate"],
        f"{other}\n": ["instrument.root-name"],
        "ml.mithaq.example/root/1+00000000+" + good.rsplit("+", 1)[1] + "\n": ["note.wrong-key-id"],
        "nonsense\n": ["note.bad-verifier-key"],
    }
    for content, codes in cases.items():
        findings = check(folder() | {"roots/ML.keys": content.encode()}, library())
        assert [each.code for each in findings] == codes, content
        assert all(each.file == "roots/ML.keys" for each in findings)


def test_a_threshold_may_not_exceed_the_keys():
    files = changed(MAIN, "threshold: 1", "threshold: 2") | {"roots/ML.keys": f"{vkey('ml.mithaq.example')}\n".encode()}
    assert [each.code for each in check(files, library())] == ["instrument.too-large"]


def test_a_demonstration_says_so_inside_its_law():
    law_bytes = compiling.compile(folder(REAL), library()).law_bytes
    assert json.loads(law_bytes)["demo"] is True


def _reversed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: files[name] for name in sorted(files, reverse=True)}


def test_a_language_that_no_key_can_be_written_in_is_a_finding() -> None:
    files = folder(FICTIONAL)
    name = "geometry/sectors.geojson"
    damaged = files[name].replace(b'"name_en"', b'"name_\xc3\xa9"', 1)
    assert damaged != files[name]
    assert "canonical.key-not-ascii" in {finding.code for finding in check({**files, name: damaged}, library())}


def _observed(key: str) -> dict[str, bytes]:
    names = "{ar: مراقب, fa: ناظر, ckb: چاودێر, en: Observer}"
    line = f"observers:\n  - {{id: far-off, name: {names}, key: {key}, mark: example}}\n\nline:\n"
    return changed("instrument.yaml", "line:\n", line)


def test_an_observer_stands_in_the_law_under_a_key_with_which_heads_are_cosigned() -> None:
    name, key = root("observer.example")
    vkey = Verifier(name, COSIGNATURE, key.public).vkey()
    compiled = compiling.compile(_observed(vkey), library())
    assert [each.key for each in compiled.law.observers] == [vkey]
    assert b"observers" not in compiling.compile(folder(), library()).law_bytes  # without one the law is as it was


@pytest.mark.parametrize(
    ("domain", "kind", "code"),
    [
        ("observer.example", ED25519, "instrument.observer-key"),
        ("ml.mithaq.example", COSIGNATURE, "instrument.observer-key"),
    ],
)
def test_a_log_key_and_a_key_under_a_partys_domain_are_no_observers(domain: str, kind: int, code: str) -> None:
    name, key = root(domain)
    findings = check(_observed(Verifier(name, kind, key.public).vkey()), library())
    assert [(each.path, each.code) for each in findings] == [("observers[0].key", code)]


ANNOUNCING = """announcing:
  calendar: "11-15"
  calendar_kind: activity.calendar
  periods:
    - {id: large, kinds: [activity.planned], scales: [large], minutes: 60480, mark: example, name: {ar: a, fa: b, ckb: c, en: Large}}
  quotas:
    - {id: few, kinds: [activity.planned], scales: [large], most: 2, mark: example, name: {ar: a, fa: b, ckb: c, en: Few}}
"""  # noqa: E501  # a file as it is written
WITH_PLANS = "kinds:\n  - {name: activity.planned, mark: example}\n  - {name: activity.calendar, mark: example}\n"


def announcing(before: str = "", after: str = "") -> dict[str, bytes]:
    """The fictional instrument with plans, a notice period and a quota in it; a passage of those changed."""
    files = changed(MAIN, "kinds:\n", WITH_PLANS)
    stated = ANNOUNCING.replace(before, after, 1) + "retention:\n"
    return files | {MAIN: files[MAIN].replace(b"retention:\n", stated.encode(), 1)}


def test_notice_periods_and_quotas_stand_in_the_law_and_their_names_in_the_words():
    compiled = compiling.compile(announcing(), library())
    assert compiled.law.announcing is not None
    assert [each.minutes for each in compiled.law.announcing.periods] == [60480]
    assert label(compiled.words, "notice-period.large", "en") == "Large"
    assert label(compiled.words, "quota.few", "en") == "Few"
    assert sealing.read_law(compiled.law_bytes) == compiled.law


@pytest.mark.parametrize(
    ("before", "after", "path", "code"),
    [
        ("minutes: 60480", "minutes: -1", "announcing.periods[0]", "instrument.too-small"),
        ("scales: [large]", "scales: [huge]", "announcing.periods[0].scales", "instrument.unknown-code"),
        ("kinds: [activity.planned]", "kinds: [flow.count]", "announcing.periods[0].kinds", "instrument.unknown-kind"),
        ("id: large", "id: large, colour: red", "announcing", "instrument.wrong-shape"),
        ('"11-15"', '"11-31"', "announcing.calendar", "moment.not-a-day"),
        ("activity.calendar", "activity.diary", "announcing.calendar_kind", "instrument.unknown-kind"),
        ("en: Few", "en: ''", "announcing", "instrument.missing-translation"),
        ("announcing:\n", "announcing: 3\nonce:\n", "announcing", "instrument.wrong-shape"),
    ],
)
def test_a_fault_of_what_is_announced_when_is_named(before, after, path, code):
    found = check(announcing(before, after), library())
    assert code in {each.code for each in found}, found
    if path != "announcing":
        assert path in {each.path for each in found}
