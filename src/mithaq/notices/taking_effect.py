"""Which version of the instrument has taken effect between the parties of an audience, as it is read off their logs.

A version binds a party from its own leaf on (`mithaq.notices.versions`). What a suspension does to clocks depends on
more: on what another party knows of that, by its own word (`mithaq.notices.suspending`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from mithaq.notices import suspending
from mithaq.notices.cuts import audience_of
from mithaq.notices.entry import Entry
from mithaq.notices.fields.times import is_moment
from mithaq.notices.logs import Entered, Log
from mithaq.notices.receiving import receipt_of
from mithaq.notices.suspending import Standstill
from mithaq.notices.versions import Versions


def rules(versions: Versions, logs: Collection[Log]) -> int:
    """The rules that a book is folded by: the latest that a version asks for which somebody has entered."""
    entered = (versions.judge_of(each.law).law.rules for log in logs for each in log.entered)
    return max([versions.first.rules, *entered])


def seen(said: Entered, party: str, logs: Iterable[Log]) -> tuple[str, str]:
    """Between which moments a version was entered, by what `party` receipted of that log: that of its last receipt
    without the leaf, and of its first one with it. Empty where there is none."""
    audience, before = audience_of(said.log), ""
    ours = [log for log in logs if log.party == party and audience_of(log.origin) == audience]
    for log in sorted(ours, key=lambda each: each.called[0]):
        for entry in log.entries:
            receipt = receipt_of(entry.source)
            if receipt is not None and receipt.log == said.log and is_moment(entry.at):
                if receipt.size > said.index:
                    return before, entry.at
                before = entry.at
    return before, ""


def standstills(versions: Versions, logs: Collection[Log]) -> dict[str, tuple[Standstill, ...]]:
    """When clocks stand, audience by audience, party by party; nothing of an instrument that was never suspended."""
    if not versions.suspends:
        return {}
    found = {}
    for audience in sorted({audience_of(log.origin) for log in logs}):
        parties = versions.first.audiences[audience]
        stays = {party: _stays(versions, [log for log in logs if log.party == party], audience) for party in parties}
        still = [
            each
            for owing in parties
            for owed in parties
            if owing != owed
            for each in _between(versions, stays, owing, owed)
        ]
        if still:
            found[audience] = tuple(still)
    return found


_Stays = Sequence[tuple[int | None, Entry]]
"""What a party has entered in its order: the number of the version, and its leaf. None is a number that is not known,
because that version is not held here."""


def _stays(versions: Versions, logs: Iterable[Log], audience: str) -> _Stays:
    own = sorted((log for log in logs if audience_of(log.origin) == audience), key=lambda log: log.called[0])
    return [(versions.number_of(each.law) or None, log.entries[each.index]) for log in own for each in log.entered]


def _between(versions: Versions, stays: Mapping[str, _Stays], owing: str, owed: str) -> tuple[Standstill, ...]:
    had: dict[int, str] = {}
    over: dict[int, str] = {}
    entered = {number for each in stays.values() for number, _ in each}
    laws = [law for law in versions.laws if law.version in entered]  # another holder may lack those that nobody has
    for law in laws:
        words = [_word_of(owed, _entering(each, law.version)) for each in stays.values()]
        if "" not in words:
            had[law.version] = max(words)
        ends = [_word_of(owing, _leaving(stays[party], law.version)) for party in (owing, owed)]
        if any(ends):
            over[law.version] = min(filter(None, ends))
    return suspending.standstills(laws, owing, owed, had, over)


def _entering(stays: _Stays, number: int) -> Entry | None:
    """The first leaf by which a party put this version or a later one in force."""
    return next((entry for each, entry in stays if each is not None and each >= number), None)


def _leaving(stays: _Stays, number: int) -> Entry | None:
    """The first leaf by which a party put one after this version in force. One that is not held here counts as such
    unless the party put this version in force after it: whoever is behind sees its clocks run, and not later that they
    have run."""
    held = ((place, each) for place, (each, _) in enumerate(stays) if each is not None and each >= number)
    place, reached = next(held, (0, None))
    since = stays[place:] if reached == number else stays
    return next((entry for each, entry in since if each is None or each > number), None)


def _word_of(party: str, entry: Entry | None) -> str:
    """When a party says that it wrote a leaf or, of another's, that it had it; empty where it has not."""
    if entry is None or entry.party == party:
        return entry.at if entry is not None else ""
    step = entry.delivered.get(party)
    return step.at if step is not None else ""
