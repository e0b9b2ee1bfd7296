"""Days as the law states them, each one that the calendar has."""

from collections.abc import Iterator

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.instrument.checking.fault import Fault
from mithaq.instrument.law import Law


def days(law: Law) -> Iterator[Fault]:
    """Every day of the law that no calendar has."""
    yield from day_faults("signing.day", law.signing.day)
    if law.until:
        yield from day_faults("until", law.until)
    for name, source in law.sources.items():
        yield from day_faults(f"sources.{name}.day", source.day)
    for index, commitment in enumerate(law.commitments):
        if commitment.due:
            yield from day_faults(f"commitments[{index}].due", commitment.due)


def day_faults(path: str, day: str) -> Iterator[Fault]:
    """What is wrong in one day, `YYYY-MM-DD`, that stands at `path`."""
    try:
        moments.parse_day(day)
    except Refusal as refusal:
        yield path, refusal.code, dict(refusal.data)
