"""The catalogue of estimators: what was entered, every estimand at each estimated pmf, sums of entropies, gradients."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from mcdiv.core.arrays import Array, Nats, Sample
from mcdiv.core.catalogue import Catalogue
from mcdiv.core.joint import as_table
from mcdiv.estimands.contract import ESTIMANDS, USUAL_ESTIMANDS, Estimand, estimand_of
from mcdiv.estimators.entry import Design, Estimator, PmfRule, Property
from mcdiv.estimators.lifts import sum_of_entropies
from mcdiv.estimators.of_gradients import GRADIENT, of_gradient
from mcdiv.policies.contract import GRADIENT_ESTIMATORS

ESTIMATORS: Catalogue[Estimator] = Catalogue("estimator")


def find(estimand: str, name: str, design: Design) -> Estimator | None:
    """The entry of that name for an estimand and a design, or None if there is none."""
    if entry := ESTIMATORS.get(key_of(estimand, name, design)):
        return entry
    target = estimand_of(estimand)
    if design == "pmfs_known" and target.name == GRADIENT and (gradient := GRADIENT_ESTIMATORS.get(name)) is not None:
        return _of_gradient(gradient, target)
    source = ESTIMATORS.get(key_of("entropy", name, "sample"))
    if source is None:
        return None
    return _derived(source, target, design) if design in _designs_derived(source, target) else None


def entered() -> list[Estimator]:
    """What functions were entered as, in the order they were; the gradient estimators follow."""
    target = ESTIMANDS[GRADIENT]
    return [*ESTIMATORS.values(), *(_of_gradient(each, target) for each in GRADIENT_ESTIMATORS.values())]


def entries() -> list[Estimator]:
    """All entries, those that one function gives together, in the order they were made."""
    return _with_derived(entered())


def entries_of(name: str) -> list[Estimator]:
    """All entries that one estimator's name stands for, in the order they were made."""
    return _with_derived([entry for entry in entered() if entry.name == name])


def _with_derived(some: list[Estimator]) -> list[Estimator]:
    """Entries, and after those of each function what its estimate of the entropy gives besides."""
    listed: list[Estimator] = []
    for _, group in itertools.groupby(some, key=lambda entry: id(entry.card)):
        made = list(group)
        listed += made
        if made[0].estimand == "entropy":
            listed += [
                _derived(made[0], target, design)
                for target in ESTIMANDS.values()
                for design in _designs_derived(made[0], target)
            ]
    return listed


def is_plugged_in(entry: Estimator) -> bool:
    """Whether it is another estimand than those its decorator enters, at the estimated pmf."""
    return entry.at is not None and entry.estimand != "entropy"


def names() -> list[str]:
    """Names of all estimators, in the order they were made."""
    return list(dict.fromkeys(entry.name for entry in entered()))


def _designs_derived(source: Estimator, target: Estimand) -> tuple[Design, ...]:
    """From which samples an entropy estimator gives this estimand, where its decorator has not entered it itself."""
    if target.name in USUAL_ESTIMANDS or (source.at is None and target.entropies is None):
        return ()
    return ("model_known", "model_sampled") if target.needs_model else ("sample",)


_of_gradient = lru_cache(maxsize=4096)(of_gradient)


@lru_cache(maxsize=4096)
def _derived(source: Estimator, target: Estimand, design: Design) -> Estimator:
    """The estimate of another estimand that an entropy estimator gives."""
    if target.entropies is not None:
        return _of_entropies(source, target, target.entropies)
    return _plugged_in(source, target, design)


def _of_entropies(source: Estimator, target: Estimand, weights: tuple[float, float, float]) -> Estimator:
    """a Ĥ(X) + b Ĥ(Y) + c Ĥ(X, Y), each from its own counts."""

    def evaluate(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
        at_frequencies = target.value(sample.counts / sample.counts.sum(axis=-1, keepdims=True), None, sample.shape)
        table = as_table(sample.counts, sample.shape, target.name)
        return sum_of_entropies(
            at_frequencies, weights, table, lambda counts: source.evaluate(Sample(counts=counts), parameters)
        )

    return replace(
        source,
        estimand=target.label,
        evaluate=evaluate,
        lift=None,
        entropies=weights,
        accepts_multiplicities=False,
        at=None,
        reference_values=(),
        # A bound of each entropy is none of their sum.
        properties=source.properties
        & {Property.CONSISTENT, Property.UNBIASED, Property.IGNORES_UNSEEN, Property.ALTERNATES},
    )


def _plugged_in(source: Estimator, target: Estimand, design: Design) -> Estimator:
    """The estimand at the estimated pmf, and with a sampled model at both."""
    rule = source.at
    assert rule is not None
    # Between pmfs a divergence is never negative; a gradient can be, at any of them.
    bounds = {Property.NONNEGATIVE} if target.example.range(2, None)[0] >= 0 else set[Property]()

    def evaluate(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
        model = sample.q if sample.counts_q is None else rule.pmf(sample.counts_q, parameters)
        return target.value(rule.pmf(sample.counts, parameters), model, sample.shape)

    return replace(
        source,
        estimand=target.label,
        design=design,
        evaluate=evaluate,
        lift=None,
        entropy_terms=None,
        sum_terms=_sum_terms(rule, target),
        accepts_multiplicities=False,
        reference_values=tuple(a for a in rule.reference_values if a.design == design and a.estimand == target.label),
        properties=rule.properties & {Property.CONSISTENT, Property.IGNORES_UNSEEN, *bounds},
    )


def _sum_terms(rule: PmfRule, target: Estimand) -> Callable[..., Array] | None:
    """What each category adds to the estimate, where the estimand and the estimated pmf go category by category."""
    elementwise = rule.elementwise
    if target.terms is None or elementwise is None:
        return None
    return lambda n, N, K, q, **parameters: target.terms_at(elementwise(n, N, K, **parameters), q)


def key_of(estimand: str, name: str, design: Design) -> str:
    """The name of an entry in the catalogue."""
    return f"{name} of {estimand} ({design})"
