"""The fictional neighbours with a railway and two roads between them: their instrument with corridors, for tests."""

from functools import cache

import msgspec
import yaml

from mithaq import canonical
from mithaq.instrument import sealing
from mithaq.instrument.compiling import compile
from mithaq.instrument.sealing import Sealed
from mithaq_files.instrument import library, read_folder, shipped
from tests.mithaq_node import meadow

KINDS = ("rail.service", "rail.disruption", "corridor.status", "clearance.progress")


def _name(name: str) -> dict[str, str]:
    return dict.fromkeys(("ar", "fa", "ckb", "en"), name)


CORRIDORS = {
    "segments": [
        {
            "id": "valley-line",
            "name": _name("Valley line"),
            "modes": ["rail"],
            "parties": ["ML", "RL"],
            "path": [[-40_000, 180_860], [0, 180_860]],
            "stations": [{"id": "mill", "name": _name("Mill"), "mark": "example"}],
            "lengths": [
                {"party": "ML", "metres": 32_000, "mark": "example"},
                {"party": "RL", "metres": 36_500, "mark": "example"},
            ],
            "to_clear": [{"party": "ML", "metres": 16_000, "mark": "example"}],
            "said": [{"party": "RL", "text": _name("Goods too"), "mark": "example"}],
            "mark": "example",
        },
        *(
            {
                "id": f"{name}-road",
                "name": _name(f"{name.title()} road"),
                "modes": ["road"],
                "parties": ["RL"],
                "path": [[0, latitude], [50_000, latitude]],
                "mark": "example",
            }
            for name, latitude in (("bridge", 180_860), ("ford", 633_000))
        ),
    ],
    "corridors": [
        {
            "id": name,
            "name": _name(f"By the {name}"),
            "traffic": ["passengers"],
            "chain": [*links, f"crossing:{name}", f"segment:{name}-road"],
            "family": "to-the-sea",
            "mark": "example",
        }
        for name, links in (("bridge", ["segment:valley-line"]), ("ford", []))
    ],
}


@cache
def sealed(demo: bool = False) -> Sealed:
    """The instrument with corridors and the kinds that state them, sealed by both parties."""
    files = read_folder(shipped(meadow.NAME))
    main = yaml.safe_load(files["instrument.yaml"])
    main["kinds"] += [{"name": name, "mark": "example"} for name in KINDS]
    files["instrument.yaml"] = yaml.safe_dump(main, allow_unicode=True).encode()
    files["corridors.yaml"] = yaml.safe_dump(CORRIDORS, allow_unicode=True).encode()
    compiled = compile(files, library())
    roots = {party.code: party.roots for party in meadow.unsealed().law.parties}
    parties = [msgspec.structs.replace(party, roots=roots[party.code]) for party in compiled.law.parties]
    law = msgspec.structs.replace(compiled.law, parties=parties, demo=demo)
    held = Sealed.open(canonical.encode(law), compiled.words_bytes)
    for party in meadow.PARTIES:
        held = sealing.seal(held, party, *meadow.root(party))
    return held
