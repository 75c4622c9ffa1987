"""The laws that every estimator is held to: `check_estimator` tries them all on an estimator of your own.

mcdiv's own tests hold the catalogue to the same laws, on random counts. Nothing here needs a test framework.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

from mcdiv.estimators.entry import Estimator
from mcdiv.estimators.registry import entries
from mcdiv.testing.inputs import parameters_of, some_rows, with_example
from mcdiv.testing.laws import FIXED_LAWS, LAWS_OF_COUNTS

__all__ = ["check_estimator"]


def check_estimator(estimator: Estimator | Callable[..., Any]) -> None:
    """Hold an estimator to the laws of the catalogue, on counts that are the same in every call.

    A batch of samples gives what they give one by one, over the last axis. Counts are not written to, and int32 does as
    well as int64. The order of the categories does not matter. Extreme counts give a finite value, or an ∞ or a NaN
    that the card declares under `Valid:`, and no warning. Exact mean and variance are those of all outcomes, listed.
    And what the estimator says of itself is true: its reference values and its properties.

    Parameters
    ----------
    estimator : function or Estimator
        A function as its decorator returned it, for all that it estimates, or one entry of the catalogue. A parameter
        without a default gets the `example` of its domain.

    Raises
    ------
    AssertionError
        A law does not hold; one line names the law, the counts and the values.
    TypeError
        No estimator was made of this function.
    ValueError
        A parameter has neither a default nor a domain with an example.

    Warns
    -----
    UserWarning
        Card, reference values or properties are left out, so that nothing was checked of them; one line.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from mcdiv.estimators.contract import Property
    >>> from mcdiv.estimators.corrected import miller_madow
    >>> from mcdiv.estimators.registry import find
    >>> check_estimator(miller_madow)

    It does not claim to stay within ln K, and should not:

    >>> claims_more = replace(find("entropy", "miller_madow", "sample"), properties=frozenset({Property.AT_MOST_LOG_K}))
    >>> check_estimator(claims_more)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    AssertionError: miller_madow of entropy: "a value is within the bounds that are claimed": counts [[1, 1, 1, 1], ...
    """
    made = [estimator] if isinstance(estimator, Estimator) else [each for each in entries() if each.rule is estimator]
    if not made:
        raise TypeError(f"expected an estimator's function or its entry in the catalogue, got {estimator!r:.60}")
    if left_out := made[0].left_out:
        message = f"{made[0].name}: {', '.join(left_out)} left out, so that nothing was checked of them"
        warnings.warn(message, stacklevel=2)
    for entry in map(with_example, made):
        parameters_of(entry)  # where there is no example, that is no law's fault
        for law, rows in itertools.product(LAWS_OF_COUNTS, some_rows()):  # first, as the others rest on batches
            law.hold(entry, rows)
        for law in FIXED_LAWS:
            law.hold(entry)
