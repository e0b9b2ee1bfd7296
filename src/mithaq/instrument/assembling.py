"""Putting an instrument folder together: files in, one plain law and one plain set of words out.

    instrument.yaml              everything not named below
    articles/NN.yaml             one article each, in the order of their names
    gazetteer.yaml               list of names
    words.yaml                   labels by key, where the library and the files here have none
    codes.yaml                   coded lists that replace those of the library
    corridors.yaml               stretches of rail and road, and the corridors that are chains of them and of crossings
    kinds/<kind>/…               kinds of the folder's own, in the library's form; they win over it;
                                 `phrases.yaml` alone adds phrases to a kind of the library
    geometry/line.geojson        one LineString; `length_km`
    geometry/sectors.geojson     areas; `id`, `km_from`, `km_to`, `name_<language>`
    geometry/crossings.geojson   points; `id`, `sector`, `border_km`, `accuracy_m`, `carries`, `confidence`,
                                 `name_<language>`
    annexes/<PARTY>.yaml         a party's annex of working days; its days stand in the calendar that it names
    roots/<PARTY>.keys           verifier keys, one a line

Nothing is judged here but what keeps a file from being read; `checking` judges the whole.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mithaq.errors import Refusal
from mithaq.instrument.annexes import ANNEXED, law_of
from mithaq.instrument.reading import Folder, metres
from mithaq.instrument.words import CHECKLIST_SIDES

MAIN = "instrument.yaml"
LINE = "geometry/line.geojson"
SECTORS = "geometry/sectors.geojson"
CROSSINGS = "geometry/crossings.geojson"
GAZETTEER = "gazetteer.yaml"
WORDS = "words.yaml"
CODES = "codes.yaml"
CORRIDORS = "corridors.yaml"

Plain = dict[str, Any]

_TAKEN_OVER = (
    "id", "version", "rules", "title", "subject", "signing", "aims", "topics", "standing", "authentic", "languages",
    "audiences", "observers", "retention", "precedence", "commitments", "sources", "limits", "predecessor", "demo",
    "exercise", "until", "suspension",
)  # fmt: skip
_REWORKED = ("parties", "clocks", "announcing", "kinds", "line", "sectors", "crossings")
_KIND_CHOICES = ("mark", "release", "precedence")
_PATH_DATA = re.compile(r"\sd=\"([^\"]+)\"")


@dataclass
class Assembly:
    """An instrument put together: plain law, plain words, and the file and path where each part of the law stands."""

    law: Plain = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)
    phrases: dict[str, Any] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)
    origins: dict[str, tuple[str, str]] = field(default_factory=dict)

    def locate(self, path: str) -> tuple[str, str]:
        """The file, and the path in it, where the part of the law at `path` was written."""
        for prefix in sorted(self.origins, key=len, reverse=True):
            if path == prefix or path.startswith((f"{prefix}.", f"{prefix}[")):
                file, inner = self.origins[prefix]
                rest = path[len(prefix) :]
                return file, (inner + rest) if inner else rest.removeprefix(".")
        return MAIN, path


def assemble(folder: Folder, library: Mapping[str, bytes]) -> Assembly:
    """Read the whole folder, drawing from the library the kinds and coded lists that it names.

    Nothing is put together, and nothing more is found wrong, when the main file cannot be read.
    """
    made = Assembly()
    main = _mapping(folder, MAIN, folder.yaml(MAIN), "")
    if folder.findings:
        return made
    for key in main:
        if key not in _TAKEN_OVER + _REWORKED:
            folder.report(MAIN, key, "instrument.unknown-key", key=key)
    made.law = {key: main[key] for key in _TAKEN_OVER if key in main}
    made.law.setdefault("limits", {})
    _parties(folder, main, made)
    _articles(folder, made)
    _geometry(folder, main, made)
    _clocks(folder, main, made)
    _announcing(folder, main, made)
    _corridors(folder, made)
    _kinds(folder, main, library, made)
    made.law["gazetteer"] = folder.yaml(GAZETTEER, [])
    made.origins["gazetteer"] = (GAZETTEER, "")
    made.labels.update(_mapping(folder, WORDS, folder.yaml(WORDS, {}), ""))
    return made


def _parties(folder: Folder, main: Plain, made: Assembly) -> None:
    made.law["parties"] = parties = []
    for index, party in enumerate(_items(folder, MAIN, main, "parties")):
        code = party.get("code")
        file = f"roots/{code}.keys"
        roots = folder.files.get(file, b"").decode("ascii", "replace").split("\n")
        annexed = _annex(folder, party, index, made)
        parties.append(party | {"roots": [line for line in roots if line]} | annexed)
        made.origins[f"parties[{index}].roots"] = (file, "")
        for authority in party.get("authorities", []):
            if isinstance(authority, dict):
                made.labels[f"authority.{code}.{authority.get('id')}"] = authority.get("name")


def _annex(folder: Folder, party: Plain, index: int, made: Assembly) -> Plain:
    """What the party's annex of working days puts into the law; nothing where the folder has none."""
    file, path = f"annexes/{party.get('code')}.yaml", f"parties[{index}]"
    if file not in folder.files:
        return {}
    for name in (*ANNEXED, "annex"):
        made.origins[f"{path}.{name}"] = (file, "" if name == "annex" else name)
        if name in party:
            folder.report(MAIN, f"{path}.{name}", "instrument.annexed", name=file)
    offset = party.get("hijri_offset")
    written = _mapping(folder, file, folder.yaml(file, {}), "")
    annexed, found = law_of(written, offset if isinstance(offset, int) else 0)
    for where, refusal in found:
        folder.report(file, where, refusal.code, **refusal.data)
    return annexed


