"""What can happen in a step of the story: each act is something people or the line do, and says what it made.

A content in the story may say a moment as `@-3h` or `@+2d`: that long before or after the story's present; and as
`@+2y` the beginning of a Gregorian year, counted from the present one, in the party's civil time. `@fire` is the notice
that the story calls so.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mithaq import moments
from mithaq.errors import Fault
from mithaq_cli.demo.folder import PARTIES
from mithaq_cli.demo.stage import Stage
from mithaq_cli.demo.story import Made

Act = Callable[..., list[str]]

_SECONDS = {"h": 3_600, "d": 86_400}
_RELATIVE = re.compile(r"@([+-])(\d+)([hd])")
_YEAR = re.compile(r"@\+(\d)y")


def seal(stage: Stage, party: str) -> list[str]:
    """The party seals with its root keys, elsewhere, and the seals are carried to both nodes."""
    stage.seal(party)
    return [stage.sealed().fingerprint]


def pair(stage: Stage) -> list[str]:
    """Each node takes the other's card. At real parties two people compare the fingerprints by telephone."""
    cards = {party: (stage.folder.node(party) / "card.json").read_text() for party in PARTIES}
    first, second = PARTIES
    return [stage.hands[first].ask("pair", card=cards[second]), stage.hands[second].ask("pair", card=cards[first])]


def enter(stage: Stage, party: str) -> list[str]:
    """The party's log begins: its keys, signed by its root keys, and the instrument that binds it."""
    hand = stage.hands[party]
    signed = stage.signed_by_roots(party, hand.ask("draft_key_set"))
    return [hand.ask("enter_key_set", signed=signed), hand.ask("enter_instrument")]


def file(
    stage: Stage, name: str, party: str, kind: str, content: Mapping[str, Any], refers: Sequence[str] = ()
) -> list[str]:
    """The duty officer drafts a notice and files it; it waits for the releasing officer."""
    account = stage.accounts[party]["duty"]
    made = stage.hands[party].ask(
        "file",
        officer=account.name,
        secret=account.password,
        kind=kind,
        content=_at_present(stage, party, content),
        references=_references(stage, refers),
    )
    stage.progress.notices[name] = Made(party, made["log"], made["id"])
    return []


def release(stage: Stage, name: str) -> list[str]:
    """The releasing officer releases a filed notice."""
    made = stage.progress.notices[name]
    account = stage.accounts[made.party]["releasing"]
    made.number = stage.hands[made.party].ask("release", officer=account.name, secret=account.password, draft=made.id)
    return [made.number]


def tell(
    stage: Stage, name: str, party: str, kind: str, content: Mapping[str, Any], refers: Sequence[str] = ()
) -> list[str]:
    """File and release: two officers, one after the other."""
    file(stage, name, party, kind, content, refers)
    return release(stage, name)


def warn(stage: Stage, name: str, party: str, kind: str, content: Mapping[str, Any]) -> list[str]:
    """One officer releases at once, as the instrument allows where life is in danger; another reviews it after."""
    duty, releasing = stage.accounts[party]["duty"], stage.accounts[party]["releasing"]
    hand = stage.hands[party]
    made = hand.ask(
        "release_alone",
        officer=duty.name,
        secret=duty.password,
        kind=kind,
        content=_at_present(stage, party, content),
    )
    stage.progress.notices[name] = Made(party, made["log"], made["id"], made["number"])
    return [
        made["number"],
        hand.ask("review", officer=releasing.name, secret=releasing.password, number=made["number"]),
    ]


def count(stage: Stage, party: str, kind: str, content: Mapping[str, Any]) -> list[str]:
    """A counting desk publishes a figure; no officer releases it."""
    return [stage.hands[party].ask("publish", kind=kind, content=_at_present(stage, party, content))]


def take_over(stage: Stage, party: str, role: str, remark: str) -> list[str]:
    """An officer takes over the watch of this party's desk, after the sound test, and signs what is left."""
    account = stage.accounts[party][role]
    stage.hands[party].ask("take_over", officer=account.name, secret=account.password, remark=remark)
    return []


