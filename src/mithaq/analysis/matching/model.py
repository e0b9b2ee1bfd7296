"""What one agreement is worth: learned from the reports themselves, without anybody's labels.

For each pair of precision classes a table says how often reports of one incident lie so far apart in place and in time;
another how often reports of *different* incidents do. The second is counted by the same search with one party's clock
moved by more than the widest span in which pairs are sought (whole weeks, where the record is long enough), so that a
report and its partner are no longer near: places that are named again and again, hours that are rounded, and seasons
are all in it. The first is learned by expectation and maximisation (Dempster, Laird and Rubin 1977) over the soft
one-to-one association of `association`, beginning with the nominal errors of the classes. The ratio of both is the
weight of Fellegi and Sunter (1969), with the local density of reports in the place of a blocking rule.
"""

from dataclasses import dataclass, replace

import numpy as np

from mithaq.analysis.fixed import Floats, Integers, total, totals
from mithaq.analysis.matching import nominal
from mithaq.analysis.matching.association import Beliefs, believed, in_millionths
from mithaq.analysis.matching.candidates import CLASSES, NONE, PLACES, SPAN, TIMES, Pairs, class_of, pairs
from mithaq.analysis.matching.density import Density
from mithaq.analysis.matching.levels import (
    CATEGORY,
    CLASSES_OF,
    COUNT,
    COUNT_OF,
    COUNTS,
    LEAVES,
    LEVELS,
    MOMENTS,
    PLACE_OF,
    SEVERITIES,
    SEVERITY,
    SEVERITY_OF,
    STEPS,
    TIME_OF,
    UNKNOWN,
    Levels,
    count_level,
    counted,
    levels_of,
    likeness,
    severity_level,
)
from mithaq.analysis.matching.reports import Reports, Tree
from mithaq.analysis.matching.told import NOTHING, Told
from mithaq.analysis.matching.twice import Again, Rivals

LEAST_RATIO = 0.01
"""Pairs less likely than a hundredth of "no partner" play no part."""
_LEAST_HOPE = 0.0002  # of a pair that learning still looks at after its first two rounds
_ROUNDS = 6
_SHIFTS, _MOST_SHIFTS = 4, 16
_BY_CHANCE = (
    32_000  # reports whose pairs by chance are counted, the fewer there are with the more movements of the clock
)
_DAY, _HALF_YEAR = 86_400, 180 * 86_400
_SAMPLE = 40_000
_WORTH = 30.0  # reports that the nominal errors count for, beside what is learned
_WORTH_OF_CLASSES = 400.0  # pairs of one incident that are taken to be of any two classes as reports in general are
_LEAST_ALONE = 0.05  # some reports of each party have no partner, whatever is learned
_WRONG, _BEFORE = 8.0, 150.0
"""Before it has seen a pair, the model is taken to have been wrong in so many of so many: so it is sure of nothing to
0.95 until it has learned from ten."""
_LEAST_STRETCH = 14  # days: in a shorter one, a clock that is moved and wrapped would come back to where it was
_WEEK = 7
_FEW_WEEKS = 4  # different movements; where whole weeks give fewer, the clock is moved by days


@dataclass(frozen=True)
class Model:
    """Learned once, then held fixed: reports that come later are scored by it, and both nodes score alike.

    Each table is indexed by the field of `Levels` of the same name; a pair's ratio is their product by the density.
    `again` is how often either party writes a second time of what it has written of (`twice`). `trust` is what a
    posterior is multiplied by: of few pairs little is learned, and no posterior is near 1.
    """

    tree: Tree
    density: Density
    apart: Floats
    agreed: Floats
    kinds: Floats
    numbers: Floats
    again: Again
    trust: float

    def around(self, left: Reports, right: Reports) -> tuple[Floats, Floats]:
        """The density around each report, which `ratios` needs."""
        return self.density.at(left), self.density.at(right)

    def ratios(self, levels: Levels, around: tuple[Floats, Floats]) -> Floats:
        """For each pair: how much likelier it is that the left report's partner is this one than none."""
        return self.weighed(levels, _dense(levels, around))

    def weighed(self, levels: Levels, dense: Floats) -> Floats:
        """The same, where the density is known already."""
        ratio = self.apart[levels.apart] / dense
        ratio *= self.agreed[levels.agreed]
        ratio *= self.kinds[levels.kinds]
        ratio *= self.numbers[levels.numbers]
        return ratio

    def rivals(self, beliefs: Beliefs, left: Reports, right: Reports) -> Rivals:
        """The reports of one party that compete for one of the other's."""

        def weighing(found: Pairs, side: Reports) -> Floats:
            around = self.density.at(side)
            return self.ratios(levels_of(found, side, side, self.tree), (around, around))

        return Rivals.of(beliefs, left, right, weighing)

    def posteriors(self, rivals: Rivals) -> Integers:
        """What is believed of pairs, in millionths."""
        return in_millionths(rivals.believed(self.again) * self.trust)

    def knowing(self, category: tuple[str, str, str]) -> "Model":
        """This model with one more category, as rare as the rarest it has learned; itself, where it is known."""
        tree = self.tree.extended(category)
        if tree is self.tree:
            return self
        known = self.agreed.reshape(-1, CATEGORY)
        rare = np.max(known, axis=0)
        rare[0] = np.min(known[:, 0])
        return replace(self, tree=tree, agreed=np.concatenate([self.agreed, rare]))


