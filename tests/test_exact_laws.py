"""Samplers: the law of each by running through all its branches, against the law of independent draws."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from itertools import permutations, product
from math import factorial, prod

import numpy as np
import pytest
from branches import Chance, CutError, law_of, multinomial

from mcdiv.core import flips, levels, outcomes, samplers
from mcdiv.core.flips import _bernoulli_words, _roll
from mcdiv.core.learning import mini_batches, softmax
from mcdiv.core.samplers import AliasTable, draw_counts

PMFS = {
    "coin": [0.3, 0.7],
    "fair": [0.5, 0.5],
    "halves": [0.5, 0.25, 0.25],
    "zeros": [0.0, 0.6, 0.0, 0.4],
    "one": [1.0],
    "rare": [0.001, 0.999],
}


def same(
    found: tuple[Mapping[Hashable, float], float], exact: Mapping[Hashable, float], most_lost: float = 1e-12
) -> None:
    law, lost = found
    assert lost <= most_lost
    assert law.keys() <= {outcome for outcome, p in exact.items() if p > 0}
    for outcome, p in exact.items():
        assert abs(law.get(outcome, 0.0) - p) <= lost + 1e-13


def tuples(counts: np.ndarray) -> Hashable:
    return tuple(map(tuple, counts.tolist()))


def rows(p: Iterable[float], draws: int, count: int) -> dict[Hashable, float]:
    """The law of so many independent samples."""
    one = multinomial(draws, p)
    return {some: prod(one[row] for row in some) for some in product(one, repeat=count)}


def cuts(p: Iterable[float]) -> list[float]:
    """Where the uniform numbers of an alias table change what is drawn."""
    table = AliasTable.of(np.array(p))
    cells = len(table.own)
    return [*(np.arange(cells) / cells).tolist(), *((np.arange(cells) + table.own) / cells).tolist()]


@pytest.mark.parametrize("p", PMFS.values(), ids=list(PMFS))
@pytest.mark.parametrize("draws, count", [(1, 1), (4, 1), (2, 2)])
def test_counts_drawn_from_an_alias_table_are_independent_draws(p: list[float], draws: int, count: int) -> None:
    found = law_of(lambda chance: tuples(draw_counts(np.array(p), draws, count, chance, "draws")), cuts=cuts(p))
    same(found, rows(p, draws, count))


@pytest.mark.parametrize("weights", [[3, 3, 2, 2, 2, 2, 2, 1, 2, 1], [3, 5, 3, 1, 1, 1, 3, 1, 3, 3], [8] * 5 + [2] * 5])
def test_counts_drawn_from_an_alias_table_with_ties_are_independent_draws(weights: list[int]) -> None:
    p = np.array(weights) / sum(weights)
    found = law_of(lambda chance: tuples(draw_counts(p, 2, 1, chance, "draws")), cuts=cuts(p))
    same(found, rows(p, 2, 1))


@pytest.mark.slow
@pytest.mark.parametrize("p", PMFS.values(), ids=list(PMFS))
@pytest.mark.parametrize("draws, count, shortfall", [(1, 1, 0.5), (3, 1, 0.5), (2, 1, 3.0)])
def test_poisson_counts_topped_up_or_drawn_anew_are_independent_draws(
    p: list[float], draws: int, count: int, shortfall: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samplers, "SHORTFALL", shortfall)
    found = law_of(
        lambda chance: tuples(draw_counts(np.array(p), draws, count, chance, "poisson")), cuts=cuts(p), most=draws
    )
    same(found, rows(p, draws, count))


@pytest.mark.slow
def test_rows_of_poisson_counts_are_independent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samplers, "SHORTFALL", 0.5)
    p = [0.3, 0.7]
    found = law_of(lambda chance: tuples(draw_counts(np.array(p), 2, 2, chance, "poisson")), cuts=cuts(p), most=2)
    same(found, rows(p, 2, 2))


@pytest.mark.parametrize("draws, draws_q", [(1, 1), (2, 1)])
def test_samples_from_truth_and_model_are_independent(draws: int, draws_q: int) -> None:
    p, q = [0.3, 0.7], [0.25, 0.75]

    def both(chance: Chance) -> Hashable:
        drawn = outcomes.draw_outcomes(np.array(p), draws, 1, chance, np.array(q), draws_q)
        assert drawn.counts_q is not None
        return tuples(drawn.counts), tuples(drawn.counts_q)

    exact = {(a, b): x * y for a, x in rows(p, draws, 1).items() for b, y in rows(q, draws_q, 1).items()}
    same(law_of(both), exact)


def fingerprint_law(p: Iterable[float], draws: int) -> dict[Hashable, float]:
    """How often each count occurs among all categories: the law, summed over every count vector."""
    law: dict[Hashable, float] = {}
    for counts, probability in multinomial(draws, p).items():
        met = tuple(sorted(Counter(counts).items()))
        law[met] = law.get(met, 0.0) + probability
    return law


def fingerprint_of(counts: np.ndarray, categories: np.ndarray) -> Hashable:
    met: Counter[int] = Counter()
    for count, times in zip(np.broadcast_to(counts, categories.shape)[0].tolist(), categories[0].tolist(), strict=True):
        met[count] += int(times)
    return tuple(sorted((count, times) for count, times in met.items() if times))


@pytest.mark.parametrize(
    "p",
    [[0.25] * 4, [0.2] * 5, [0.4, 0.4, 0.1, 0.1], [0.5, 0.25, 0.25], [0.5, 0.5, 0.0, 0.0], [1.0]],
    ids=["four", "five", "two levels", "spike", "zeros", "one"],
)
@pytest.mark.parametrize("draws", [1, 2, 4])
@pytest.mark.parametrize("ratio", [0, 8], ids=["grouped", "not grouped"])
def test_fingerprints_of_few_draws_have_their_law(
    p: list[float], draws: int, ratio: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "BATCH", 1)
    monkeypatch.setattr(levels, "CATEGORIES_PER_COUNT", ratio)
    found = levels.ProbabilityLevels.of(np.array(p))
    assert found is not None
    law = law_of(lambda chance: fingerprint_of(*levels.draw_fingerprints(found, draws, 1, chance)))
    same(law, fingerprint_law(p, draws))


@pytest.mark.slow
@pytest.mark.parametrize("size, draws", [(1, 2), (2, 3), (3, 4), (4, 3), (5, 4), (3, 6)])
@pytest.mark.parametrize("shortfall", [0.4, 1.0])
def test_a_fingerprint_by_poisson_counts_has_its_law_if_that_of_the_draws_still_missing_has(
    size: int, draws: int, shortfall: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_poisson, honest = levels._poisson_fingerprints, levels._fingerprints
    calls: list[int] = []

    def once(rate: np.ndarray, size: int, chance: Chance) -> np.ndarray:
        # A sample with too many draws is drawn anew in the same way: its law is that of the samples kept at once.
        calls.append(size)
        if len(calls) > 1:
            raise CutError
        return by_poisson(rate, size, chance)

    def missing(draws: np.ndarray, size: int, chance: Chance) -> np.ndarray:
        met = dict(chance.choice(fingerprint_law([1 / size] * size, int(draws[0])).items()))
        return np.array([[met.get(count, 0) for count in range(int(draws[0]) + 1)]])

    def one(chance: Chance) -> Hashable:
        calls.clear()
        found = honest(np.array([draws]), size, chance)
        return fingerprint_of(np.arange(found.shape[1]), found)

    monkeypatch.setattr(levels, "_poisson_fingerprints", once)
    monkeypatch.setattr(levels, "_fingerprints", missing)
    monkeypatch.setattr(levels, "_FEW", 0)
    monkeypatch.setattr(levels, "SHORTFALL", shortfall)
    # Counts above the draws are never kept, so that leaving them out changes nothing.
    rate = (draws - shortfall * draws**0.5) / size
    beyond = rate ** (draws + 1) / factorial(draws + 1) / max(1.0, rate ** int(rate) / factorial(int(rate)))
    monkeypatch.setattr(levels, "_NEGLIGIBLE", beyond * 1.0001)
    law, over = law_of(one)
    assert 0 <= over < 0.5
    same(({met: p / (1 - over) for met, p in law.items()}, 0.0), fingerprint_law([1 / size] * size, draws))


@pytest.mark.parametrize("weights", [[0.3, 0.7], [0.5, 0.2, 0.3], [0.0, 1.0]])
@pytest.mark.parametrize("replicates", [1, 2, 3, 4, 5])
def test_multiplicities_are_those_of_independent_replicates(
    weights: list[float], replicates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "FIRST_LEVEL", 4)

    def one(chance: Chance) -> Hashable:
        monkeypatch.setattr(outcomes, "stream", lambda *address: chance)
        return tuple(outcomes.multiplicities(np.array(weights), replicates, 1, 2).astype(int).tolist())

    if replicates == 5:  # of which a level of 36 begins: the end of it, cut by halves, is one replicate
        monkeypatch.setattr(outcomes, "LEVEL_GROWTH", 2)
    same(law_of(one), multinomial(replicates, weights))


def test_the_flips_in_a_word_are_heads_with_probability_p() -> None:
    for p in (0.0, 1.0, 0.5, 0.3, 1 / 256, 0.999, 1e-3):
        whole, tie = divmod(Fraction(p) * 256, 1)

        class Bytes:
            def __init__(self, below: float) -> None:
                self._below = below

            def integers(self, low: int, high: int, size: int, dtype: type) -> np.ndarray:
                return np.arange(256, dtype=np.uint8).view(np.uint64)

            def random(self, size: int) -> np.ndarray:
                return np.full(size, self._below)

        # Every value of the byte once; on a tie, a uniform number on either side of what is left of p.
        for below, tied in ((np.nextafter(float(tie), -1), 1), (float(tie), 0)):
            if 0 <= below < 1:
                words = _bernoulli_words(p, (1, 4), Bytes(float(below)))
                assert int(np.bitwise_count(words).sum()) == whole + (tied if p < 1 else 0)


def test_heads_at_every_checkpoint_are_those_among_so_many_flips(monkeypatch: pytest.MonkeyPatch) -> None:
    words: list[np.ndarray] = []

    def drawn(p: float, shape: tuple[int, int], generator: np.random.Generator) -> np.ndarray:
        words.append(generator.integers(0, 2**64, size=shape, dtype=np.uint64))
        return words[-1]

    monkeypatch.setattr(flips, "_bernoulli_words", drawn)
    checkpoints = [1, 2, 63, 64, 65, 1000, 2047, 2048, 2049, 9000]
    heads = flips._flip(0.5, checkpoints, np.random.default_rng(1))
    bits = np.unpackbits(np.concatenate(words, axis=1).astype("<u8").view(np.uint8), axis=1, bitorder="little")
    for column, checkpoint in enumerate(checkpoints):
        assert (heads[:, column] == bits[:, :checkpoint].sum(axis=1)).all()


@pytest.mark.parametrize("p", [*PMFS.values(), [0.5, 0.5, 0.0], [0.1] * 10, [0.2, 0.3 + 4e-10, 0.5]])
def test_every_roll_of_a_path_is_a_draw_and_paths_go_on(p: list[float]) -> None:
    given, edges = np.array(p), (np.cumsum(p) / np.cumsum(p)[-1]).tolist()
    p = [each / sum(p) for each in p]

    def path(chance: Chance) -> Hashable:
        return tuples(_roll(given, [1, 3] if len(p) < 5 else [1, 2], chance))

    first, more = multinomial(1, p), multinomial(2 if len(p) < 5 else 1, p)
    exact = {
        (a, tuple(x + y for x, y in zip(a, b, strict=True))): pa * pb
        for (a, pa), (b, pb) in product(first.items(), more.items())
    }
    same(law_of(path, cuts=edges), exact)


@pytest.mark.parametrize("counts, size", [([2, 1], 1), ([2, 2], 2), ([1, 2, 1], 3)])
def test_mini_batches_are_those_of_shuffled_draws(counts: list[int], size: int) -> None:
    draws = [k for k, n in enumerate(counts) for _ in range(n)]
    exact: dict[Hashable, float] = {}
    orders = list(permutations(draws))
    for order in orders:
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        seen = tuple(tuple(batch.count(k) / len(batch) for k in range(len(counts))) for batch in batches)
        exact[seen] = exact.get(seen, 0.0) + 1 / len(orders)

    def batches_of(chance: Chance) -> Hashable:
        steps = -(-len(draws) // size)
        trace = mini_batches(np.array(counts), np.zeros(len(counts)), steps, lambda step: 1.0, size, chance)
        # With a step of one, the gradient q − p̂ of each batch is what the logits lost.
        lost = -np.diff(trace, axis=0)
        q = np.array([softmax(logits) for logits in trace[:-1]])
        shares = q - lost
        if len(counts) == 2:
            shares[:, 1] = 1 - shares[:, 0]
        return tuple(tuple(float(x) for x in row) for row in np.round(shares, 12))

    rounded = {tuple(tuple(round(x, 12) for x in batch) for batch in seen): p for seen, p in exact.items()}
    same(law_of(batches_of), rounded)
