"""A new version of the instrument on its way: brought here to be compared and sealed, while the old one binds.

It lies in a folder of its own, compiled, with the seals it has so far. What is brought again with more seals is put
beside those that are there; what is another text takes the place of the one before. The one before is moved aside until
the new one lies in its place: whoever is interrupted in between finds it again at the next call, with its seals.
"""

import shutil
from pathlib import Path

from django.conf import settings

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.instrument import amending, changes, sealing
from mithaq.instrument.sealing import Sealed
from mithaq.moments import Moment
from mithaq.notices.restraint import require_restraint
from mithaq.notices.versions import Versions
from mithaq_files import instrument as folders
from mithaq_node import queries
from mithaq_node.queries import ledgers


def propose(*, proposed: Sealed, now: Moment) -> Sealed:
    """Keep a new version of the served instrument; with the seals it has now.

    Refuses one in which nothing differs (`instrument.nothing-differs`), one that does not follow
    (`mithaq.notices.versions`), that goes beyond restraint, or that would change a deadline that is past
    (`require_timely`).
    """
    served, folder = queries.sealed(), settings.NODE.proposed
    require_restraint(proposed.law)
    if not changes.diff(served, proposed):
        raise Refusal("instrument.nothing-differs")
    if proposed.law_bytes != served.law_bytes:
        Versions(served.law, proposed.law)
    require_timely(served, proposed, now)
    recover(folder)
    kept = _with_seals_of(proposed, folders.read_sealed(folder)) if folders.is_sealed_folder(folder) else proposed
    folders.write_sealed(_fresh(folder), kept)
    if folder.exists():
        folder.replace(_before(folder))
    _fresh(folder).replace(folder)
    shutil.rmtree(_before(folder), ignore_errors=True)
    return kept


def require_timely(served: Sealed, proposed: Sealed, now: Moment) -> None:
    """Refuse a version that would change what is past (`mithaq.instrument.amending`).

    One that another party has entered is judged as of then, which came in time there: who is later enters it all the
    same, or could never read what was made under it.
    """
    as_of = moments.parse(ledgers.past_is_judged_at(proposed.law_digest, str(now)))
    amending.require_nothing_past(served.law, proposed.law, moments.civil_day(as_of, 0))


def drop() -> None:
    """Give a proposed version up; refuses where there is none."""
    folder = settings.NODE.proposed
    recover(folder)
    if not folders.is_sealed_folder(folder):
        raise Refusal("instrument.none-proposed")
    folder.replace(_fresh(folder))  # at once and whole; what is left of it there is cleared away by the next call
    shutil.rmtree(_fresh(folder))


def _fresh(folder: Path) -> Path:
    """Where the next one is written before it takes its place; nothing there ever counts."""
    return folder.with_name(f".{folder.name}.new")


def _before(folder: Path) -> Path:
    """Where the one before lies until the next one has taken its place."""
    return folder.with_name(f".{folder.name}.old")


def recover(folder: Path) -> None:
    """Finish what an interrupted call left: the one before goes back where nothing has taken its place."""
    before = _before(folder)
    if before.exists() and not folders.is_sealed_folder(folder):
        shutil.rmtree(folder, ignore_errors=True)
        before.replace(folder)
    for left in (before, _fresh(folder)):
        shutil.rmtree(left, ignore_errors=True)


def _with_seals_of(proposed: Sealed, held: Sealed) -> Sealed:
    """The proposed version with the seals of the held one, too, as far as they are under the same bytes."""
    if proposed.law_bytes != held.law_bytes:
        return proposed
    law_note = sealing.joined(proposed.law_note, held.law_note)
    same = proposed.words_bytes == held.words_bytes
    words_note = sealing.joined(proposed.words_note, held.words_note) if same else proposed.words_note
    return Sealed.open(proposed.law_bytes, proposed.words_bytes, law_note, words_note)