def _articles(folder: Folder, made: Assembly) -> None:
    articles: list[Any] = []
    made.law["articles"] = articles
    for file in sorted(name for name in folder.files if re.fullmatch(r"articles/[^/]+\.yaml", name)):
        made.origins[f"articles[{len(articles)}]"] = (file, "")
        articles.append(folder.yaml(file, {}))


def _geometry(folder: Folder, main: Plain, made: Assembly) -> None:
    line = _mapping(folder, MAIN, main.get("line"), "line")
    lines = folder.features(LINE)
    if len(lines) != 1 or lines[0]["type"] != "LineString":
        folder.report(LINE, "features", "instrument.not-one-line", found=len(lines))
    else:
        length = _metres(folder, LINE, "features[0].properties", lines[0]["properties"], "length_km")
        made.law["line"] = line | {"points": lines[0]["coordinates"], "length": length}
        made.origins["line.points"] = made.origins["line.length"] = (LINE, "features[0]")
    _sectors(folder, main, made)
    _crossings(folder, main, made)


def _sectors(folder: Folder, main: Plain, made: Assembly) -> None:
    shared = _mapping(folder, MAIN, main.get("sectors", {}), "sectors")
    made.law["sectors"] = sectors = []
    for index, feature in enumerate(folder.features(SECTORS)):
        path, known = f"features[{index}].properties", feature["properties"]
        made.origins[f"sectors[{index}]"] = (SECTORS, path)
        if feature["type"] not in ("Polygon", "MultiPolygon"):
            folder.report(SECTORS, f"features[{index}]", "instrument.not-an-area", found=str(feature["type"]))
            continue
        area = feature["coordinates"] if feature["type"] == "MultiPolygon" else [feature["coordinates"]]
        stretch = {
            "start": _metres(folder, SECTORS, path, known, "km_from"),
            "end": _metres(folder, SECTORS, path, known, "km_to"),
        }
        sectors.append(shared | {"id": known.get("id"), "area": area} | stretch)
        made.labels[f"sector.{known.get('id')}"] = _names(known)


def _crossings(folder: Folder, main: Plain, made: Assembly) -> None:
    shared = _mapping(folder, MAIN, main.get("crossings", {}), "crossings")
    made.law["crossings"] = crossings = []
    for index, feature in enumerate(folder.features(CROSSINGS)):
        path, known = f"features[{index}].properties", feature["properties"]
        made.origins[f"crossings[{index}]"] = (CROSSINGS, path)
        given = {key: known[key] for key in ("id", "sector", "carries", "confidence") if key in known}
        place = {
            "at": feature["coordinates"],
            "metre": _metres(folder, CROSSINGS, path, known, "border_km"),
            "accuracy": known.get("accuracy_m"),
        }
        crossings.append(shared | given | place)
        made.labels[f"crossing.{known.get('id')}"] = _names(known)


