"""Many samples side by side: one row for each, with the estimators of one estimand as columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.number_format import counted
from mcdiv.errors import ScenarioError
from mcdiv.observed.at_pmf import summary_of
from mcdiv.observed.group import Group
from mcdiv.observed.sentences import interval_sentences
from mcdiv.observed.truncation import truncation_sentence
from mcdiv.observed.trust import count_summary

#: what samples can be ordered by beside the estimators, and the columns
ORDERS = {"name": "group", "draws": "sample_size", "seen": "categories_seen", "coverage": "coverage"}
#: standard errors from which on the choice of estimator matters more
_MATTERS = 2
#: coverages below this are few
_FEW = 0.9


def table_by_sample(groups: Sequence[Group], estimand: str, sort: str | None = None) -> pd.DataFrame:
    """A row for each sample: its name, N, categories seen, C = 1 − f₁/N, and the estimate of each estimator.

    Estimates are in the units of the question, NaN where an estimator has none. `sort` is "name", "draws", "seen",
    "coverage" or an estimator; numbers begin with the largest. Without it the samples are in their own order.

    Raises
    ------
    ScenarioError
        There is no such order.
    """
    table = pd.DataFrame.from_records([_row(group, estimand) for group in groups])
    if sort is None:
        return table
    estimators = [name for name in table.columns if name not in ORDERS.values()]
    if sort not in (*ORDERS, *estimators):
        raise ScenarioError([f"--sort: {did_you_mean('order', sort, [*ORDERS, *estimators])}"])
    return table.sort_values(ORDERS.get(sort, sort), ascending=sort == "name", kind="stable", na_position="last")


def _row(group: Group, estimand: str) -> dict[str, object]:
    pmf = group.observed.pmf
    summary = count_summary(group.observed.sample.counts[0]) if pmf is None else summary_of(pmf)
    found: dict[str, object] = {"group": group.observed.group, "sample_size": summary["draws"]}
    found |= {"categories_seen": summary["seen"], "coverage": summary["coverage"]}
    return found | {line.estimator: line.value for line in group.lines if line.estimand == estimand}


def sentences_of_many(groups: Sequence[Group]) -> Iterator[str]:
    """In how many samples something limits trust; and what limits it in all of them alike."""
    counted_groups = [group for group in groups if group.observed.pmf is None]
    counts = [group.observed.sample.counts[0] for group in counted_groups]
    of = f"of {len(groups):,} samples"
    if few := sum(count_summary(each)["coverage"] < _FEW for each in counts):
        yield f"In {few:,} {of} the estimated coverage C = 1 − f₁/N is below {100 * _FEW:.0f} %."
    if alone := sum(int((each == 1).sum()) == int(each.sum()) for each in counts):
        yield f"In {alone:,} {of} every draw is of a different category: estimates there are little more than guesses."
    if cut := sum(bool(truncation_sentence(each)) for each in counts):
        yield f"In {cut:,} {of} rare categories seem to be missing."
    if apart := sum(map(_apart, groups)):
        yield f"In {apart:,} {of} the choice of estimator matters more than sampling error."
    first, *others = ([*interval_sentences(group)] for group in groups)
    yield from (sentence for sentence in first if all(sentence in other for other in others))
    yield (
        f"The table has estimates alone; --output has the standard errors and intervals of all "
        f"{counted(len(groups), 'sample')}, --json also what limits trust in each."
    )


def _apart(group: Group) -> bool:
    """Whether the estimators of some estimand are further apart than two standard errors."""
    for estimand in dict.fromkeys(line.estimand for line in group.lines):
        lines = [line for line in group.lines if line.estimand == estimand and math.isfinite(line.value)]
        errors = [line.standard_error for line in lines if math.isfinite(line.standard_error)]
        values = [line.value for line in lines]
        if len(values) > 1 and errors and max(values) - min(values) > _MATTERS * float(np.median(errors)) > 0:
            return True
    return False
