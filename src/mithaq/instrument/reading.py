"""Reading the files of an instrument folder into plain values, with every doubt refused.

YAML is read without its surprises: mappings, lists, and plain scalars only. `true` and `false` are truth values and
`-?[0-9]+` is a number; everything else is text, so a day stays a day and `no` stays a word. A key that stands twice,
an anchor, an alias, a tag, an empty value and a second document are faults, each named with its line. GeoJSON is read
with exact decimals: degrees become integer microdegrees, kilometres integer metres.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from mithaq import canonical
from mithaq.errors import Datum, Finding, Refusal

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,15}", re.ASCII)
_DEPTH = 24


class _Broken(Exception):
    """What is wrong at a place of a file, on its way to becoming a finding."""

    def __init__(self, path: str, code: str, **data: Datum) -> None:
        super().__init__(code)
        self.path, self.code, self.data = path, code, data


@dataclass
class Folder:
    """An instrument folder being read: its files, and what was found wrong so far."""

    files: Mapping[str, bytes]
    findings: list[Finding] = field(default_factory=list)

    def report(self, file: str, path: str, code: str, **data: Datum) -> None:
        self.findings.append(Finding(file, path, code, data))

    def yaml(self, file: str, absent: Any = None) -> Any:
        """The value in a YAML file, or `absent` with a finding; without a finding when `absent` is given."""
        if file not in self.files:
            if absent is None:
                self.report(file, "", "instrument.file-missing", name=file)
            return absent
        try:
            return read_yaml(self.files[file])
        except _Broken as broken:
            self.report(file, broken.path, broken.code, **broken.data)
            return absent

    def features(self, file: str) -> list[dict[str, Any]]:
        """The features of a GeoJSON file as {"properties", "type", "coordinates"}, coordinates in microdegrees."""
        if file not in self.files:
            self.report(file, "", "instrument.file-missing", name=file)
            return []
        try:
            return list(_features(self.files[file]))
        except _Broken as broken:
            self.report(file, broken.path, broken.code, **broken.data)
            return []


def read_yaml(text: bytes) -> Any:
    """The plain value in a YAML file."""
    try:
        events = iter(yaml.parse(text.decode("utf-8"), Loader=_Loader))
        value = _document(events)
    except UnicodeDecodeError as error:
        raise _Broken("", "instrument.not-utf8") from error
    except yaml.YAMLError as error:
        line, reason = _where(error)
        raise _Broken("", "instrument.bad-yaml", line=line, reason=reason) from error
    return value


def metres(kilometres: object) -> int:
    """A number of kilometres, as GeoJSON gives it, in metres."""
    if not isinstance(kilometres, int | Decimal) or isinstance(kilometres, bool):
        raise Refusal("instrument.not-a-number", found=str(kilometres))
    return int((Decimal(kilometres) * 1_000).to_integral_value())


def _where(error: yaml.YAMLError) -> tuple[int, str]:
    """The line a YAML error speaks of, 0 when it names none, and its reason."""
    mark = getattr(error, "problem_mark", None)
    return (0 if mark is None else mark.line + 1), str(getattr(error, "problem", None) or error)


def _document(events: Iterator[Any]) -> Any:
    value: Any = {}
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Broken("", "instrument.second-document", line=_line(event))
            value = _value(next(events), events, "", 0)
    if documents == 0:
        raise _Broken("", "instrument.empty-file")
    return value


def _value(event: Any, events: Iterator[Any], path: str, depth: int) -> Any:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
        raise _Broken(path, "instrument.not-plain-yaml", line=line)
    if depth > _DEPTH:
        raise _Broken(path, "instrument.too-deep", line=line)
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event, path)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(events, path, depth)
    return _mapping(events, path, depth)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _sequence(events: Iterator[Any], path: str, depth: int) -> list[Any]:
    items: list[Any] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        items.append(_value(event, events, f"{path}[{len(items)}]", depth + 1))
    return items


def _mapping(events: Iterator[Any], path: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent) or event.tag is not None or event.anchor is not None:
            raise _Broken(path, "instrument.not-plain-yaml", line=line)
        key = str(event.value)
        inner = f"{path}.{key}" if path else key
        if key in found:
            raise _Broken(inner, "instrument.duplicate-key", key=key, line=line)
        if not key.isascii():
            raise _Broken(path, "instrument.key-not-ascii", key=key, line=line)
        found[key] = _value(next(events), events, inner, depth + 1)
    return found


def _scalar(event: Any, path: str) -> str | int | bool:
    text = str(event.value)
    if not event.style:  # the plain style is None from one parser and empty from the other
        if text in ("", "~", "null"):
            raise _Broken(path, "instrument.empty-value", line=_line(event))
        if text in ("true", "false"):
            return text == "true"
        if _NUMBER.fullmatch(text) and abs(int(text)) <= canonical.SAFE_INTEGER:
            return int(text)
    return text.rstrip("\n") if event.style in ("|", ">") else text


def _features(encoded: bytes) -> Iterator[dict[str, Any]]:
    document = _json(encoded)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise _Broken("", "instrument.not-geojson")
    for index, feature in enumerate(features):
        path = f"features[{index}]"
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(geometry, dict) or not isinstance(properties, dict):
            raise _Broken(path, "instrument.not-geojson")
        coordinates = _microdegrees(geometry.get("coordinates"), f"{path}.geometry")
        yield {"properties": properties, "type": geometry.get("type"), "coordinates": coordinates}


def _json(encoded: bytes) -> Any:
    try:
        return json.loads(encoded.decode("utf-8"), parse_float=Decimal, object_pairs_hook=_unique)
    except (ValueError, InvalidOperation, RecursionError) as error:
        raise _Broken("", "instrument.bad-json", reason=str(error)) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        doubled = sorted(key for key in found if sum(key == other for other, _ in pairs) > 1)
        raise _Broken("", "instrument.duplicate-key", key=doubled[0], line=0)
    return found


def _microdegrees(coordinates: Any, path: str) -> Any:
    if not isinstance(coordinates, list) or not coordinates:
        raise _Broken(path, "instrument.not-geojson")
    if isinstance(coordinates[0], list):
        return [_microdegrees(inner, path) for inner in coordinates]
    if len(coordinates) < 2 or not all(_is_number(each) for each in coordinates):
        raise _Broken(path, "instrument.not-geojson")
    lon, lat = (int((Decimal(each) * 1_000_000).to_integral_value()) for each in coordinates[:2])
    if abs(lon) > 180_000_000 or abs(lat) > 90_000_000:
        raise _Broken(path, "instrument.position-off-the-globe")
    return (lon, lat)


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
