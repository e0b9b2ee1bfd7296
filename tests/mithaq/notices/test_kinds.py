"""Every kind of the library: its samples, its words, its schema, and the rule that kinds are data."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.instrument.compiling import compile as compile_instrument
from mithaq.instrument.law import Field, Kind, Law
from mithaq.notices import drafting, fields, roles
from mithaq.notices.conformance import KindJudge
from mithaq.notices.fields.people import COUNTABLE, PEOPLE
from mithaq.notices.parts import FACTS
from mithaq.notices.restraint import check_kinds, require_restraint
from mithaq_files.instrument import library, read_folder
from tests.mithaq.notices.border import FOLDER, library_kinds, plain_law

KINDS = Path(fields.__file__).parents[1] / "kinds"
SOURCES = KINDS.parents[2]
LANGUAGES = {"ar", "ckb", "en", "fa"}
SALTS = [bytes([number]) * 32 for number in range(8)]
SAMPLES = sorted(KINDS.glob("*/samples/*.json"))


def kind_of(name: str, law: Law) -> Kind:
    found = law.kind(name)
    assert found is not None
    return found


def sample_id(path: Path) -> str:
    return f"{path.parts[-3]}/{path.stem}"


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
def test_a_valid_sample_compiles_and_an_invalid_one_is_refused_as_it_says(path: Path) -> None:
    sample, law = json.loads(path.read_text()), plain_law()
    kind = kind_of(path.parts[-3], law)
    found = [] if kind.role == roles.SEALS and not sample["content"] else refusals_of(sample["content"], kind, law)
    assert path.stem.startswith("invalid-") == ("refusal" in sample)
    assert found == [] if "refusal" not in sample else sample["refusal"] in found


def refusals_of(content: dict[str, Any], kind: Kind, law: Law) -> list[str]:
    """What the judge says of content that skipped the compiler, part by part."""
    parts: dict[str, dict[str, Any]] = {FACTS: {}}
    known = {field.name: field for field in kind.fields}
    for name, value in content.items():
        parts.setdefault(known[name].part if name in known else FACTS, {})[name] = value
    judge = KindJudge(kind, law)
    return [refusal.code for part, values in parts.items() for refusal in judge.judge_values(part, values)]


@pytest.mark.parametrize("path", [path for path in SAMPLES if path.stem.startswith("valid-")], ids=sample_id)
def test_what_the_compiler_builds_from_a_valid_sample_says_the_same(path: Path) -> None:
    content, law = json.loads(path.read_text())["content"], plain_law()
    parts = drafting.compile_draft(law, kind_of(path.parts[-3], law), content, SALTS)
    said: dict[str, Any] = {}
    for part in parts:
        said |= canonical.decode(part.body)
    assert said == content


@pytest.mark.parametrize(
    ("name", "start"),
    [("crossing.suspension", "from"), ("crossing.status", "since"), ("rail.disruption", "since")],
)
def test_the_compiler_refuses_an_end_that_is_not_after_its_beginning(name: str, start: str) -> None:
    law = plain_law()
    sample = next(path for path in SAMPLES if path.parts[-3] == name and not path.stem.startswith("invalid-"))
    content = json.loads(sample.read_text())["content"]
    content |= {start: "2030-05-02T06:00:00Z", "until": "2030-05-02T06:01:00Z"}
    drafting.compile_draft(law, kind_of(name, law), content, SALTS)
    for end in ("2030-05-02T06:00:00Z", "2030-05-01T06:00:00Z"):
        with pytest.raises(Refusal) as refused:
            drafting.compile_draft(law, kind_of(name, law), content | {"until": end}, SALTS)
        assert (refused.value.code, refused.value.data["field"]) == ("field.ends-before-start", "until")


@pytest.mark.parametrize("name", library_kinds())
def test_each_kind_has_its_words_in_four_languages_a_symbol_samples_and_a_readme(name: str) -> None:
    folder, kind = KINDS / name, kind_of(name, plain_law())
    words = yaml.safe_load((folder / "words.yaml").read_text())
    assert set(words["title"]) == set(words["hint"]) == LANGUAGES
    assert set(words["fields"]) == {field.name for field in kind.fields}
    for texts in words["fields"].values():
        assert set(texts["label"]) == set(texts["hint"]) == LANGUAGES
    for phrase in yaml.safe_load((folder / "phrases.yaml").read_text()).values():
        assert set(phrase) == LANGUAGES
        assert len({frozenset(re.findall(r"{(\w+)}", text)) for text in phrase.values()}) == 1
    assert 'viewBox="0 0 24 24"' in (folder / "symbol.svg").read_text()
    assert "What it must never hold" in (folder / "README.md").read_text()
    assert {path.stem.split("-")[0] for path in folder.glob("samples/*.json")} == {"valid", "invalid"}


@pytest.mark.parametrize("name", library_kinds())
def test_json_schema_and_judge_agree_on_the_samples(name: str) -> None:
    law = plain_law()
    kind = kind_of(name, law)
    for path in (KINDS / name / "samples").glob("*.json"):
        content = json.loads(path.read_text())["content"]
        facts = {key: value for key, value in content.items() if key not in not_facts(kind)}
        schema_says = jsonschema_rs.validator_for(fields.part_schema(kind, FACTS, law)).is_valid(facts)
        judge_says = not KindJudge(kind, law).judge_values(FACTS, facts)
        assert schema_says or not judge_says, "the schema may accept more than the judge, never less"
        if exact(kind):
            assert schema_says == judge_says


def not_facts(kind: Kind) -> set[str]:
    return {field.name for field in kind.fields if field.part != FACTS}


def exact(kind: Kind) -> bool:
    return all(fields.TYPES[field.type].schema_is_exact for field in kind.fields if field.part == FACTS)


# Values of every type, right ones and wrong ones

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 12_000_000)
    | st.sampled_from(["A", "B", "bridge", "seen", "fire", "answer", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["form", "km", "fire", "adult"]), inner)
    ),
    max_leaves=6,
)
near = st.sampled_from(
    [
        "2031-03-01T04:00:00Z",
        "2031-03-01T04:25:00Z",
        "2031-02-29T04:00:00Z",
        "2031-W10-1T04:00:00Z",
        "2031-03-01",
        {"form": "sector", "sector": "A"},
        {"form": "kilometre", "km": 3},
        {"form": "cell", "lon": 1, "lat": 1, "size": 2000},
        {"form": "point", "lon": 1, "lat": 1, "accuracy": 1},
        {"from": "2031-03-01T04:00:00Z", "until": "2031-03-01T05:00:00Z"},
        {"adult": 2},
        {"adult": True},
        ["seen"],
        {"lang": "en", "text": "x"},
        "https://example.org/x",
        "http://example.org/x",
        {"en": ["x"]},
        {"en": []},
        {"numbers": [1, 2], "of": 3},
        {"numbers": [2, 1], "of": 1},
    ]
)
FIELDS = (
    Field(name="a", type="moment", part=FACTS),
    Field(name="a", type="interval", part=FACTS),
    Field(name="a", type="day", part=FACTS),
    Field(name="a", type="place", part=FACTS, floor="cell"),
    Field(name="a", type="sector", part=FACTS),
    Field(name="a", type="crossing", part=FACTS),
    Field(name="a", type="commitment", part=FACTS),
    Field(name="a", type="code", part=FACTS, codes="confidence"),
    Field(name="a", type="codes", part=FACTS, codes="confidence"),
    Field(name="a", type="counts", part=FACTS, codes="people"),
    Field(name="a", type="quantity", part=FACTS, limit=100),
    Field(name="a", type="reference", part=FACTS),
    Field(name="a", type="phrase", part=FACTS, codes="phrase.incident.initial"),
    Field(name="a", type="text", part="text", limit=50),
    Field(name="a", type="link", part="text", limit=50),
    Field(name="a", type="paragraphs", part="text", limit=50),
    Field(name="a", type="extent", part=FACTS, limit=5),
    Field(name="a", type="attachment", part="attachment", limit=50),
)


def test_the_fields_tried_here_are_the_whole_closed_list() -> None:
    assert {field.type for field in FIELDS} == set(fields.TYPES)


@settings(max_examples=150)
@given(st.sampled_from(FIELDS), plain | near)
def test_json_schema_and_judge_agree_on_made_values(field: Field, value: Any) -> None:
    law = plain_law()
    schema_says = jsonschema_rs.validator_for(fields.type_of(field).schema(field, law)).is_valid(value)
    try:
        fields.check_field(value, field, law)
        judge_says = True
    except Refusal:
        judge_says = False
    if fields.TYPES[field.type].schema_is_exact:
        assert schema_says == judge_says
    else:
        assert schema_says or not judge_says


@settings(max_examples=150)
@given(st.sampled_from(FIELDS), plain | near)
def test_coarsening_never_raises_and_what_it_gives_stays_as_it_is(field: Field, value: Any) -> None:
    law = plain_law()
    once = fields.coarsen_field(value, field, law)
    assert fields.coarsen_field(once, field, law) == once


def test_no_kind_of_the_library_goes_beyond_the_closed_lists() -> None:
    assert check_kinds(plain_law()) == []


def test_the_default_lists_of_what_is_counted_stay_within_the_closed_ones() -> None:
    lists = yaml.safe_load((KINDS / "codes.yaml").read_text())
    assert set(lists["people"]) == set(PEOPLE)
    for name, allowed in COUNTABLE.items():
        assert set(lists.get(name, {})) <= allowed
    for codes in lists.values():
        assert all(set(texts) == LANGUAGES for texts in codes.values())


def test_a_new_kind_is_a_folder_and_no_python() -> None:
    files = read_folder(FOLDER)
    main = yaml.safe_load(files["instrument.yaml"])
    main["kinds"].append({"name": "livestock.strayed", "mark": "example"})
    files["instrument.yaml"] = yaml.safe_dump(main, allow_unicode=True).encode()
    kind = (KINDS / "incident.close/kind.yaml").read_text().replace("incident.close", "livestock.strayed")
    kind = kind.replace("role: closes", "role: opens").replace("[opens, adds, asks, closes]", "[]")
    kind = kind.replace("  - {name: account, type: text, part: text, limit: 1200}\n", COUNTED)
    words = yaml.safe_load((KINDS / "incident.close/words.yaml").read_text())
    words["fields"]["livestock"] = words["fields"].pop("account")
    files |= {
        "kinds/livestock.strayed/kind.yaml": kind.encode(),
        "kinds/livestock.strayed/words.yaml": yaml.safe_dump(words, allow_unicode=True).encode(),
        "kinds/livestock.strayed/phrases.yaml": (KINDS / "incident.close/phrases.yaml").read_bytes(),
        "kinds/livestock.strayed/symbol.svg": (KINDS / "incident.close/symbol.svg").read_bytes(),
    }
    law = compile_instrument(files, library()).law
    assert check_kinds(law) == []
    content = {"reason": "over", "livestock": {"sheep": 12}}
    parts = drafting.compile_draft(law, kind_of("livestock.strayed", law), content, SALTS)
    assert canonical.decode(parts[0].body) == content


COUNTED = "  - {name: livestock, type: counts, part: facts, codes: livestock, limit: 1000}\n"


def test_no_python_knows_the_name_of_a_kind() -> None:
    """Folds read roles and facets. The story of the demonstration and tests may speak of kinds; programs may not."""
    names = {f'"{name}"' for name in library_kinds() if "." in name}
    found = [
        f"{path.relative_to(SOURCES)}: {name}"
        for package in ("mithaq", "mithaq_files", "mithaq_node")
        for path in sorted((SOURCES / package).rglob("*.py"))
        for name in names
        if name in path.read_text()
    ]
    assert found == []


def test_a_kind_about_a_person_is_refused_even_under_both_seals() -> None:
    law = plain_law()
    wanted = Kind(
        name="person.wanted", version=1, role="opens", facets=[], release="two", precedence="flash", refers=[],
        fields=[Field(name="face", type="image", part=FACTS), Field(name="plate", type="text", part=FACTS, limit=9)],
    )  # fmt: skip
    misused = msgspec.structs.replace(law, kinds=[*law.kinds, wanted])
    codes = [finding.code for finding in check_kinds(misused)]
    with pytest.raises(Refusal, match=r"kind\.forbidden-name"):
        require_restraint(misused)
    assert {"kind.forbidden-name", "kind.unknown-type", "kind.text-in-facts"} <= set(codes)