def _corridors(folder: Folder, made: Assembly) -> None:
    """Stretches, their stations and the corridors; a folder without the file has none."""
    if CORRIDORS not in folder.files:
        return
    found = _mapping(folder, CORRIDORS, folder.yaml(CORRIDORS, {}), "")
    for key in found.keys() - {"segments", "corridors"}:
        folder.report(CORRIDORS, key, "instrument.unknown-key", key=key)
    made.law["segments"] = [
        _named(segment, "segment", made) | {"stations": [_named(each, "station", made) for each in _stations(segment)]}
        for segment in _items(folder, CORRIDORS, found, "segments")
    ]
    made.law["corridors"] = [
        _named(corridor, "corridor", made) for corridor in _items(folder, CORRIDORS, found, "corridors")
    ]
    made.origins["stations"] = (CORRIDORS, "segments")
    made.origins["segments"], made.origins["corridors"] = (CORRIDORS, "segments"), (CORRIDORS, "corridors")


def _stations(segment: Plain) -> list[Plain]:
    found = segment.get("stations", [])
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _named(item: Plain, area: str, made: Assembly) -> Plain:
    """A stretch, station or corridor without its name, which goes to the words."""
    made.labels[f"{area}.{item.get('id')}"] = item.get("name")
    return {key: value for key, value in item.items() if key != "name"}


def _clocks(folder: Folder, main: Plain, made: Assembly) -> None:
    made.law["clocks"] = clocks = []
    for clock in _items(folder, MAIN, main, "clocks"):
        made.labels[f"clock.{clock.get('id')}"] = clock.get("name")
        clocks.append({key: value for key, value in clock.items() if key != "name"})


def _announcing(folder: Folder, main: Plain, made: Assembly) -> None:
    if "announcing" not in main:
        return
    stated = _mapping(folder, MAIN, main["announcing"], "announcing")
    made.law["announcing"] = announcing = dict(stated)
    for key, area in (("periods", "notice-period"), ("quotas", "quota")):
        announcing[key] = []
        for each in _items(folder, MAIN, stated, key):
            made.labels[f"{area}.{each.get('id')}"] = each.get("name")
            announcing[key].append({name: value for name, value in each.items() if name != "name"})


def _kinds(folder: Folder, main: Plain, library: Mapping[str, bytes], made: Assembly) -> None:
    kinds: list[Plain] = []
    made.law["kinds"] = kinds
    made.law["codes"] = {}
    named = main.get("kinds", [])
    for index, entry in enumerate(named if isinstance(named, list) else []):
        choice = {"name": entry} if isinstance(entry, str) else entry
        path = f"kinds[{index}]"
        if not isinstance(choice, dict) or not isinstance(choice.get("name"), str):
            folder.report(MAIN, path, "instrument.wrong-shape", reason="a kind is named, or is a mapping with a name")
            continue
        for key in choice.keys() - {"name", *_KIND_CHOICES}:
            folder.report(MAIN, f"{path}.{key}", "instrument.unknown-key", key=key)
        kind = _kind(folder, choice["name"], path, library, made)
        if kind is not None:
            made.origins[f"kinds[{len(kinds)}]"] = (f"kinds/{choice['name']}/kind.yaml", "")
            kinds.append(kind | {key: choice[key] for key in _KIND_CHOICES if key in choice})
    _codes(folder, library, made)