def note(stage: Stage, party: str, role: str, text: str, sort: str, office: str = "", subject: str = "") -> list[str]:
    """An officer writes a line into the watch log of this party's desk, which never leaves it."""
    officer = stage.accounts[party][role].name
    stage.hands[party].ask("note", officer=officer, text=text, kind=sort, office=office, subject=subject)
    return []


def hand_over(stage: Stage, party: str, role: str, remark: str) -> list[str]:
    """The officer on duty signs what is left to the next one."""
    account = stage.accounts[party][role]
    stage.hands[party].ask("hand_over", officer=account.name, secret=account.password, remark=remark)
    return []


def advance(stage: Stage, hours: int) -> list[str]:
    """The story's clock goes forward."""
    stage.advance(hours * 3_600)
    return []


def cut(stage: Stage) -> list[str]:
    """The line between the nodes is cut."""
    stage.cut()
    return []


def mend(stage: Stage) -> list[str]:
    stage.mend()
    return []


def settled(stage: Stage) -> list[str]:
    """Wait until both nodes hold, and have cosigned, the same."""
    stage.settle()
    return []


def agree(stage: Stage) -> list[str]:
    """Each party states the digest of its own state up to where both hold the same."""
    numbers = [stage.hands[party].ask("agree") for party in PARTIES]
    stage.settle()
    return [number for number in numbers if number]


def verify(stage: Stage) -> list[str]:
    """Export both records, check each from outside with the parties' published root keys, and compare them."""
    stage.forget_exports()
    instrument = stage.sealed().law.id
    said: list[str] = []
    for party in PARTIES:
        out = stage.folder.exports / party
        _ran(stage.run("record", "export", "--instrument", instrument, "--out", str(out),
                       "--data", str(stage.folder.node(party)), "--json"))  # fmt: skip
        verdict = _ran(stage.run("verify", str(out), "--trust", str(stage.folder.root / "trust"), "--json"))
        said.append(f"{party} {verdict['verdict']}")
    compared = _ran(stage.run("record", "compare", *(str(stage.folder.exports / party) for party in PARTIES), "--json"))
    return [*said, "SAME" if compared["same"] else "DIFFERENT"]


def _ran(outcome: tuple[int, str]) -> Any:
    code, printed = outcome
    if code not in (0, 1) or not printed.strip():
        raise Fault("a command that ends well", f"status {code}: {printed.strip()[-400:]}", "look at what it said")
    return json.loads(printed.strip().splitlines()[-1])


def _references(stage: Stage, names: Sequence[str]) -> list[dict[str, str]]:
    made = (stage.progress.notices[name] for name in names)
    return [{"log": each.log, "id": each.id} for each in made]


def _at_present(stage: Stage, party: str, content: Mapping[str, Any]) -> Any:
    present = moments.parse(stage.hands[party].ask("moment"))

    def said(value: Any) -> Any:
        match value:
            case str() if found := _RELATIVE.fullmatch(value):
                sign, number, unit = found.groups()
                seconds = int(number) * _SECONDS[unit] * (1 if sign == "+" else -1)
                return str(moments.Moment(present.seconds + seconds))
            case str() if found := _YEAR.fullmatch(value):
                return _beginning_of_year(stage, party, present, int(found[1]))
            case str() if value.startswith("@"):
                return _references(stage, [value[1:]])[0]
            case dict():
                return {name: said(item) for name, item in value.items()}
            case list():
                return [said(item) for item in value]
            case _:
                return value

    return said(dict(content))


def _beginning_of_year(stage: Stage, party: str, present: moments.Moment, years: int) -> str:
    known = stage.sealed().law.party(party)
    offset = known.utc_offset if known else 0
    year = int(moments.civil_day(present, offset)[:4]) + years
    return str(moments.from_civil(f"{year}-01-01", "00:00", offset))


_ALL: tuple[Any, ...] = (
    seal, pair, enter, file, release, tell, warn, count, take_over, note, hand_over, advance, cut, mend, settled, agree,
    verify,
)  # fmt: skip
ACTS: Mapping[str, Act] = {act.__name__: act for act in _ALL}
"""What the story may say, by name."""
