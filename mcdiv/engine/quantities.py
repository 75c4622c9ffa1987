"""The three quantities at given pmfs by our formulas, and by SciPy's as an independent check; all in nats.

This is the only place outside the tests where scipy.stats is used, and nothing here is computed from it.
"""

from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.rows import cross_entropy_nats, entropy_nats, kl_divergence_nats


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """Of rows of pmfs, each of shape (R,), in nats; NaN where there is no model."""

    entropy: Array
    kl_divergence: Array
    cross_entropy: Array
    scipy_entropy: Array
    scipy_kl_divergence: Array
    scipy_cross_entropy: Array


def quantities(p: Array, q: Array | None) -> Quantities:
    """H(P), KL(P‖Q) and H(P, Q) of pmfs in rows, shape (R, K)."""
    from scipy import stats  # takes longer to load than everything else

    plain: Array = np.asarray(stats.entropy(p, axis=-1))
    if q is None:
        missing = np.full(len(p), np.nan)
        return Quantities(
            entropy=entropy_nats(p),
            kl_divergence=missing,
            cross_entropy=missing,
            scipy_entropy=plain,
            scipy_kl_divergence=missing,
            scipy_cross_entropy=missing,
        )
    relative: Array = np.asarray(stats.entropy(p, np.broadcast_to(q, p.shape), axis=-1))
    return Quantities(
        entropy=entropy_nats(p),
        kl_divergence=kl_divergence_nats(p, q),
        cross_entropy=cross_entropy_nats(p, q),
        scipy_entropy=plain,
        scipy_kl_divergence=relative,
        scipy_cross_entropy=plain + relative,
    )
