"""How seldom a statistic would be where nothing clusters: ranks, the Gumbel distribution, and days between two such."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from math import isqrt

_DIGITS = 40
_EULER = Decimal("0.57721566490153286060651209008240243104215933593992")
_ROOT_OF_SIX_BY_PI = Decimal("0.77969680123368155104117229480085462446893")


@dataclass(frozen=True, slots=True)
class Chance:
    """Of `of` draws `beyond` had a larger statistic and `tied` the same; whether they were stopped early, and whether
    it was this statistic that they were stopped for.
    """

    beyond: int
    tied: int
    of: int
    stopped: bool = False
    sought: bool = True

    @property
    def p(self) -> float:
        """(1 + beyond + tied) / (1 + of) (Dwass 1957). After stopping (Besag and Clifford 1991) it is beyond / of for
        the statistic that was sought, and (beyond + tied) / of for lesser ones, as SaTScan 10 gives them.
        """
        if not self.stopped:
            return (1 + self.beyond + self.tied) / (1 + self.of)
        return (self.beyond if self.sought else max(1, self.beyond + self.tied)) / self.of


def gumbel(statistic: int, maxima: Sequence[int]) -> float | None:
    """The chance of so large a maximum by a Gumbel distribution with the mean and spread of the drawn maxima.

    It says how small a chance is that few draws cannot show (Abrams, Kleinman and Kulldorff 2010). None where all drawn
    maxima are equal, or fewer than two.
    """
    count = len(maxima)
    total = sum(maxima)
    spread = count * sum(each * each for each in maxima) - total * total
    if count < 2 or spread <= 0:
        return None
    with localcontext() as context:
        context.prec = _DIGITS
        deviation = Decimal(isqrt(spread << 40)) / (1 << 20) / (Decimal(count) * (count - 1)).sqrt()
        scale = deviation * _ROOT_OF_SIX_BY_PI
        mode = Decimal(total) / count - _EULER * scale
        beyond = (-(Decimal(statistic) - mode) / scale).exp()
        return float(1 - (-beyond).exp())


def recurrence(p: float, *, days: int, looks: int = 1) -> int:
    """Days between two findings as rare as this where nothing clusters, one look in every `days` days.

    1 / p looks; where p was adjusted for `looks` looks already, 1 / (1 - (1 - p)^(1 / looks)) of them.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        chance = Decimal(p)
        if looks > 1:
            chance = 1 - ((1 - chance).ln() / looks).exp() if chance < 1 else Decimal(1)
        return int((days / chance).to_integral_value())
