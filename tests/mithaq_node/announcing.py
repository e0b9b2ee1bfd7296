"""The fictional neighbours who announce activities to each other: their instrument with every kind of the library."""

from functools import cache

import msgspec
import yaml

from mithaq import canonical
from mithaq.instrument import sealing
from mithaq.instrument.compiling import compile as compile_instrument
from mithaq.instrument.sealing import Sealed
from mithaq_files.instrument import library, read_folder, shipped
from tests.mithaq.notices.border import library_kinds
from tests.mithaq_node import meadow

LANGUAGES = ("fa", "ar", "ckb", "en")
ANNOUNCING = {
    "calendar": "11-15",
    "calendar_kind": "activity.calendar",
    "periods": [
        {"id": "large", "kinds": ["activity.planned"], "scales": ["large"], "minutes": 60480, "mark": "example"},
        {"id": "works", "kinds": ["works.planned"], "minutes": 7200, "mark": "example"},
    ],
    "quotas": [{"id": "few", "kinds": ["activity.planned"], "scales": ["large"], "most": 1, "mark": "example"}],
}


@cache
def instrument() -> Sealed:
    """The fictional instrument with every kind of the library, notice periods and a quota; sealed by both."""
    files = read_folder(shipped(meadow.NAME))
    main = yaml.safe_load(files["instrument.yaml"])
    named = {kind["name"] for kind in main["kinds"]}
    main["kinds"] += [{"name": name, "mark": "example"} for name in library_kinds() if name not in named]
    for rule in (*ANNOUNCING["periods"], *ANNOUNCING["quotas"]):
        rule["name"] = dict.fromkeys(LANGUAGES, f"the rule {rule['id']}")  # type: ignore[index]  # plain values of a file
    main["announcing"] = ANNOUNCING
    files["instrument.yaml"] = yaml.safe_dump(main, allow_unicode=True).encode()
    compiled = compile_instrument(files, library())
    roots = meadow.unsealed().law.parties
    held = Sealed.open(canonical.encode(msgspec.structs.replace(compiled.law, parties=roots)), compiled.words_bytes)
    for party in meadow.PARTIES:
        held = sealing.seal(held, party, *meadow.root(party))
    return held