def _kind(folder: Folder, name: str, path: str, library: Mapping[str, bytes], made: Assembly) -> Plain | None:
    """One kind with its words, from the folder's own `kinds/` or from the library; the folder may add phrases to it."""
    prefix = f"kinds/{name}/"
    shelf = folder if f"{prefix}kind.yaml" in folder.files else _shelf(folder, library)
    if f"{prefix}kind.yaml" not in shelf.files:
        folder.report(MAIN, path, "instrument.unknown-kind", kind=name)
        return None
    kind = _mapping(shelf, f"{prefix}kind.yaml", shelf.yaml(f"{prefix}kind.yaml", {}), "")
    words = _mapping(shelf, f"{prefix}words.yaml", shelf.yaml(f"{prefix}words.yaml"), "")
    made.labels[f"kind.{name}"], made.labels[f"kind.{name}.hint"] = words.get("title"), words.get("hint")
    for field_name, texts in _mapping(shelf, f"{prefix}words.yaml", words.get("fields", {}), "fields").items():
        known = texts if isinstance(texts, dict) else {}
        key = f"field.{name}.{field_name}"
        made.labels[key], made.labels[f"{key}.hint"] = known.get("label"), known.get("hint")
    _checklists(shelf, name, words, made)
    phrases = _mapping(shelf, f"{prefix}phrases.yaml", shelf.yaml(f"{prefix}phrases.yaml", {}), "")
    if shelf is not folder:
        phrases |= _mapping(folder, f"{prefix}phrases.yaml", folder.yaml(f"{prefix}phrases.yaml", {}), "")
    if phrases:
        made.phrases[name] = phrases
        made.law["codes"][f"phrase.{name}"] = sorted(phrases)
    drawn = _PATH_DATA.findall(shelf.files.get(f"{prefix}symbol.svg", b"").decode("utf-8", "replace"))
    if drawn:
        made.symbols[name] = " ".join(drawn)
    else:
        shelf.report(f"{prefix}symbol.svg", "", "instrument.no-symbol", kind=name)
    return kind


def _checklists(shelf: Folder, kind: str, words: Plain, made: Assembly) -> None:
    """What each desk goes through when such a notice is sent or arrives: words alone, no part of the law."""
    file = f"kinds/{kind}/words.yaml"
    stated = _mapping(shelf, file, words.get("checklist", {}), "checklist")
    for side, items in stated.items():
        if side not in CHECKLIST_SIDES:
            shelf.report(file, f"checklist.{side}", "instrument.unknown-key", key=side)
            continue
        for id, texts in _mapping(shelf, file, items, f"checklist.{side}").items():
            made.labels[f"checklist.{kind}.{side}.{id}"] = texts


def _codes(folder: Folder, library: Mapping[str, bytes], made: Assembly) -> None:
    """The coded lists that the kinds use; a list of the folder's own replaces the library's."""
    shelf = _shelf(folder, library)
    lists = _mapping(shelf, f"kinds/{CODES}", shelf.yaml(f"kinds/{CODES}", {}), "")
    lists |= _mapping(folder, CODES, folder.yaml(CODES, {}), "")
    lists |= _places_as_codes(made)
    fields = [each for kind in made.law["kinds"] for each in kind.get("fields", []) if isinstance(each, dict)]
    used = {str(each["codes"]) for each in fields if each.get("codes")} | {"traffic"}
    for name in sorted(used & lists.keys()):
        codes = _mapping(folder, CODES, lists[name], name)
        made.law["codes"][name] = list(codes)
        made.labels.update({f"code.{name}.{code}": texts for code, texts in codes.items()})


def _places_as_codes(made: Assembly) -> Plain:
    """The stretches and stations of the folder, which notices name as codes."""
    segments = made.law.get("segments", [])
    ids = {
        "segment": [str(each.get("id")) for each in segments],
        "station": [str(each.get("id")) for segment in segments for each in segment["stations"]],
    }
    return {name: {id: made.labels[f"{name}.{id}"] for id in found} for name, found in ids.items() if found}


def _shelf(folder: Folder, library: Mapping[str, bytes]) -> Folder:
    """The library as a folder of its own, whose findings join the instrument's."""
    return Folder({f"kinds/{name}": text for name, text in library.items()}, folder.findings)


def _names(properties: Plain) -> Plain:
    return {key.removeprefix("name_"): value for key, value in properties.items() if key.startswith("name_")}


def _metres(folder: Folder, file: str, path: str, properties: Plain, key: str) -> int | None:
    try:
        return metres(properties.get(key))
    except Refusal as refusal:
        folder.report(file, f"{path}.{key}", refusal.code, **refusal.data)
        return None


def _mapping(folder: Folder, file: str, value: Any, path: str) -> Plain:
    """The value if it is a mapping, else an empty one with a finding."""
    if isinstance(value, dict):
        return value
    if value is not None:
        folder.report(file, path, "instrument.wrong-shape", reason="a mapping is expected")
    return {}


def _items(folder: Folder, file: str, main: Plain, key: str) -> list[Plain]:
    """The mappings in a list of the main file; what is none is a finding."""
    items = main.get(key, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        folder.report(file, key, "instrument.wrong-shape", reason="a list of mappings is expected")
        return []
    return items
