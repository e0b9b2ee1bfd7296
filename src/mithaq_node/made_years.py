"""Years in which nothing gathers, made in a process of the lowest priority beside the one that answers pages.

python -m mithaq_node.made_years        stdin: what is asked, JSON; stdout: a number a line, as each made year is done
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import msgspec

_LOWEST = 19
"""What stands nearest to the answers of a desk is its pages; a preview takes what they leave."""


class Asked(msgspec.Struct, frozen=True):
    """Years in which nothing gathers (`mithaq.prevention.gathering.by_chance`)."""

    line: tuple[tuple[str, int], ...]
    """Each sector and its middle, in metres along the line."""
    volume: tuple[int, ...]
    settings: dict[str, int]
    years: int


class MadeYears:
    """The years that a process of its own makes. One thread reads them; any may end them."""

    def __init__(self, asked: Asked) -> None:
        self._asked = msgspec.json.encode(asked)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mithaq_node.made_years"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
        )

    def __iter__(self) -> Iterator[int]:
        """The false alarms of each year as it is done; fewer years where the process was ended."""
        with self._process as process:
            assert process.stdin is not None
            assert process.stdout is not None
            with suppress(BrokenPipeError):
                process.stdin.write(self._asked)
                process.stdin.close()
            for line in process.stdout:
                yield int(line)

    def end(self) -> None:
        """Make no more."""
        self._process.kill()


def main() -> None:
    """Make what is asked; ends after a year of which nobody takes the number any more."""
    os.nice(_LOWEST)
    from mithaq.analysis.clusters.zones import Place
    from mithaq.prevention.gathering import by_chance
    from mithaq.prevention.settings import Settings

    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    line, settings = tuple(Place(*each) for each in asked.line), Settings(**asked.settings)
    for number in range(1, asked.years + 1):
        os.write(sys.stdout.fileno(), b"%d\n" % by_chance(line, asked.volume, settings, number))


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main()