def _dense(levels: Levels, around: tuple[Floats, Floats]) -> Floats:
    found: Floats = (around[0][levels.left] + around[1][levels.right]) * 0.5
    return found


def learn(left: Reports, right: Reports, tree: Tree, told: Told = NOTHING) -> Model:
    """The model of two parties' reports; of the first weeks of each stretch of time where there are very many. What the
    parties have said of pairs is taken as certain."""
    return taught(left, right, tree, told)[0]


def taught(left: Reports, right: Reports, tree: Tree, told: Told = NOTHING) -> tuple[Model, Levels | None]:
    """The model, and the pairs that it was learned from where those are all there are."""
    first, second = _sampled(left, right)
    near, chance = _looked(first, second, tree)
    learning = _Learning(Density.of(left, right), first, second, tree, chance)
    model = learning.model
    dense = _dense(near, model.around(first, second))
    hopeful, its_dense = near, dense
    for number in range(_ROUNDS):
        ratio = model.weighed(hopeful, its_dense)
        kept = np.flatnonzero(ratio >= LEAST_RATIO)
        taken = hopeful.taken(kept)
        beliefs, believed_in = believed(taken.left, taken.right, ratio[kept], len(first), len(second))
        probability = np.zeros(len(kept))
        probability[believed_in] = beliefs.share
        weighed = told.weighed(taken.left, taken.right, first, second, probability)
        model = learning.model_of(taken, weighed)
        if number == 1:
            rows = np.flatnonzero(ratio >= _LEAST_HOPE)
            hopeful, its_dense = hopeful.taken(rows), its_dense[rows]
    beliefs = replace(beliefs, share=weighed[believed_in])
    again = model.rivals(beliefs, first, second).learned(len(first), len(second))
    trust = 1.0 - _WRONG / (total(weighed) + _BEFORE)
    return replace(model, again=again, trust=trust), near if first is left else None


def _looked(left: Reports, right: Reports, tree: Tree) -> tuple[Levels, "_Chance"]:
    """All pairs within reach, compared; and those within reach by chance, when the left clock is moved, counted."""
    many, shifts = len(left), _shifts(len(left) + len(right))
    clocks = [left.moment, *(_moved(left, right, shift, shifts) for shift in range(shifts))]
    copies = left.taken(np.tile(np.arange(many), len(clocks)))
    copies = replace(copies, moment=np.concatenate(clocks))
    apart, agreed = np.zeros(len(CLASSES_OF)), np.zeros(len(tree.middles) * CATEGORY)
    near = [levels_of(NONE, left, right, tree)]
    for each in pairs(copies, right):
        near.append(levels_of(each.taken(np.flatnonzero(each.left < many)), copies, right, tree))
        moved = each.taken(np.flatnonzero(each.left >= many))
        of_apart, of_agreed = likeness(moved, copies, right, tree)
        apart += np.bincount(of_apart, minlength=len(apart))
        agreed += np.bincount(of_agreed, minlength=len(agreed))
    chance = _Chance(
        totals(CLASSES_OF, apart, CLASSES**2) / shifts,
        _shares(totals(PLACE_OF, apart, PLACES**2 * LEVELS), nominal.areas()),
        _shares(totals(TIME_OF, apart, TIMES**2 * MOMENTS), nominal.spans()),
        _categories(agreed.reshape(-1, CATEGORY), left, right, tree),
    )
    return Levels(
        *(np.concatenate([getattr(each, name) for each in near]) for name in Levels.__dataclass_fields__)
    ), chance


