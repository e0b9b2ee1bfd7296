"""A new version of the instrument on its way: brought here to be compared and sealed, while the old one binds.

It lies in a folder of its own, compiled, with the seals it has so far. What is brought again with more seals is put
beside those that are there; what is another text takes the place of the one before.
"""

import shutil

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


def propose(*, proposed: Sealed, now: Moment) -> Sealed:
    """Keep a new version of the served instrument; with the seals it has now.

    Refuses one in which nothing differs (`instrument.nothing-differs`), one that does not follow
    (`mithaq.notices.versions`), that goes beyond restraint, or that would change a deadline that is past.
    """
    served, folder = queries.sealed(), settings.NODE.proposed
    require_restraint(proposed.law)
    if not changes.diff(served, proposed):
        raise Refusal("instrument.nothing-differs")
    if proposed.law_bytes != served.law_bytes:
        Versions(served.law, proposed.law)
    amending.require_nothing_past(served.law, proposed.law, moments.civil_day(now, 0))
    kept = _with_seals_of(proposed, folders.read_sealed(folder)) if folders.is_sealed_folder(folder) else proposed
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    folders.write_sealed(fresh, kept)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
    return kept


def drop() -> None:
    """Give a proposed version up; refuses where there is none."""
    if not folders.is_sealed_folder(settings.NODE.proposed):
        raise Refusal("instrument.none-proposed")
    shutil.rmtree(settings.NODE.proposed)


def _with_seals_of(proposed: Sealed, held: Sealed) -> Sealed:
    """The proposed version with the seals of the held one, too, as far as they are under the same bytes."""
    if proposed.law_bytes != held.law_bytes:
        return proposed
    law_note = sealing.joined(proposed.law_note, held.law_note)
    same = proposed.words_bytes == held.words_bytes
    words_note = sealing.joined(proposed.words_note, held.words_note) if same else proposed.words_note
    return Sealed.open(proposed.law_bytes, proposed.words_bytes, law_note, words_note)
