"""Tests from Python: do samples come from one distribution, or a sample from a known one?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcdiv.core.arrays import as_counts, as_pmf
from mcdiv.core.labels import paired
from mcdiv.core.number_format import counted
from mcdiv.significance.p_values import precision_of
from mcdiv.significance.tested import Tested, tested_model, tested_table

if TYPE_CHECKING:
    from mcdiv.significance.p_values import Method


def test(
    *samples: ArrayLike,
    model: ArrayLike | None = None,
    statistic: str = "g",
    alpha: float = 0.05,
    method: Method = "auto",
    mcse: float = 1e-3,
    seed: int = 1,
) -> Tested:
    """Test whether samples come from one distribution, or whether a sample comes from a known one.

    Parameters
    ----------
    *samples : array_like of whole numbers, shape (K,)
        Counts of each sample over the same K categories. Pandas Series are paired by their labels. A single one of
        shape (K, L) is a table, tested for independence of its rows and columns. Categories without any draws are left
        out, and so are rows of a table.
    model : array_like, shape (K,), optional
        The known pmf that one sample is compared with.
    statistic : {"g", "pearson", "kl", "js", "psi", "tv"}
        What is compared: "g" is 2 Σ n ln(n/e) and "pearson" Σ (n − e)²/e with e the counts expected if nothing
        differs; "kl" is KL(p̂‖q̂) from the first sample to the second, or to the model, "js" the Jensen–Shannon
        divergence, "psi" the Jeffreys divergence (population stability index), all in nats; "tv" is the total
        variation. Three samples and more, and tables of as many rows, have "g" and "pearson" alone.
    alpha : float
        The level to compare the p-value with. Simulation goes on while the p-value is too close to it.
    method : {"auto", "exact", "simulated"}
        "auto" is exact where that is quick, and simulates else.
    mcse : float
        The largest Monte Carlo standard error that a simulated p-value may have, if it does not take too long.
    seed : int
        Of the simulation.

    Returns
    -------
    Tested
        `.p_value` is the probability, if nothing differs, of a statistic at least as large as `.statistic`; infinite
        ones are the largest, and values within a relative 1e-12 are equal. Of several samples it is conditional on
        the margins: on how large the samples are, and on how often each category occurred in all of them.
        `.exact` says whether it is exact, to a relative 1e-11, by listing outcomes. Otherwise it is (b + 1)/(R + 1)
        with b of R simulated statistics at least as large, and `.mcse` is its standard error. `.asymptotic` is the
        p-value by the χ² law, None for "tv".

    Raises
    ------
    ValueError
        Counts, pmf or names that do not fit; fewer than two categories with draws; a list too long for "exact".

    References
    ----------
    Exact tests of tables with given margins: Fisher (1935), The logic of inductive inference; Mehta & Patel (1983),
    A network algorithm for performing Fisher's exact test in r × c contingency tables. Simulated p-values: Davison &
    Hinkley (1997), Bootstrap methods and their application, section 4.2.

    Examples
    --------
    >>> import mcdiv
    >>> found = mcdiv.test([7, 2, 1], [2, 3, 5])
    >>> round(found.p_value, 6), found.exact, round(found.asymptotic, 6)
    (0.068285, True, 0.048453)
    >>> round(mcdiv.test([7, 2, 1], model=[1 / 3, 1 / 3, 1 / 3]).p_value, 6)
    0.093126
    >>> mcdiv.test([250, 50], [500, 100], statistic="psi").p_value
    1.0
    """
    precision = precision_of(alpha=alpha, method=method, mcse=mcse, seed=seed)
    if model is not None:
        if len(samples) != 1:
            raise ValueError(f"model: expected one sample to compare with it, got {len(samples)}")
        given = paired(sample=samples[0], model=model)
        counts, q = as_counts(given["sample"], name="sample"), as_pmf(given["model"], name="model")
        _refuse_other_shapes({"sample": counts, "model": q})
        return tested_model(statistic, counts, q, precision)
    if len(samples) == 1 and np.ndim(samples[0]) == 2:
        counts = as_counts(samples[0], name="table", table=True)
        return tested_table(statistic, counts.reshape(np.shape(samples[0])), precision, "table")
    if len(samples) < 2:
        raise ValueError(f"expected two samples or more, a table, or a sample and a model; got {len(samples)}")
    given = paired(**{f"sample {i}": values for i, values in enumerate(samples, start=1)})
    rows = {name: as_counts(values, name=name) for name, values in given.items()}
    _refuse_other_shapes(rows)
    return tested_table(statistic, np.stack(list(rows.values())), precision)


def _refuse_other_shapes(given: Mapping[str, NDArray[Any]]) -> None:
    """Each is one sample, over as many categories as the others; else a ValueError."""
    first = next(iter(given))
    for name, values in given.items():
        if values.ndim != 1:
            raise ValueError(f"{name}: expected one sample, shape (K,), got shape {values.shape}")
        if len(values) != len(given[first]):
            raise ValueError(
                f"{name} has {counted(len(values), 'category', 'categories')}, {first} has {len(given[first]):,}; "
                "they must be the same"
            )