class _Learning:
    """What does not change from round to round, and the model that a round's probabilities make with it."""

    def __init__(self, density: Density, left: Reports, right: Reports, tree: Tree, chance: "_Chance") -> None:
        self._density, self._tree, self._chance = density, tree, chance
        self._many = len(left), len(right)
        self._place, self._time = nominal.errors()
        self._classes = _class_shares(left, right)
        self._counts = np.bincount(np.concatenate([left.category, right.category]), minlength=len(tree.middles))
        self._values = _values(left, right)
        fewer = min(self._many)
        self.model = self._made(
            self._classes * fewer * 0.5,
            self._place,
            self._time,
            nominal.CATEGORY,
            (np.zeros((SEVERITIES, SEVERITY)), np.zeros((COUNTS, COUNT))),
            np.ones((LEAVES + 1) ** 2),
            0.25,
        )

    def model_of(self, taken: Levels, probability: Floats) -> Model:
        """The model of pairs with these probabilities."""
        apart = totals(taken.apart, probability, len(CLASSES_OF))
        numbers = totals(taken.numbers, probability, len(SEVERITY_OF))
        category = _shares(totals(taken.agreed % CATEGORY, probability, CATEGORY), nominal.CATEGORY)
        expected = total(probability)
        first, second = self._many
        self.model = self._made(
            (totals(CLASSES_OF, apart, CLASSES**2) + self._classes * _WORTH_OF_CLASSES)
            * (expected / (expected + _WORTH_OF_CLASSES)),
            _alike(totals(PLACE_OF, apart, PLACES**2 * LEVELS), self._place),
            _alike(totals(TIME_OF, apart, TIMES**2 * MOMENTS), self._time),
            category,
            (
                totals(SEVERITY_OF, numbers, SEVERITIES * SEVERITY).reshape(SEVERITIES, SEVERITY),
                totals(COUNT_OF, numbers, COUNTS * COUNT).reshape(COUNTS, COUNT),
            ),
            self._confused(taken, probability, category),
            max(1.0 - expected / first, _LEAST_ALONE) * max(1.0 - expected / second, _LEAST_ALONE),
        )
        return self.model

    def _made(
        self,
        classes: Floats,
        place: Floats,
        time: Floats,
        category: Floats,
        numbers: tuple[Floats, Floats],
        kinds: Floats,
        alone: float,
    ) -> Model:
        chance = self._chance
        base = classes / ((chance.classes + 0.5) * alone)
        of_place, of_time = _falling(place, chance.place).ravel(), _falling(time, chance.time).ravel()
        severity = _rarer(numbers[0], nominal.SEVERITY, self._values[0])
        count = _rarer(numbers[1], nominal.COUNT, self._values[1])
        return Model(
            tree=self._tree,
            density=self._density,
            apart=base[CLASSES_OF] * of_place[PLACE_OF] * of_time[TIME_OF],
            agreed=(category / chance.category).ravel(),
            kinds=kinds,
            numbers=severity[SEVERITY_OF] * count[COUNT_OF],
            again=(0.0, 0.0),
            trust=0.0,
        )

    def _confused(self, taken: Levels, probability: Floats, category: Floats) -> Floats:
        """How much oftener than its level alone would have it a category is told as a certain other: what the pairs
        say, either party's way, beside `_WORTH` pairs that follow the level."""
        some = min(len(self._counts), LEAVES)
        seen = totals(taken.kinds, probability, (LEAVES + 1) ** 2).reshape(LEAVES + 1, LEAVES + 1)[:some, :some]
        seen = seen + seen.T
        usual = (self._counts[:some] + 0.5) / (float(self._counts.sum()) + 0.5 * some)
        leaves = np.arange(some)
        level = self._tree.level(leaves[:, None].repeat(some, 1), leaves[None, :].repeat(some, 0))
        awaited = np.zeros((some, some))
        for each in range(CATEGORY):
            those = np.where(level == each, usual[None, :], 0.0)
            awaited += category[each] * those / np.maximum(np.cumsum(those, axis=1)[:, -1:], 1e-12)
        awaited = awaited / np.cumsum(awaited, axis=1)[:, -1:]
        every = np.cumsum(seen, axis=1)[:, -1:]
        found = np.ones((LEAVES + 1, LEAVES + 1))
        found[:some, :some] = (seen + _WORTH * awaited) / ((every + _WORTH) * awaited)
        return found.ravel()


