"""What `mcdiv fit` finds: a model learnt from N draws by every method asked for, and what each step of it costs.

Per step the identity H(P, Q) = KL(P‖Q) + H(P) twice: with P̂ for P, which is what is minimised, and with
the truth, which is what was wanted. All in nats.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from mcdiv.core import learning
from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.distributions import Distribution
from mcdiv.core.flips import simulate_paths
from mcdiv.core.outcomes import stream
from mcdiv.core.rows import cross_entropy_nats, entropy_nats, kl_divergence_nats
from mcdiv.engine.exact import SamplingDesign, exact_bias, exact_variance
from mcdiv.engine.plan import Plan, address_of
from mcdiv.errors import ScenarioProblem
from mcdiv.estimators.registry import find
from mcdiv.scenario.recipe import Learning

#: draws that are made one by one; steps of all fits, and probabilities in them
MAX_SAMPLE, MAX_ROWS, MAX_ENTRIES = 10**7, 10**6, 2**26


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """The data of one fit, and what is known of such data without looking at them."""

    truth: Distribution
    #: where learning starts; None is the uniform pmf
    model: Distribution | None
    #: shape (K,), the counts of the first N draws of the scenario's first literal experiment
    counts: Counts
    #: E H(P̂) − H(P) over all samples of this size, exact
    floor_bias: float
    #: standard deviation of H(P̂), exact; NaN where it cannot be had
    floor_sd: float

    @property
    def sample_size(self) -> int:
        """N."""
        return int(self.counts.sum())

    @property
    def p_hat(self) -> Pmf:
        """The relative frequencies, shape (K,)."""
        return np.asarray(self.counts / self.counts.sum())

    @property
    def expected_unseen(self) -> float:
        """How many possible categories a sample of this size misses on average: Σ (1 − p_k)^N, exact."""
        p = self.truth.pmf()
        return float(((1 - p[p > 0]) ** self.sample_size).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Cross-entropy, divergence and entropy of one P and the Q of every step, each by its own formula; shape (T,)."""

    cross_entropy: Array
    kl_divergence: Array
    entropy: float

    @property
    def residual(self) -> Array:
        """H(P, Q) − KL(P‖Q) − H(P): roundings; NaN where two of them are infinite."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.cross_entropy - self.kl_divergence - self.entropy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One descent: step 0 is the start."""

    flips: Flips
    method: str
    #: None where the method has none
    learning_rate: float | None
    batch_size: int | None
    #: the model at each step, shape (T, K)
    q: Pmf
    #: against P̂, and against the truth
    empirical: Sums
    true: Sums
    #: Euclidean length of the loss's gradient in the logits, shape (T,)
    gradient: Array
    #: largest difference between the gradients of H(P̂, Q) and of KL(P̂‖Q) in the logits, shape (T,)
    gradient_difference: Array

    @property
    def distance(self) -> Array:
        """How far Q is from P̂, the largest |q_k − p̂_k|; shape (T,)."""
        return np.asarray(np.abs(self.q - self.flips.p_hat).max(axis=-1))

    def arrival(self, tolerance: float) -> int | None:
        """The first step from which on Q stays within `tolerance` of P̂, if there is one."""
        outside = np.flatnonzero(~(self.distance <= tolerance))
        first = int(outside[-1]) + 1 if len(outside) else 0
        return first if first < len(self.q) else None


def learning_problems(plan: Plan) -> list[ScenarioProblem]:
    """Why the scenario's models cannot be learnt, where it asks for that."""
    scenario, recipe = plan.scenario, plan.scenario.learning
    if recipe is None:
        return []
    problems = []
    for model in scenario.model:
        if not model.pmf().all():
            text = f"learning starts at the model, and {model.label} has a probability of 0, whose logit is −∞"
            problems.append(ScenarioProblem(path=("model",), message=text))
    for i, size in enumerate(scenario.sample_sizes):
        if size > MAX_SAMPLE:
            text = f"a model is learnt from at most 10^7 draws, got {size}"
            problems.append(ScenarioProblem(path=("sample_sizes", i), message=text))
    places = {(condition.truth, condition.model, condition.sample_size) for condition in plan.conditions}
    rows = (recipe.steps + 1) * len(_settings(recipe)) * len(places)
    if rows > MAX_ROWS:
        problems.append(_too_long(f"{rows:,} steps would be kept, at most {MAX_ROWS:,} are"))
    entries = rows * max(truth.categories for truth in scenario.truth)
    if entries > MAX_ENTRIES:
        problems.append(_too_long(f"{entries:,} probabilities would be kept, at most {MAX_ENTRIES:,} are"))
    return problems


