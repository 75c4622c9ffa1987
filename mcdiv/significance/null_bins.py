"""The law of a statistic where nothing differs, in bins of one width: what a picture shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, chdtri

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.outcomes import stream
from mcdiv.significance.columns import law_of_samples, law_of_tables
from mcdiv.significance.margins import Simulator, simulator_of_samples, simulator_of_tables
from mcdiv.significance.p_values import LIMITS, Precision
from mcdiv.significance.partial_sums import ExactLaw
from mcdiv.significance.statistics import chi_squared_scale, reaches
from mcdiv.significance.tested import Tested

#: bins, about, replicates of a simulated law, and the probability of larger values that a picture leaves out, about
BINS, REPLICATES, TAIL = 48, 50_000, 1e-3
#: an observed value is in the picture up to so many times the end of the law
FAR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NullBins:
    """Probabilities of bins of one width from 0 on; the observed value is an edge, if it is not far off."""

    #: ascending, shape (B + 1,)
    edges: Array
    #: shape (B,); a value on an edge belongs to the bin above
    probabilities: Array
    #: the same by the χ² approximation; None where there is none
    chi_squared: Array | None
    #: P(T = ∞)
    infinite: float
    #: 0 where it is exact
    replicates: int


def bins_of_table(tested: Tested, table: Counts, precision: Precision) -> NullBins:
    """Of tables with the same margins, shape (R, K)."""
    kept = table[table.any(axis=1)][:, table.any(axis=0)]
    law = law_of_tables(tested.name, kept, LIMITS[precision.method])
    scale = chi_squared_scale(tested.name, *tested.sample_sizes[:2])
    return _bins(tested, law, lambda: simulator_of_tables(tested.name, kept), scale, precision)


def bins_of_model(tested: Tested, q: Pmf, precision: Precision) -> NullBins:
    """Of samples from Q, shape (K,)."""
    (draws,), q = tested.sample_sizes, q[q > 0] / q.sum()
    law = law_of_samples(tested.name, q, draws, LIMITS[precision.method])
    scale = chi_squared_scale(tested.name, draws)
    return _bins(tested, law, lambda: simulator_of_samples(tested.name, q, draws), scale, precision)


def _bins(
    tested: Tested, law: ExactLaw | None, simulator: Callable[[], Simulator], scale: float | None, precision: Precision
) -> NullBins:
    reaching, ends = _exact(law) if law else _simulated(simulator(), precision.seed)
    ends = [*ends, float(chdtri(tested.degrees_of_freedom, TAIL) / scale) if scale else 0.0]
    top = max((float(end) for end in ends if 0 < end < math.inf), default=1.0)
    edges = edges_of(top, tested.statistic)
    tails = np.array([reaching(float(edge)) for edge in edges])
    return NullBins(
        edges=edges,
        probabilities=-np.diff(tails),
        chi_squared=None if scale is None else -np.diff(chdtrc(tested.degrees_of_freedom, scale * edges)),
        infinite=reaching(math.inf),
        replicates=0 if law else REPLICATES,
    )


def _exact(law: ExactLaw) -> tuple[Callable[[float], float], list[float]]:
    """P(T ≥ value), and values beyond which little is left."""
    return lambda value: float(law.reaching(value)[0]), [law.critical_value(rate) for rate in (TAIL, 0.05, 0.5)]


def _simulated(simulate: Simulator, seed: int) -> tuple[Callable[[float], float], list[float]]:
    # Not the streams of the p-value: the picture is another sample of the same law.
    values = np.sort(simulate(REPLICATES, stream(seed, 2**31)))
    ends = np.quantile(values, [0.5, 0.95, 1 - TAIL], method="lower").tolist()
    return lambda value: float(reaches(values, value).mean()), ends


def edges_of(top: float, observed: float) -> Array:
    """Of bins of one width from 0 to a little more than `top`; the observed value is one of them, if it is near."""
    if not 0 < observed <= FAR * top:
        return np.linspace(0.0, 1.05 * top, BINS + 1)
    top = 1.05 * max(top, observed)
    before = max(1, math.floor(observed / top * BINS))
    edges = np.arange(math.ceil(top / observed * before) + 1, dtype=np.float64) * (observed / before)
    edges[before] = observed
    return np.asarray(edges)
