"""What a person reads at the end of a fit: a line per fit, and what the numbers show, a sentence each."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from mcdiv.core.number_format import counted, rounded_up
from mcdiv.core.rows import cross_entropy_nats, kl_divergence_nats
from mcdiv.core.units import nats_per
from mcdiv.engine.learning import Fit, Flips

HEADER = ("N", "p̂", "method", "arrived at step", "loss H(P̂, Q)", "floor H(P̂)", "KL(P̂‖Q)", "KL(P‖Q)")
MAX_LINES = 18
#: sizes below which a difference is a rounding and no finding
_ROUNDING = 1e-9


def caption(fits: Sequence[Fit], units: str, tolerance: float) -> str:
    """What the table shows."""
    flips = fits[0].flips
    start = flips.model.label if flips.model else f"uniform(k={len(flips.counts)})"
    others = len({(fit.flips.truth, fit.flips.model) for fit in fits}) - 1
    more = f"; {counted(others, 'more setting')} in learning_summary.csv" if others else ""
    arrived = f"arrived: every |q − p̂| ≤ {_figure(tolerance)}"
    return f"P = {flips.truth.label}, start Q = {start}, {fits[0].q.shape[0] - 1} steps ({units}; {arrived}{more})"


def lines(fits: Sequence[Fit], units: str, tolerance: float) -> list[tuple[str, ...]]:
    """A line per fit of the first setting."""
    unit = nats_per(units)
    found = []
    for fit in _first_setting(fits)[:MAX_LINES]:
        arrived = fit.arrival(tolerance)
        values = (fit.empirical.cross_entropy[-1], fit.empirical.entropy, fit.empirical.kl_divergence[-1])
        found.append(
            (
                f"{fit.flips.sample_size:,}",
                f"{fit.flips.p_hat[0]:.4g}" if len(fit.flips.counts) == 2 else "–",
                name_of(fit),
                "–" if arrived is None else str(arrived),
                *(_figure(value / unit) for value in (*values, fit.true.kl_divergence[-1])),
            )
        )
    return found


def sentences(fits: Sequence[Fit], units: str, tolerance: float) -> Iterator[str]:
    """The proof by numbers, where each method got to, and what finite data add."""
    yield _proof(fits, units)
    chosen = _first_setting(fits)
    yield from _arrivals(chosen, tolerance)
    seen: dict[int, Flips] = {fit.flips.sample_size: fit.flips for fit in chosen}
    for size in dict.fromkeys((min(seen), max(seen))):
        yield from _finite_data(seen[size], units)


def name_of(fit: Fit) -> str:
    """The method with its step size and batches: sgd, rate 0.5, batches of 10."""
    rate = "" if fit.learning_rate is None else f", rate {fit.learning_rate:g}"
    return fit.method + rate + ("" if fit.batch_size is None else f", batches of {fit.batch_size:,}")


def _proof(fits: Sequence[Fit], units: str) -> str:
    """Residuals and gradients over all steps of all fits."""
    unit = nats_per(units)
    residuals = np.concatenate([np.abs([*fit.empirical.residual, *fit.true.residual]) for fit in fits]) / unit
    gradients = np.concatenate([fit.gradient_difference for fit in fits]) / unit
    steps, defined = sum(len(fit.q) for fit in fits), residuals[np.isfinite(residuals)]
    apart = _figure(rounded_up(gradients.max()))
    slopes = (
        f"gradients of H(P̂, Q) and KL(P̂‖Q) in the logits differ by at most {apart}: minimising one minimises the other."
    )
    if not len(defined):
        return f"The {slopes}"
    where = "At all" if len(defined) == len(residuals) else "Where the values are finite, at"
    within = f"{_figure(rounded_up(defined.max()))} {units}"
    return f"{where} {steps:,} steps H(P, Q) − KL(P‖Q) − H(P) is 0 to within {within}, for P̂ as for P, and the {slopes}"


def _arrivals(fits: Sequence[Fit], tolerance: float) -> Iterator[str]:
    """Where the methods got to, on the smallest sample."""
    size = min(fit.flips.sample_size for fit in fits)
    chosen = [fit for fit in fits if fit.flips.sample_size == size]
    flips = chosen[0].flips
    goal = "p̂" if len(flips.counts) == 2 else "P̂"
    reached = []
    for fit in chosen:
        arrived = fit.arrival(tolerance)
        how = counted(arrived, "step") if arrived is not None else f"not reached, {fit.distance[-1]:.1g} away"
        reached.append(f"{name_of(fit)}: {how}")
    yield (
        f"At N = {size:,} the minimiser is {goal}, the data's own frequencies. Steps until within "
        f"{_figure(tolerance)} of it: {'; '.join(reached)}."
    )
    if not flips.counts[flips.truth.pmf() > 0].all():
        yield (
            "A category of P was never drawn: the loss keeps falling as its q goes to 0, at a logit of −∞, where the "
            "cross-entropy with P is infinite."
        )


def _finite_data(flips: Flips, units: str) -> Iterator[str]:
    """The floor against H(P), here and on average; the minimiser against the truth."""
    unit, truth, p_hat = nats_per(units), flips.truth.pmf(), flips.p_hat
    floor = float(cross_entropy_nats(p_hat, p_hat)) / unit
    entropy = float(cross_entropy_nats(truth, truth)) / unit
    gap = floor - entropy
    where = "equal to" if abs(gap) < _ROUNDING else f"{_figure(abs(gap))} {'below' if gap < 0 else 'above'}"
    text = (
        f"At N = {flips.sample_size:,} the floor is H(P̂) = {_figure(floor)} {units}, {where} H(P) = {_figure(entropy)}"
    )
    if math.isfinite(flips.floor_bias):
        text += f"; averaged over all samples of this size it is {_figure(-flips.floor_bias / unit)} below"
        text += f", with sd {_figure(flips.floor_sd / unit)}" if math.isfinite(flips.floor_sd) else ""
        text += " (exact)"
    yield text + "."
    cost = float(kl_divergence_nats(truth, p_hat)) / unit
    yield (
        f"Measured against P, that minimiser costs KL(P‖P̂) = {_figure(cost)} {units} more than H(P), however long the "
        "descent on these data goes on."
    )


def _first_setting(fits: Sequence[Fit]) -> list[Fit]:
    first = fits[0].flips
    return [fit for fit in fits if (fit.flips.truth, fit.flips.model) == (first.truth, first.model)]


def _figure(value: float) -> str:
    if not math.isfinite(value):
        return "∞"
    return f"{value + 0.0:.6g}".replace("-", "−")