def fits(plan: Plan) -> Iterator[Fit]:
    """Every fit, in the order of the table: truth, model, sample size, method, learning rate, batch size."""
    recipe, seed = plan.scenario.learning or Learning(), plan.seed
    conditions, sizes = plan.conditions, sorted(plan.scenario.sample_sizes)
    for truth in dict.fromkeys(condition.truth for condition in conditions):
        # The first path of the literal experiments, so that more draws are the same ones and then some.
        path = simulate_paths(truth.pmf(), 1, sizes, seed, address_of("paths", truth.content))[0]
        counts = dict(zip(sizes, path, strict=True))
        for model, size in dict.fromkeys((c.model, c.sample_size) for c in conditions if c.truth == truth):
            flips = _flips(truth, model, counts[size])
            tried = dict.fromkeys(
                (method, rate, None if batch is None else min(batch, size)) for method, rate, batch in _settings(recipe)
            )
            for method, rate, batch in tried:
                yield _fit(flips, recipe, method, rate, batch, seed)


def _settings(recipe: Learning) -> list[tuple[str, float | None, int | None]]:
    """(method, learning rate, batch size), with None for what a method has not."""
    found: list[tuple[str, float | None, int | None]] = []
    for method in recipe.method:
        rates: list[float | None] = [None] if method == "newton" else [float(rate) for rate in recipe.learning_rate]
        batches: list[int | None] = list(recipe.batch_size) if method == "sgd" else [None]
        found += [(method, rate, batch) for rate in rates for batch in batches]
    return found


def _flips(truth: Distribution, model: Distribution | None, counts: Counts) -> Flips:
    entry = find("entropy", "plugin", "sample")
    assert entry is not None
    sampling = SamplingDesign.of(truth.pmf(), None, int(counts.sum()))
    bias = exact_bias(entry, {}, sampling)
    variance = exact_variance(entry, {}, sampling)
    return Flips(
        truth=truth,
        model=model,
        counts=counts,
        floor_bias=math.nan if bias is None else bias,
        floor_sd=math.sqrt(variance) if variance >= 0 else math.nan,
    )


def _fit(flips: Flips, recipe: Learning, method: str, rate: float | None, batch: int | None, seed: int) -> Fit:
    p_hat, truth = flips.p_hat, flips.truth.pmf()
    start = flips.model.pmf() if flips.model else np.full(len(truth), 1 / len(truth))
    trace = _descend(flips, recipe, learning.logits_of(start), method, rate, batch, seed)
    q = learning.softmax(trace)
    slope = learning.cross_entropy_gradient(trace, p_hat)
    other = learning.kl_divergence_gradient(trace, p_hat)
    return Fit(
        flips=flips,
        method=method,
        learning_rate=rate,
        batch_size=batch,
        q=q,
        empirical=_sums(p_hat, q),
        true=_sums(truth, q),
        gradient=np.sqrt((slope**2).sum(axis=-1)),
        gradient_difference=np.abs(slope - other).max(axis=-1),
    )


def _descend(
    flips: Flips, recipe: Learning, start: Array, method: str, rate: float | None, batch: int | None, seed: int
) -> Array:
    """The logits at every step, shape (T, K)."""
    size = partial(_step_size, rate or 0.0, recipe.decay)
    if method == "newton":
        return learning.newton(flips.p_hat, start, recipe.steps)
    if method == "gradient_descent":
        return learning.gradient_descent(flips.p_hat, start, recipe.steps, size)
    assert batch is not None
    # The same batches whatever the step size: fits that differ in it are compared on the same luck.
    place = address_of("mini-batches", flips.truth.content, str(flips.sample_size), str(batch))
    return learning.mini_batches(flips.counts, start, recipe.steps, size, batch, stream(seed, place))


def _step_size(rate: float, decay: float, step: int) -> float:
    return rate / (1 + decay * step)


def _sums(p: Pmf, q: Pmf) -> Sums:
    return Sums(
        cross_entropy=cross_entropy_nats(p, q),
        kl_divergence=kl_divergence_nats(p, q),
        entropy=float(entropy_nats(p)),
    )


def _too_long(message: str) -> ScenarioProblem:
    return ScenarioProblem(path=("learning", "steps"), message=f"{message}; use fewer")
