"""Fits as tidy tables in the scenario's units: every step of every fit, and a line for each fit."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mcdiv.core.rows import cross_entropy_nats, kl_divergence_nats
from mcdiv.core.units import nats_per
from mcdiv.engine.learning import Fit
from mcdiv.results.tables.frames import typed

FIT = ["scenario", "truth", "model", "categories", "sample_size", "method", "learning_rate", "batch_size"]
LEARNING = [
    *[*FIT, "step", "q_heads", "distance", "cross_entropy", "kl_divergence", "entropy", "residual"],
    *["true_cross_entropy", "true_kl_divergence", "true_entropy", "true_residual"],
    *["gradient", "gradient_difference", "unit"],
]
LEARNING_SUMMARY = [
    *[*FIT, "heads", "p_hat", "p", "steps", "arrived_at", "tolerance", "distance", "unit", "cross_entropy", "floor"],
    *["kl_divergence", "true_entropy", "floor_bias", "exact_floor_bias", "exact_floor_sd", "true_cross_entropy"],
    *["true_kl_divergence", "minimiser_true_cross_entropy", "minimiser_true_kl_divergence", "exact_unseen"],
    *["max_residual", "max_gradient_difference"],
]


def learning_table(scenario: str, fits: Sequence[Fit], units: str) -> pd.DataFrame:
    """A row per step of each fit: what is minimised, and what was wanted."""
    unit = nats_per(units)

    def frame(fit: Fit) -> pd.DataFrame:
        coin = fit.q.shape[1] == 2
        values = {
            "step": np.arange(len(fit.q)),
            "q_heads": fit.q[:, 0] if coin else math.nan,
            "distance": fit.distance,
            "gradient": fit.gradient / unit,
            "gradient_difference": fit.gradient_difference / unit,
            "unit": units,
        }
        for prefix, sums in (("", fit.empirical), ("true_", fit.true)):
            for name in ("cross_entropy", "kl_divergence", "entropy", "residual"):
                values[prefix + name] = getattr(sums, name) / unit
        return pd.DataFrame({**_place(scenario, fit), **values})[LEARNING]

    return typed(pd.concat([frame(fit) for fit in fits], ignore_index=True))


def learning_summary_table(scenario: str, fits: Sequence[Fit], units: str, tolerance: float) -> pd.DataFrame:
    """A row per fit: where it ended, the floor it could not pass, and what finite data add."""
    records = [_place(scenario, fit) | _outcome(fit, units, tolerance) for fit in fits]
    return typed(pd.DataFrame.from_records(records, columns=LEARNING_SUMMARY))


def _outcome(fit: Fit, units: str, tolerance: float) -> dict[str, Any]:
    unit, flips = nats_per(units), fit.flips
    truth, p_hat = flips.truth.pmf(), flips.p_hat
    coin = len(p_hat) == 2
    return {
        "heads": int(flips.counts[0]) if coin else None,
        "p_hat": float(p_hat[0]) if coin else math.nan,
        "p": float(truth[0]) if coin else math.nan,
        "steps": len(fit.q) - 1,
        "arrived_at": fit.arrival(tolerance),
        "tolerance": tolerance,
        "distance": fit.distance[-1],
        "unit": units,
        "cross_entropy": fit.empirical.cross_entropy[-1] / unit,
        "floor": fit.empirical.entropy / unit,
        "kl_divergence": fit.empirical.kl_divergence[-1] / unit,
        "true_entropy": fit.true.entropy / unit,
        "floor_bias": (fit.empirical.entropy - fit.true.entropy) / unit,
        "exact_floor_bias": flips.floor_bias / unit,
        "exact_floor_sd": flips.floor_sd / unit,
        "true_cross_entropy": fit.true.cross_entropy[-1] / unit,
        "true_kl_divergence": fit.true.kl_divergence[-1] / unit,
        "minimiser_true_cross_entropy": float(cross_entropy_nats(truth, p_hat)) / unit,
        "minimiser_true_kl_divergence": float(kl_divergence_nats(truth, p_hat)) / unit,
        "exact_unseen": flips.expected_unseen,
        "max_residual": _largest(np.concatenate([fit.empirical.residual, fit.true.residual])) / unit,
        "max_gradient_difference": _largest(fit.gradient_difference) / unit,
    }


def _place(scenario: str, fit: Fit) -> dict[str, Any]:
    return {
        "scenario": scenario,
        "truth": fit.flips.truth.label,
        "model": fit.flips.model.label if fit.flips.model else f"uniform(k={fit.q.shape[1]})",
        "categories": fit.q.shape[1],
        "sample_size": fit.flips.sample_size,
        "method": fit.method,
        "learning_rate": math.nan if fit.learning_rate is None else fit.learning_rate,
        "batch_size": pd.NA if fit.batch_size is None else fit.batch_size,
    }


def _largest(values: Any) -> float:
    """The largest size, of values where there are any."""
    sizes = np.abs(values)[~np.isnan(values)]
    return float(sizes.max()) if len(sizes) else math.nan
