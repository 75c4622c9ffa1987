"""What an estimator is: one function with a card, reference values and properties. Three decorators enter it.

- `@additive_estimator("entropy")` on f(n, N, K): the contribution of a category seen n times; Ĥ = Σ_k f(n_k).
- `@pmf_estimator()` on f(n, N, K): an estimated probability; it gives entropy, with a sampled model cross-entropy
  and KL divergence at the two estimated pmfs, and (`registry`) every other estimand at the estimated pmf.
- `@estimator("kl_divergence")` on f(counts, …): anything else. The names of its arguments say what it
  needs: `counts`, and `q` (model known), `counts_q` (model sampled) or `p` and `q` (both pmfs known), with `o` what
  the counts were drawn from, which is P but where a scenario says otherwise (`drawn_from`). One that also
  takes `multiplicity` (how many categories each count stands for, None: one) is never given more columns than needed.

In a file of a user's own, card, reference values and properties may be left out. What is left out cannot be checked
(`mcdiv.testing.check_estimator`).

With the model known, ĈE = −Σ p̂ ln q is unbiased, so every entropy estimator Ĥ also becomes the KL
estimator K̂L = ĈE − Ĥ, whose bias is exactly that of Ĥ with the sign turned. And (`registry`) it estimates what is a
sum of entropies of a joint alphabet, such as Î = Ĥ(X) + Ĥ(Y) − Ĥ(X, Y).
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from mcdiv.core.arrays import Array, Counts, Nats, Pmf, Sample
from mcdiv.core.domains import parameters_of
from mcdiv.core.joint import as_table
from mcdiv.core.rows import kl_divergence_nats
from mcdiv.estimands.contract import estimand_of
from mcdiv.estimators.entry import Design, Estimator, Evaluate, Lift, PmfRule, Property, ReferenceValue, TwoSampleTerms
from mcdiv.estimators.lifts import (
    cross_entropy_of_estimates,
    kl_of_entropy,
    kl_of_frequencies,
    sum_over_categories,
    surprisal_terms,
    terms_of_pmf,
)
from mcdiv.estimators.origin import Origin, Stated
from mcdiv.estimators.registry import ESTIMATORS, entries_of, find, key_of

#: the earlier names of two classes; a decorator takes `anchors` and `laws` for what they are called now
Anchor, Law = ReferenceValue, Property

#: what a file of estimators imports
__all__ = [
    "Anchor",
    "Law",
    "Property",
    "ReferenceValue",
    "TwoSampleTerms",
    "additive_estimator",
    "estimator",
    "pmf_estimator",
]


def additive_estimator(
    estimand: Literal["entropy"],
    *,
    reference_values: Iterable[ReferenceValue] | None = None,
    properties: Iterable[Property] | None = None,
    anchors: Iterable[ReferenceValue] | None = None,
    laws: Iterable[Property] | None = None,
) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """Enter Ĥ = Σ_k f(n_k; N, K) into the catalogue, and its lift to KL with the model known."""
    stated = Stated.of(reference_values, properties, anchors, laws)

    def register(rule: Callable[..., Array]) -> Callable[..., Array]:
        if estimand != "entropy":  # the exact mean and the lift to KL are those of an entropy
            raise ValueError(f"{inspect.getsourcefile(rule)}: {rule.__name__}: expected 'entropy', got {estimand!r}")

        def evaluate(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
            return sum_over_categories(rule, sample.counts, parameters, sample.multiplicity)

        _register_with_kl(Origin.of(rule, stated), estimand, evaluate, rule, accepts_multiplicities=True)
        return rule

    return register


def pmf_estimator(
    *,
    reference_values: Iterable[ReferenceValue] | None = None,
    properties: Iterable[Property] | None = None,
    anchors: Iterable[ReferenceValue] | None = None,
    laws: Iterable[Property] | None = None,
) -> Callable[[Callable[..., Pmf]], Callable[..., Pmf]]:
    """Enter an estimated pmf, p̃_k = f(n_k; N, K) or p̃ = f(counts), into the catalogue under all that it estimates."""
    stated = Stated.of(reference_values, properties, anchors, laws)

    def register(rule: Callable[..., Pmf]) -> Callable[..., Pmf]:
        elementwise = "n" in inspect.signature(rule).parameters
        pmf = _pmf_of(rule, elementwise=elementwise)
        terms, surprisal = partial(terms_of_pmf, rule), partial(surprisal_terms, rule)

        def entropy(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
            if elementwise:
                return sum_over_categories(terms, sample.counts, parameters, sample.multiplicity)
            return cross_entropy_of_estimates(*[pmf(sample.counts, parameters)] * 2)

        origin = Origin.of(rule, stated)
        at = PmfRule(
            pmf=pmf,
            elementwise=rule if elementwise else None,
            reference_values=origin.reference_values,
            properties=origin.properties,
        )
        _register_with_kl(
            origin, "entropy", entropy, terms if elementwise else None, accepts_multiplicities=elementwise, at=at
        )
        kept = frozenset({Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE})
        cross_entropy = TwoSampleTerms(surprisal=surprisal, weight=rule) if elementwise else None
        for estimand, divergence, products in (
            ("cross_entropy", cross_entropy_of_estimates, cross_entropy),
            ("kl_divergence", kl_divergence_nats, cross_entropy and replace(cross_entropy, entropy=terms)),
        ):
            _add(
                origin, estimand, "model_sampled", _at_both(divergence, pmf), kept_properties=kept, two_samples=products
            )
        return rule

    return register


def _pmf_of(rule: Callable[..., Pmf], *, elementwise: bool) -> Callable[[Counts, Mapping[str, Any]], Pmf]:
    def pmf(counts: Counts, parameters: Mapping[str, Any]) -> Pmf:
        if not elementwise:
            return rule(counts, **parameters)
        return rule(counts, counts.sum(axis=-1, keepdims=True), counts.shape[-1], **parameters)

    return pmf


def _at_both(divergence: Callable[[Pmf, Pmf], Nats], pmf: Callable[[Counts, Mapping[str, Any]], Pmf]) -> Evaluate:
    """A divergence of the estimated pmf from the model, which is estimated likewise where it is sampled."""

    def evaluate(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
        model = sample.q if sample.counts_q is None else pmf(sample.counts_q, parameters)
        assert model is not None
        return divergence(pmf(sample.counts, parameters), model)

    return evaluate


def estimator(
    estimand: str,
    *,
    reference_values: Iterable[ReferenceValue] | None = None,
    properties: Iterable[Property] | None = None,
    name: str | None = None,
    two_samples: TwoSampleTerms | None = None,
    anchors: Iterable[ReferenceValue] | None = None,
    laws: Iterable[Property] | None = None,
) -> Callable[[Callable[..., Nats]], Callable[..., Nats]]:
    """Enter any other rule into the catalogue; an entropy estimator is lifted to KL as well.

    Of an estimand that needs a joint alphabet, the rule takes counts of shape (..., K, L).
    """
    stated = Stated.of(reference_values, properties, anchors, laws)

    def register(rule: Callable[..., Nats]) -> Callable[..., Nats]:
        names = inspect.signature(rule).parameters
        needs = [key for key in _ARGUMENTS if key in names]

        def evaluate(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
            given = {key: getattr(sample, _ARGUMENTS[key]) for key in needs}
            if "o" in given and sample.o is None:
                given["o"] = sample.p
            if joint:
                given["counts"] = as_table(sample.counts, sample.shape, estimand)
            return rule(**given, **parameters)

        origin, design = Origin.of(rule, stated, name), _design(rule, estimand, needs)
        joint = estimand_of(estimand).needs_joint
        if estimand == "entropy":
            _register_with_kl(
                origin, estimand, evaluate, None, accepts_multiplicities=not _MULTIPLICITY.isdisjoint(needs)
            )
        else:
            _add(origin, estimand, design, evaluate, two_samples=two_samples)
        return rule

    return register


def _register_with_kl(
    origin: Origin,
    estimand: str,
    evaluate: Evaluate,
    terms: Callable[..., Array] | None,
    *,
    accepts_multiplicities: bool,
    at: PmfRule | None = None,
) -> None:
    source = _add(origin, estimand, "sample", evaluate, terms, accepts_multiplicities=accepts_multiplicities, at=at)

    def lifted(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
        return kl_of_entropy(kl_of_frequencies(sample, sample), evaluate(sample, parameters))

    # What an entropy estimator claims about its own bounds says nothing about ĈE − Ĥ.
    kept = frozenset({Property.CONSISTENT, Property.UNBIASED, Property.ALTERNATES})
    lift = Lift(source=source, base=kl_of_frequencies, combine=kl_of_entropy)
    _add(origin, "kl_divergence", "model_known", lifted, terms, kept_properties=kept, lift=lift)


def _add(
    origin: Origin,
    estimand: str,
    design: Design,
    evaluate: Evaluate,
    terms: Callable[..., Array] | None = None,
    *,
    kept_properties: frozenset[Property] = frozenset(Property),
    accepts_multiplicities: bool = False,
    two_samples: TwoSampleTerms | None = None,
    at: PmfRule | None = None,
    lift: Lift | None = None,
) -> Estimator:
    _check_name_owner(origin)
    entry = Estimator(
        name=origin.name,
        estimand=estimand,
        design=design,
        evaluate=evaluate,
        lift=lift,
        entropy_terms=terms,
        entropies=None,
        sum_terms=None,
        two_samples=two_samples,
        accepts_multiplicities=accepts_multiplicities,
        at=at,
        parameters=parameters_of(origin.rule),
        card=origin.card,
        reference_values=tuple(
            a for a in origin.reference_values if a.design == design and a.estimand in (None, estimand)
        ),
        properties=origin.properties & kept_properties,
        left_out=origin.left_out,
        rule=origin.rule,
        module=origin.rule.__module__,
    )
    if find(estimand, origin.name, design) is not None:
        raise ValueError(f"estimator '{origin.name}' exists already")
    ESTIMATORS.add(key_of(estimand, origin.name, design), entry)
    return entry


def _check_name_owner(origin: Origin) -> None:
    """A name means one thing: only the package that made it may give it further estimands or designs."""
    home = origin.rule.__module__.partition(".")[0]
    if any(entry.module.partition(".")[0] != home for entry in entries_of(origin.name)):
        raise ValueError(f"estimator '{origin.name}' exists already; choose another name")


def _design(rule: Callable[..., Any], estimand: str, needs: list[str]) -> Design:
    """The kind of sample that arguments of these names are; a ValueError where they are none for the estimand."""
    where = f"{inspect.getsourcefile(rule)}: {rule.__name__}"
    try:
        modelled = estimand_of(estimand).needs_model
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    design = _DESIGNS.get(frozenset(needs) - _MULTIPLICITY)
    if design is None or (design != "sample") != modelled:
        wanted = (
            "'counts' and 'q', 'counts' and 'counts_q', 'counts', 'p', 'q' and 'o', or 'counts', 'p' and 'q'"
            if modelled
            else "'counts'"
        )
        given = " and ".join(f"'{name}'" for name in needs) or "none of these"
        raise ValueError(f"{where}: an estimator of {estimand} has the arguments {wanted}; got {given}")
    return design


#: what an argument of each name is given: this part of the sample; `categories` is the earlier name of `multiplicity`
_ARGUMENTS = {
    "counts": "counts",
    "multiplicity": "multiplicity",
    "categories": "multiplicity",
    "counts_q": "counts_q",
    "q": "q",
    "p": "p",
    "o": "o",
}
_MULTIPLICITY = frozenset({"multiplicity", "categories"})

#: by the names of the arguments
_DESIGNS: dict[frozenset[str], Design] = {
    frozenset({"counts"}): "sample",
    frozenset({"counts", "q"}): "model_known",
    frozenset({"counts", "counts_q"}): "model_sampled",
    frozenset({"counts", "p", "q"}): "pmfs_known",
    frozenset({"counts", "p", "q", "o"}): "pmfs_known",
}
