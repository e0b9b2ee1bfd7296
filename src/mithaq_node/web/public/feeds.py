"""The public statements in forms for programs: JSON, and Atom (RFC 4287)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from mithaq.instrument.statement import Statement
from mithaq_node import queries
from mithaq_node.queries.crossings import CrossingView
from mithaq_node.web.reader import Reader

SHOWN = ("state", "reason", "since", "from", "until", "from_hour", "until_hour", "capacity", "alternative")
"""The fields of a statement that leave; the code of a ground and whoever asked for it stay inside."""
_ATOM = "http://www.w3.org/2005/Atom"


def as_json(now: str, views: Iterable[CrossingView]) -> str:
    """What both sides say, in codes and canonical moments."""
    law, words = queries.law(), queries.sealed().words
    found = [
        {
            "id": view.crossing.id,
            "names": words.labels[f"crossing.{view.crossing.id}"],
            "statements": [
                _line(line.direction, line.traffic, said)
                for line in view.lines
                for _, said in sorted(line.state.statements.items() if line.state else ())
            ],
            "planned": [_line(line.direction, line.traffic, plan) for line in view.lines for plan in line.ahead],
        }
        for view in views
    ]
    page = {"at": now, "crossings": found, "instrument": law.id, "demonstration": law.demo}
    return json.dumps(page, ensure_ascii=False, sort_keys=True)


def as_atom(now: str, views: Iterable[CrossingView], reader: Reader, address: str) -> str:
    """An entry for each crossing, in the reader's language; its identifier stays the same, its instant moves."""
    law = reader.law
    tag = f"tag:{reader.party.domain},{law.signing.day}:{law.id}"
    feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": reader.language})
    shown = [(view, said) for view in views if (said := _said(view))]
    _put(feed, "id", f"{tag}/crossings")
    _put(feed, "title", f"{reader.text(law.title)}: {reader.text(reader.party.name)}")
    _put(feed, "updated", max((_latest(said) for _, said in shown), default=now))
    ElementTree.SubElement(feed, "link", {"href": f"{address}{reader.language}/"})
    ElementTree.SubElement(feed, "link", {"rel": "self", "href": f"{address}{reader.language}/crossings.atom"})
    author = ElementTree.SubElement(feed, "author")
    _put(author, "name", reader.text(reader.party.name))
    for view, said in shown:
        entry = ElementTree.SubElement(feed, "entry")
        _put(entry, "id", f"{tag}/crossing/{view.crossing.id}")
        _put(entry, "title", reader.label(f"crossing.{view.crossing.id}"))
        _put(entry, "updated", _latest(said))
        _put(entry, "content", "\n".join(_words(view, reader)))
    return ElementTree.tostring(feed, encoding="unicode", xml_declaration=True).replace("'us-ascii'", "'utf-8'")


def _line(direction: str, traffic: str, said: Statement) -> Mapping[str, Any]:
    shown = {name: said.facts[name] for name in SHOWN if name in said.facts}
    return {"party": said.party, "direction": direction, "traffic": traffic, "told": said.at, **shown}


def _said(view: CrossingView) -> list[Statement]:
    states = (line.state.statements.values() for line in view.lines if line.state)
    return [each for statements in states for each in statements] + [each for line in view.lines for each in line.ahead]


def _latest(said: Iterable[Statement]) -> str:
    return max(each.at for each in said)


def _words(view: CrossingView, reader: Reader) -> Iterable[str]:
    for line in view.lines:
        way = f"{reader.label(f'code.direction.{line.direction}')} · {reader.label(f'code.traffic.{line.traffic}')}"
        told = [*(line.state.statements.values() if line.state else ()), *line.ahead]
        for each in told:
            party = reader.law.party(each.party)
            name = reader.text(party.short) if party else each.party
            said = [reader.label(f"code.crossing-state.{each.facts['state']}")]
            said += [reader.moment(each.facts[name]) for name in ("since", "from", "until") if name in each.facts]
            yield f"{way}: {name}: {' – '.join(said)}"


def _put(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