@dataclass(frozen=True)
class _Chance:
    """What reports of different incidents look like: pairs of each two classes, and shares of each level."""

    classes: Floats
    place: Floats
    time: Floats
    category: Floats


def _shifts(reports: int) -> int:
    return min(max(_BY_CHANCE // max(reports, 1), _SHIFTS), _MOST_SHIFTS)


def _shares(counts: Floats, beforehand: Floats) -> Floats:
    """Counts as shares, with the shares that are awaited beforehand counting for `_WORTH` of them."""
    found = counts.reshape(beforehand.shape) + beforehand * _WORTH
    shares: Floats = found / np.cumsum(found, axis=-1)[..., -1:]
    return shares


def _alike(counts: Floats, beforehand: Floats) -> Floats:
    """Shares of each row, where what all rows have in common against what is awaited is learned from all together: if
    parties are twice as exact as their classes say, they are so in a class that is seen seldom too."""
    seen = counts.reshape(beforehand.shape)
    many = np.cumsum(seen, axis=1)[:, -1:]
    awaited = np.cumsum(many * beforehand, axis=0)[-1]
    usual = np.cumsum(beforehand, axis=0)[-1] * (_WORTH / len(beforehand))
    tilted = beforehand * ((np.cumsum(seen, axis=0)[-1] + usual) / (awaited + usual))
    return _shares(counts, tilted / np.cumsum(tilted, axis=1)[:, -1:])


def _falling(shares: Floats, chance: Floats) -> Floats:
    """The ratio of both in each row, which does not rise from one step of `STEPS` to the next: what is further apart is
    no likelier to be one. Of all such ratios the likeliest, by pooling neighbours that rise (Ayer and others, *Annals
    of Mathematical Statistics* 26, 1955). What is exactly the same, and what is a day off, stand for themselves."""
    found: Floats = shares / chance
    for row, weights in zip(found, chance, strict=True):
        pools: list[tuple[float, float, int]] = []
        for value, weight in zip(row[1 : STEPS + 1].tolist(), weights[1 : STEPS + 1].tolist(), strict=True):
            pools.append((value * weight, weight, 1))
            while len(pools) > 1 and pools[-2][0] * pools[-1][1] < pools[-1][0] * pools[-2][1]:
                last = pools.pop()
                pools[-1] = (pools[-1][0] + last[0], pools[-1][1] + last[1], pools[-1][2] + last[2])
        row[1 : STEPS + 1] = [many / weight for many, weight, steps in pools for _ in range(steps)]
    return found


def _rarer(seen: Floats, beforehand: Floats, usual: Floats) -> Floats:
    """For each value of the left report and each level: how much oftener it is so in reports of one incident than
    their frequencies make it (Newcombe's weights). Of a value seen seldom the others tell; what is not stated says
    nothing."""
    known = seen.copy()
    known[:, UNKNOWN] = 0.0
    stated = np.where(np.arange(len(beforehand)) == UNKNOWN, 0.0, beforehand)
    pooled = _shares(np.cumsum(known, axis=0)[-1], stated / np.cumsum(stated)[-1])
    found = _shares(known, np.broadcast_to(pooled, known.shape)) / np.maximum(usual, 1e-6)
    found[:, UNKNOWN] = 1.0
    found[0] = 1.0
    ratios: Floats = found.ravel()
    return ratios


def _values(left: Reports, right: Reports) -> tuple[Floats, Floats]:
    """For each severity and each count: the shares of all that are stated which are so far from it."""
    severities = np.bincount(np.concatenate([left.severity, right.severity]) + 1, minlength=SEVERITIES)
    counts = np.bincount(np.concatenate([counted(left.count), counted(right.count)]), minlength=COUNTS)
    severity, count = np.zeros((SEVERITIES, SEVERITY)), np.zeros((COUNTS, COUNT))
    for value in range(SEVERITIES):
        levels = severity_level(np.full(SEVERITIES, value - 1), np.arange(SEVERITIES) - 1)
        severity[value] = np.bincount(levels, weights=severities, minlength=SEVERITY)
    for value in range(COUNTS):
        levels = count_level(np.full(COUNTS, value - 1), np.arange(COUNTS) - 1)
        count[value] = np.bincount(levels, weights=counts, minlength=COUNT)
    return _stated(severity), _stated(count)


def _stated(counts: Floats) -> Floats:
    counts[:, UNKNOWN] = 0.0
    counts[:, :UNKNOWN] += 0.5
    shares: Floats = counts / np.cumsum(counts, axis=1)[:, -1:]
    return shares


def _sampled(left: Reports, right: Reports) -> tuple[Reports, Reports]:
    """All; or, of very many, those of one stretch of time in the middle and, where half a year holds too many, of one
    stretch from south to north: what is near in place and time stays together."""
    moments = np.sort(np.concatenate([left.moment, right.moment]))
    many = len(moments)
    if many <= _SAMPLE:
        return left, right
    length = max((int(moments[-1]) - int(moments[0])) * _SAMPLE // many, _HALF_YEAR)
    start = int(moments[many // 2]) - length // 2
    sides = [
        each.taken(np.flatnonzero((each.moment >= start) & (each.moment < start + length))) for each in (left, right)
    ]
    lats = np.sort(np.concatenate([each.lat for each in sides]))
    beside = max((len(lats) - _SAMPLE) // 2, 0)
    south, north = int(lats[beside]), int(lats[len(lats) - 1 - beside])
    taken = [each.taken(np.flatnonzero((each.lat >= south) & (each.lat <= north))) for each in sides]
    return (taken[0], taken[1]) if len(taken[0]) and len(taken[1]) else (left, right)


def _moved(reports: Reports, others: Reports, shift: int, shifts: int) -> Integers:
    """Moments by a clock that is moved and wrapped at the ends."""
    start = min(int(each.moment.min()) for each in (reports, others))
    days = max((max(int(each.moment.max()) for each in (reports, others)) - start) // _DAY + 1, _LEAST_STRETCH)
    by = _movement(days, shift, shifts)
    found: Integers = start + (reports.moment - start + by * _DAY) % (days * _DAY)
    return found


def _movement(days: int, shift: int, shifts: int) -> int:
    """Days by which a clock is moved: whole weeks (days, where there are few), and either way round further than
    pairs are sought, lest a moved report meets its partner. In a stretch too short for that, at least a quarter of
    it."""
    widest = int(SPAN.max()) // _DAY + 1
    least = widest if days >= 2 * widest else days // 4
    first, last, unit = least, days - least, 1
    weeks = -(-first // _WEEK), last // _WEEK
    if weeks[1] - weeks[0] + 1 >= _FEW_WEEKS:
        first, last, unit = *weeks, _WEEK
    return (first + (last - first + 1) * (2 * shift + 1) // (2 * shifts)) * unit


def _categories(seen: Floats, left: Reports, right: Reports, tree: Tree) -> Floats:
    """For each leaf and each level: how often others agree with it so far by chance. That is the share of all reports
    that are so near to it in the tree (Newcombe's frequency weights), by how much oftener reports nearby agree so than
    reports anywhere."""
    counts = np.bincount(np.concatenate([left.category, right.category]), minlength=len(tree.middles))
    middles, tops = np.bincount(tree.middles, weights=counts), np.bincount(tree.tops, weights=counts)
    agreeing = np.stack([np.full(len(counts), counts.sum()), tops[tree.tops], middles[tree.middles], counts], axis=1)
    agreeing[:, :-1] -= agreeing[:, 1:]
    shares: Floats = (agreeing + 0.5) / (float(counts.sum()) + 0.5 * CATEGORY)
    leaves = np.cumsum(seen, axis=1)[:, -1:]
    awaited = np.cumsum(shares * leaves, axis=0)[-1]
    drift: Floats = (np.cumsum(seen, axis=0)[-1] + 20.0) / (awaited + 20.0)
    return shares * drift


def _class_shares(left: Reports, right: Reports) -> Floats:
    first = np.bincount(class_of(left), minlength=CLASSES) / max(len(left), 1)
    second = np.bincount(class_of(right), minlength=CLASSES) / max(len(right), 1)
    found: Floats = (first[:, None] * second[None, :]).reshape(CLASSES * CLASSES)
    return found
