"""Weights or probabilities in place of counts: the plug-in, and nothing that needs the number of draws."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from mcdiv.core.arrays import Pmf
from mcdiv.core.number_format import counted
from mcdiv.estimands.contract import estimand_of, scale_of
from mcdiv.observed.question import Observed


def values_at(observed: Observed) -> Iterator[tuple[str, float]]:
    """Every estimand that was asked for, at the probabilities themselves, in the scenario's units."""
    pmf, q = observed.pmf, observed.sample.q
    assert pmf is not None
    for estimand in observed.scenario.resolved_estimands():
        value = estimand_of(estimand).value(pmf[np.newaxis], q)
        yield estimand, float(np.ravel(value)[0]) / scale_of(estimand, observed.scenario.units)


def summary_of(pmf: Pmf) -> dict[str, Any]:
    """What `count_summary` says of counts, as far as it is known of probabilities."""
    unknown = dict.fromkeys(("draws", "singletons", "coverage"), math.nan)
    return unknown | {"seen": int((pmf > 0).sum()), "categories": len(pmf)}


def pmf_sentences(pmf: Pmf) -> Iterator[str]:
    """That nobody knows of how many draws they are, and what follows."""
    above = counted(int((pmf > 0).sum()), "category", "categories")
    yield (
        f"{above} above 0. These are the values at these probabilities. If the probabilities are estimates from draws, "
        "the values have a bias and a standard error that depend on the number of draws, which is not known: give it "
        "with --draws."
    )
