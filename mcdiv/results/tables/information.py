"""The three quantities at given pmfs as tables, beside SciPy's answers."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mcdiv.core.units import nats_per
from mcdiv.engine.paths import Paths
from mcdiv.engine.plan import Condition
from mcdiv.engine.quantities import Quantities, quantities
from mcdiv.results.tables.frames import CONDITION, frame, places, typed

_ESTIMANDS = ["entropy", "kl_divergence", "cross_entropy"]
_SCIPY = [f"scipy_{name}" for name in _ESTIMANDS]
DECOMPOSITION = [*CONDITION, *_ESTIMANDS, "residual", *_SCIPY, "max_abs_difference", "unit"]
_VALUES = ["entropy", "cross_entropy", "kl_divergence", "residual", *_SCIPY, "max_abs_difference", "unit"]
CONVERGENCE_COIN = ["scenario", "truth", "model", "path", "sample_size", "heads", "p_hat", *_VALUES]
CONVERGENCE = ["scenario", "truth", "model", "path", "sample_size", "total_variation", *_VALUES]


def decomposition_table(scenario: str, conditions: Iterable[Condition], units: str) -> pd.DataFrame:
    """H(P, Q) = KL(P‖Q) + H(P) at the true pmfs of every condition, beside SciPy's values."""
    computed: dict[tuple[str, str], dict[str, Any]] = {}

    condition_of = places(scenario)

    def record(condition: Condition) -> dict[str, Any]:
        key = (condition.truth.content, condition.model.content if condition.model else "")
        if key not in computed:
            p, q = condition.p[None], None if condition.q is None else condition.q[None]
            computed[key] = {name: values[0] for name, values in _in_units(quantities(p, q), units).items()}
        return condition_of(condition) | computed[key] | {"unit": units}

    return frame((record(condition) for condition in conditions), DECOMPOSITION)


def convergence_table(scenario: str, paths: Iterable[Paths], units: str) -> pd.DataFrame:
    """Literal experiments: a row per path and checkpoint."""
    frames, families = [], set()
    for some in paths:
        frames.append(_paths(scenario, some, units))
        families.add(some.truth.family)
    columns = CONVERGENCE_COIN if families == {"coin"} else CONVERGENCE
    return typed(pd.concat(frames, ignore_index=True)[columns]) if frames else frame([], columns)


def _paths(scenario: str, some: Paths, units: str) -> pd.DataFrame:
    columns = {
        "scenario": scenario,
        "truth": some.truth.label,
        "model": some.model.label if some.model else None,
        "path": some.path,
        "sample_size": some.sample_size,
        "heads": some.heads,
        "p_hat": some.p_hat,
        "total_variation": some.total_variation,
    }
    return pd.DataFrame({**columns, **_in_units(some.quantities, units), "unit": units})


def _in_units(of: Quantities, units: str) -> dict[str, NDArray[np.float64]]:
    """Our values and SciPy's, how far these are apart, and what is left of H(P, Q) = KL(P‖Q) + H(P)."""
    unit = nats_per(units)
    ours = {name: getattr(of, name) / unit for name in _ESTIMANDS}
    theirs = {name: getattr(of, name) / unit for name in _SCIPY}
    # Infinity minus infinity is not a residual: there it stays empty, and equal infinities do not differ.
    with np.errstate(invalid="ignore"):
        residual = ours["cross_entropy"] - (ours["kl_divergence"] + ours["entropy"])
        pairs = [(ours[name], theirs[f"scipy_{name}"]) for name in ours]
        gaps = [np.where(one == other, 0.0, np.abs(one - other)) for one, other in pairs]
    return {**ours, "residual": residual, **theirs, "max_abs_difference": np.fmax.reduce(gaps)}
