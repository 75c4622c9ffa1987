"""Whether an estimator or an interval has something to do in a scenario, and the reason if it has not."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mcdiv.core.arrays import Sample
from mcdiv.errors import Fault, Remedy, What
from mcdiv.estimands.contract import USUAL_ESTIMANDS, estimand_of
from mcdiv.estimators.entry import Design
from mcdiv.estimators.registry import entries_of, find, names
from mcdiv.intervals.contract import INTERVALS
from mcdiv.scenario.choices import Choice


def reason_unsupported(choice: Choice, data: Mapping[str, Any]) -> What | None:
    """Why an estimator has nothing to estimate in this scenario, or None if it has."""
    if wrong := _contradiction(choice):
        return f"{choice.label}: {wrong}"
    if data["drawn_from"] is not None:
        return _reason_off_policy(choice.name, data["estimands"] or USUAL_ESTIMANDS)
    return _reason_without_design(choice, data)


def _contradiction(choice: Choice) -> str:
    """Which parameters exclude each other, where an estimator that ships and knows both pmfs says so."""
    coin = np.array([0.5, 0.5])
    for estimand in ("kl_divergence", "kl_gradient(category=0)"):
        entry = find(estimand, choice.name, "pmfs_known")
        if entry is not None and entry.module.startswith("mcdiv."):
            try:
                entry.evaluate(Sample(counts=np.array([1, 1]), p=coin, q=coin), dict(choice.parameters))
            except ValueError as error:
                return str(error)
    return ""


def _reason_without_design(choice: Choice, data: Mapping[str, Any]) -> What | None:
    """The same where samples are drawn from the truth: it needs other samples, or estimates something else."""
    has_model, sampled = bool(data["model"]), bool(data["model_sample_sizes"])
    estimands = data["estimands"] or USUAL_ESTIMANDS
    usable = [e for e in estimands if has_model or not estimand_of(e).needs_model]
    if any(find(e, choice.name, d) for e in usable for d in designs_of(e, known=not sampled)):
        return None
    other = any(find(e, choice.name, d) for e in estimands for d in designs_of(e, known=sampled))
    either = other or any(find(e, choice.name, d) for e in estimands for d in designs_of(e, known=not sampled))
    if not has_model and either:
        return Fault(f"{choice.name} needs a model", remedy=Remedy("give", "model"))
    if other and not sampled:
        return Fault(f"{choice.name} needs a sampled model", remedy=Remedy("give", "model_sample_sizes"))
    if other:
        return Fault(f"{choice.name} needs a known model", remedy=Remedy("leave out", "model_sample_sizes"))
    return f"{choice.name} does not estimate {' or '.join(estimands)}"


def _reason_off_policy(name: str, estimands: Sequence[str]) -> str | None:
    """The same of a scenario whose samples are not drawn from the truth."""
    able = [other for other in names() if any(find(e, other, "pmfs_known") for e in estimands)]
    if name in able:
        return None
    if any(entry.design == "pmfs_known" for entry in entries_of(name)):
        return f"{name} does not estimate {' or '.join(estimands)}"
    left = f"; with 'drawn_from' there are {', '.join(able)}" if able else ""
    return f"{name} takes the draws for draws from P, as it does not know P and Q{left}"


def reason_interval_unsupported(choice: Choice, data: Mapping[str, Any]) -> str | None:
    """Why an interval has nothing to do in this scenario, or None if it has."""
    rule, known = INTERVALS[choice.name], not data["model_sample_sizes"]
    estimands = [e for e in data["estimands"] or USUAL_ESTIMANDS if data["model"] or not estimand_of(e).needs_model]
    misfits = [
        rule.reason_unsupported(estimand, designs_of(estimand, known=known)[0], truth.categories)
        for estimand in estimands
        for truth in data["truth"]
    ]
    return misfits[0] if all(misfits) else None


def designs_of(estimand: str, *, known: bool, off_policy: bool = False) -> tuple[Design, ...]:
    """The designs in which an estimand is estimated; with a model, whether it is `known`.

    Where samples are not drawn from the truth (`off_policy`), the one whose estimators know both pmfs.
    """
    if off_policy:
        return ("pmfs_known",)
    if not estimand_of(estimand).needs_model:
        return ("sample",)
    return ("model_known", "pmfs_known") if known else ("model_sampled",)
