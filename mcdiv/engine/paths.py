"""The literal experiments of a study, draw by draw: what the relative frequencies are after so many draws."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.distributions import Distribution
from mcdiv.core.flips import checkpoints_of, simulate_paths_in_batches
from mcdiv.engine.plan import Plan, address_of
from mcdiv.engine.quantities import Quantities, quantities

#: probabilities that are looked at together
_ENTRIES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Some experiments of one truth and model: a row per path and checkpoint, path by path; shape (R,)."""

    truth: Distribution
    model: Distribution | None
    #: number of the experiment, from 1, and its draws so far
    path: Counts
    sample_size: Counts
    #: draws of the first category, and their share
    heads: Counts
    p_hat: Array
    #: Σ |p̂ − p|/2
    total_variation: Array
    #: at P̂ and Q, or at P̂ and Q̂ where the model is sampled
    quantities: Quantities


def simulate_paths(plan: Plan) -> Iterator[Paths]:
    """The experiments of every truth and model; a sampled model is drawn as often as the truth."""
    scenario = plan.scenario
    checkpoints = checkpoints_of(max(scenario.sample_sizes), scenario.sample_sizes)
    for truth, model in plan.pairs if scenario.paths else ():
        counts = simulate_paths_in_batches(
            truth.pmf(), scenario.paths, checkpoints, plan.seed, address_of("paths", truth.content)
        )
        drawn: Iterator[Counts | None] = itertools.repeat(None)
        if model is not None and scenario.model_sample_sizes:
            place = address_of("paths of the model", truth.content, model.content)
            drawn = simulate_paths_in_batches(model.pmf(), scenario.paths, checkpoints, plan.seed, place)
        before = 0
        for some, of_model in zip(counts, drawn, strict=False):
            yield from _parts(truth, model, some, of_model, before, np.asarray(checkpoints))
            before += len(some)


def _parts(
    truth: Distribution, model: Distribution | None, counts: Counts, counts_q: Counts | None, before: int, sizes: Counts
) -> Iterator[Paths]:
    """Counts (paths, checkpoints, K) of experiments after the first `before`, some rows at a time."""
    paths, steps, categories = counts.shape
    rows, drawn = counts.reshape(-1, categories), None if counts_q is None else counts_q.reshape(-1, categories)
    number = np.repeat(before + np.arange(1, paths + 1), steps)
    size = np.tile(sizes, paths)
    many = max(1, _ENTRIES // categories)
    for start in range(0, len(rows), many):
        some = slice(start, start + many)
        p_hat = rows[some] / rows[some].sum(axis=-1, keepdims=True)
        q = None if model is None else model.pmf()
        if drawn is not None:
            q = drawn[some] / drawn[some].sum(axis=-1, keepdims=True)
        yield Paths(
            truth=truth,
            model=model,
            path=number[some],
            sample_size=size[some],
            heads=rows[some, 0],
            p_hat=p_hat[:, 0],
            total_variation=np.abs(p_hat - truth.pmf()).sum(axis=-1) / 2,
            quantities=quantities(p_hat, q),
        )
