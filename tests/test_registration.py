"""What an estimator says of itself when it is entered: nothing is guessed from what it leaves open."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mcdiv.core.arrays import Counts, Nats, Pmf, Sample
from mcdiv.estimands.contract import ESTIMANDS, estimand
from mcdiv.estimators.contract import (
    Anchor,
    Law,
    Property,
    ReferenceValue,
    additive_estimator,
    estimator,
    pmf_estimator,
)
from mcdiv.estimators.registry import entries, find
from mcdiv.estimators.variances import plugin_variance_delta
from mcdiv.intervals.coin import clopper_pearson
from mcdiv.intervals.contract import INTERVALS, Bounds, Case, IntervalInput, interval

CARD = """Some rule.

Formula: f
Valid:   N ≥ 1
Source:  this test
"""


def of_counts(counts: Counts) -> Nats:
    return np.zeros(len(counts))


def of_everything(counts: Counts, q: Pmf, counts_q: Counts) -> Nats:
    return np.zeros(len(counts))


def of_the_model(counts: Counts, q: Pmf) -> Nats:
    return np.zeros(len(counts))


def collision(p: Pmf) -> Nats:
    return (p**2).sum(axis=-1)


for _rule in (of_counts, of_everything, of_the_model, collision):
    _rule.__doc__ = CARD


@pytest.mark.parametrize(
    ("estimand", "rule", "said"),
    [
        ("kl_divergence", of_counts, "of_counts: an estimator of kl_divergence has the arguments 'counts' and 'q',"),
        ("js_divergence", of_everything, "or 'counts', 'p' and 'q'; got 'counts' and 'counts_q' and 'q'"),
        ("entropy", of_the_model, "an estimator of entropy has the arguments 'counts'; got 'counts' and 'q'"),
        ("entropie", of_counts, "of_counts: unknown estimand 'entropie'; did you mean 'entropy'?"),
    ],
)
def test_a_rule_whose_arguments_do_not_fit_its_estimand_is_refused_by_name(
    estimand: str, rule: Callable[..., Nats], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        estimator(estimand, reference_values=[], properties=[])(rule)


def test_a_plugin_may_go_on_using_the_earlier_names_of_reference_values_and_properties() -> None:
    def earlier_sum(n: Counts, N: Any, K: int) -> Any:
        return n / N

    def earlier_pmf(n: Counts, N: Any, K: int) -> Any:
        return n / N

    def earlier_rule(counts: Counts) -> Nats:
        return np.zeros(counts.shape[:-1])

    stated: dict[str, Any] = {
        "anchors": [Anchor(counts=(1, 1), value=1.0, origin="by hand")],
        "laws": {Law.NONNEGATIVE},
    }
    for rule, decorator in (
        (earlier_sum, additive_estimator("entropy", **stated)),
        (earlier_pmf, pmf_estimator(**stated)),
        (earlier_rule, estimator("entropy", **stated)),
    ):
        rule.__doc__ = CARD
        decorator(rule)
        entry = find("entropy", rule.__name__, "sample")
        assert entry is not None and not entry.left_out
        assert entry.reference_values == (ReferenceValue(counts=(1, 1), value=1.0, origin="by hand"),)
        assert entry.properties == {Property.NONNEGATIVE}
    with pytest.raises(ValueError, match="'anchors' is the earlier name of 'reference_values'; give only"):
        pmf_estimator(anchors=[], reference_values=[])
    with pytest.raises(ValueError, match="'laws' is the earlier name of 'properties'; give only the latter"):
        pmf_estimator(laws=[], properties=[])


def test_a_plugin_may_go_on_calling_the_multiplicity_of_its_counts_categories() -> None:
    def earlier_argument(counts: Counts, categories: Any = None) -> Nats:
        return np.full(len(counts), np.nan) if categories is None else (categories * counts).sum(axis=-1)

    earlier_argument.__doc__ = CARD
    estimator("entropy")(earlier_argument)
    entry = find("entropy", "earlier_argument", "sample")
    assert entry is not None and entry.accepts_multiplicities
    sample = Sample(counts=np.array([[0, 1, 5]]), multiplicity=np.array([[7.0, 2.0, 1.0]]))
    assert entry.evaluate(sample, {}).tolist() == [7.0]


def test_a_plugin_may_go_on_using_the_earlier_names_of_an_intervals_input_and_its_estimator() -> None:
    def earlier_interval(case: Case) -> Bounds:
        return Bounds(low=case.estimates, high=case.estimates, error=case.estimates)

    earlier_interval.__doc__ = CARD
    interval(own="plugin")(earlier_interval)
    assert INTERVALS["earlier_interval"].fixed_estimator == "plugin"
    assert Case is IntervalInput


def test_a_new_estimand_of_one_pmf_is_estimated_from_counts_alone() -> None:
    estimand(symbol="C(P)")(collision)
    estimator("collision", reference_values=[], properties=[])(of_counts)
    entry = find("collision", "of_counts", "sample")
    assert entry is not None and entry.design == "sample"
    with pytest.raises(ValueError, match="an estimator of collision has the arguments 'counts'; got 'counts' and 'q'"):
        estimator("collision", reference_values=[], properties=[])(of_the_model)


def test_only_an_entropy_is_lifted_as_a_sum_over_categories() -> None:
    other: Any = "js_divergence"
    with pytest.raises(ValueError, match="of_counts: expected 'entropy', got 'js_divergence'"):
        additive_estimator(other, reference_values=[], properties=[])(of_counts)


def test_rules_for_known_estimands_refuse_others_by_name() -> None:
    counts, q = np.array([[3, 2]]), np.array([0.5, 0.5])
    with pytest.raises(ValueError, match="no slopes of collision_entropy are known"):
        plugin_variance_delta("collision_entropy", counts, q, None)
    sample: Any = type("Sample", (), {"counts": counts, "q": q})
    case = IntervalInput(estimand="hellinger", sample=sample, estimate=of_counts, estimates=np.zeros(1), level=0.95)
    with pytest.raises(ValueError, match="where hellinger turns is not known"):
        clopper_pearson(case)


def test_every_estimator_has_the_design_that_its_estimand_allows() -> None:
    for entry in entries():
        assert (entry.design != "sample") == ESTIMANDS[entry.estimand].needs_model
