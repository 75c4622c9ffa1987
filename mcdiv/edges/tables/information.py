"""The three quantities at given pmfs as tables, beside SciPy's answers, as an independent check.

This is the only place outside the tests where scipy.stats is used, and nothing here is computed from it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.distributions import Distribution
from mcdiv.core.information import cross_entropy_nats, entropy_nats, kl_divergence_nats
from mcdiv.core.units import nats_per
from mcdiv.edges.tables.frames import CONDITION, frame, places, typed
from mcdiv.study.plan import Condition

_ESTIMANDS = ["entropy", "kl_divergence", "cross_entropy"]
_SCIPY = [f"scipy_{name}" for name in _ESTIMANDS]
DECOMPOSITION = [*CONDITION, *_ESTIMANDS, "residual", *_SCIPY, "max_abs_difference", "unit"]
_VALUES = ["entropy", "cross_entropy", "kl_divergence", "residual", *_SCIPY, "max_abs_difference", "unit"]
CONVERGENCE_COIN = ["scenario", "truth", "model", "path", "sample_size", "heads", "p_hat", *_VALUES]
CONVERGENCE = ["scenario", "truth", "model", "path", "sample_size", "total_variation", *_VALUES]
#: probabilities of literal experiments that are looked at together
_ENTRIES = 2**20


def decomposition_table(scenario: str, conditions: Iterable[Condition], units: str) -> pd.DataFrame:
    """H(P, Q) = KL(P‖Q) + H(P) at the true pmfs of every condition, beside SciPy's values."""
    known: dict[tuple[str, str], dict[str, Any]] = {}

    condition_of = places(scenario)

    def record(condition: Condition) -> dict[str, Any]:
        key = (condition.truth.content, condition.model.content if condition.model else "")
        if key not in known:
            p = condition.truth.pmf()[None]
            q = condition.model.pmf()[None] if condition.model else None
            known[key] = {name: values[0] for name, values in _information(p, q, units).items()}
        return condition_of(condition) | known[key] | {"unit": units}

    return frame((record(condition) for condition in conditions), DECOMPOSITION)


def convergence_table(
    scenario: str,
    paths: Iterable[tuple[Distribution, Distribution | None, int, Counts, Counts | None]],
    checkpoints: Sequence[int],
    units: str,
) -> pd.DataFrame:
    """Literal experiments of a truth and a model, some paths at a time.

    How many came before, and the counts (paths, checkpoints, K), of Q too if it is drawn.
    """
    frames, families = [], set()
    for truth, model, before, counts, counts_q in paths:
        frames.append(_paths(scenario, truth, model, before, counts, counts_q, np.asarray(checkpoints), units))
        families.add(truth.family)
    columns = CONVERGENCE_COIN if families == {"coin"} else CONVERGENCE
    return typed(pd.concat(frames, ignore_index=True)[columns]) if frames else frame([], columns)


def _information(p: Array, q: Array | None, units: str) -> dict[str, NDArray[np.float64]]:
    """The three quantities of rows of pmfs in our formulas and in SciPy's, and how far these are apart."""
    unit, missing = nats_per(units), np.full(len(p), np.nan)
    ours = {"entropy": entropy_nats(p), "cross_entropy": missing, "kl_divergence": missing}
    plain: Array = np.asarray(stats.entropy(p, axis=-1))
    theirs = {"entropy": plain, "cross_entropy": missing, "kl_divergence": missing}
    if q is not None:
        ours |= {"cross_entropy": cross_entropy_nats(p, q), "kl_divergence": kl_divergence_nats(p, q)}
        relative: Array = np.asarray(stats.entropy(p, np.broadcast_to(q, p.shape), axis=-1))
        theirs |= {"cross_entropy": plain + relative, "kl_divergence": relative}
    ours = {name: values / unit for name, values in ours.items()}
    theirs = {name: values / unit for name, values in theirs.items()}
    # Infinity minus infinity is not a residual: there it stays empty, and equal infinities do not differ.
    with np.errstate(invalid="ignore"):
        residual = ours["cross_entropy"] - (ours["kl_divergence"] + ours["entropy"])
        gaps = [np.where(ours[name] == theirs[name], 0.0, np.abs(ours[name] - theirs[name])) for name in ours]
    return {
        **ours,
        "residual": residual,
        **{f"scipy_{name}": values for name, values in theirs.items()},
        "max_abs_difference": np.fmax.reduce(gaps),
    }


def _paths(
    scenario: str,
    truth: Distribution,
    model: Distribution | None,
    before: int,
    counts: Counts,
    counts_q: Counts | None,
    checkpoints: NDArray[np.int64],
    units: str,
) -> pd.DataFrame:
    paths, steps, categories = counts.shape
    rows, drawn = counts.reshape(-1, categories), None if counts_q is None else counts_q.reshape(-1, categories)
    size = max(1, _ENTRIES // categories)
    some = [slice(start, start + size) for start in range(0, len(rows), size)]
    parts = [_shares(rows[at], None if drawn is None else drawn[at], truth, model, units) for at in some]
    place = {
        "scenario": scenario,
        "truth": truth.label,
        "model": model.label if model else None,
        "path": np.repeat(before + np.arange(1, paths + 1), steps),
        "sample_size": np.tile(checkpoints, paths),
        "heads": rows[:, 0],
    }
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return pd.DataFrame({**place, **columns, "unit": units})


def _shares(
    rows: Counts, drawn: Counts | None, truth: Distribution, model: Distribution | None, units: str
) -> dict[str, NDArray[np.float64]]:
    """What the shares of categories in some rows of counts say, of Q too if it is drawn."""
    p_hat = rows / rows.sum(axis=-1, keepdims=True)
    q = None if model is None else model.pmf()
    if drawn is not None:
        q = drawn / drawn.sum(axis=-1, keepdims=True)
    distance = np.abs(p_hat - truth.pmf()).sum(axis=-1) / 2
    return {"p_hat": p_hat[:, 0], "total_variation": distance, **_information(p_hat, q, units)}
