"""What an estimator is: one function with a card, anchors and laws. Three decorators make catalogue entries of it.

- `@additive_estimator("entropy")` on f(n, N, K): the contribution of a category seen n times; Ĥ = Σ_k f(n_k).
- `@pmf_estimator()` on f(n, N, K): an estimated probability; it gives entropy, with a sampled model cross-entropy
  and KL divergence at the two estimated pmfs, and the symmetric divergences with any model.
- `@estimator("kl_divergence")` on f(counts, …): anything else. The names of its arguments say what it
  needs: `counts`, and `q` (model known), `counts_q` (model sampled) or `p` and `q` (both pmfs known). One that also
  takes `categories` (how many categories each count stands for, None: one) is never given more columns than needed.

With the model known, ĈE = −Σ p̂ ln q is unbiased, so every entropy estimator Ĥ also becomes the KL
estimator K̂L = ĈE − Ĥ, whose bias is exactly that of Ĥ with the sign turned.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal, TypeAlias

from mcdiv.core.arrays import Array, Counts, Nats, Pmf, Sample
from mcdiv.core.catalogue import Catalogue, docstring_of, unknown
from mcdiv.core.domains import Parameter, parameters_of
from mcdiv.core.information import jeffreys_divergence_nats, js_divergence_nats, kl_divergence_nats
from mcdiv.estimators.lifts import (
    cross_entropy_of_estimates,
    kl_of_frequencies,
    sum_over_categories,
    surprisal_terms,
    terms_of_pmf,
)

#: what an estimator must know besides the counts from P
Design: TypeAlias = Literal["sample", "model_known", "model_sampled", "pmfs_known"]

#: the estimands, and whether they need a model
ESTIMANDS: dict[str, bool] = {
    "entropy": False,
    "cross_entropy": True,
    "kl_divergence": True,
    "js_divergence": True,
    "jeffreys_divergence": True,
}
#: as formulas write them
SYMBOLS = {
    "entropy": "H(P)",
    "cross_entropy": "H(P, Q)",
    "kl_divergence": "KL(P‖Q)",
    "js_divergence": "JS(P, Q)",
    "jeffreys_divergence": "J(P, Q)",
}
#: those asked for where a scenario names none
USUAL_ESTIMANDS = ("entropy", "cross_entropy", "kl_divergence")

Evaluate: TypeAlias = Callable[[Sample, Mapping[str, Any]], Nats]

_SYMMETRIC = {"js_divergence": js_divergence_nats, "jeffreys_divergence": jeffreys_divergence_nats}
_HEADINGS = ("Formula", "Valid", "Source")


class Law(Enum):
    """Claims of an estimator, each tested for every estimator that makes it."""

    CONSISTENT = "the bias vanishes as N grows"
    IGNORES_UNSEEN = "adding a category that was not seen changes nothing"
    NONNEGATIVE = "never below 0"
    AT_MOST_LOG_K = "never above ln K"
    UNBIASED = "exactly unbiased, for every truth and sample size"
    LINEAR = "the mean over the draws of what a single draw gives"
    ALTERNATES = "one draw more or less makes its terms jump at any N, so leaving draws out overstates its spread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A value known from elsewhere: a paper, a hand calculation, 50 digits of the formula."""

    counts: tuple[int, ...]
    #: in nats
    value: float
    #: where it comes from: never this code
    origin: str
    counts_q: tuple[int, ...] | None = None
    q: tuple[float, ...] | None = None
    p: tuple[float, ...] | None = None
    parameters: tuple[tuple[str, Any], ...] = ()
    #: only where the inputs leave it open
    estimand: str | None = None

    @property
    def design(self) -> Design:
        """Which kind of sample it gives."""
        if self.p is not None:
            return "pmfs_known"
        return "model_known" if self.q is not None else "model_sampled" if self.counts_q is not None else "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a docstring says of an estimator."""

    summary: str
    formula: str
    valid: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSampleTerms:
    """Σ_k w(n_k) s(m_k) − Σ_k e(n_k): the two samples are independent, so that exact means are products."""

    #: s(m, M, K, **parameters): the estimated −ln q of a category
    surprisal: Callable[..., Array]
    #: w(n, N, K, **parameters): its estimated probability; None for n/N
    weight: Callable[..., Array] | None = None
    #: e(n, N, K, **parameters): a category's part of the entropy that is subtracted; None for a cross-entropy
    entropy: Callable[..., Array] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """A rule for one estimand from one kind of sample."""

    name: str
    estimand: str
    design: Design
    #: (sample, parameters) → estimates, shape (...)
    evaluate: Evaluate
    #: f(n, N, K, **parameters) of the *entropy* estimator, where it is additive; exact means rest on it
    entropy_terms: Callable[..., Array] | None
    #: for exact means where both pmfs are sampled, if it is such a sum
    two_samples: TwoSampleTerms | None
    #: whether it takes samples whose columns stand for several categories
    grouped: bool
    parameters: dict[str, Parameter]
    card: Card
    anchors: tuple[Anchor, ...]
    laws: frozenset[Law]
    #: the file that holds it
    module: str


ESTIMATORS: Catalogue[Estimator] = Catalogue("estimator")


def find(estimand: str, name: str, design: Design) -> Estimator | None:
    """The entry of that name for an estimand and a design, or None if there is none."""
    key = _key(estimand, name, design)
    return ESTIMATORS.get(key)


def entries_of(name: str) -> list[Estimator]:
    """All entries that one estimator's name stands for, in the order they were made."""
    return [entry for entry in ESTIMATORS.values() if entry.name == name]


def names() -> list[str]:
    """Names of all estimators, in the order they were made."""
    return list(dict.fromkeys(entry.name for entry in ESTIMATORS.values()))


def additive_estimator(
    estimand: Literal["entropy"], *, anchors: Iterable[Anchor], laws: Iterable[Law]
) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """Enter Ĥ = Σ_k f(n_k; N, K) into the catalogue, and its lift to KL with the model known."""

    def register(rule: Callable[..., Array]) -> Callable[..., Array]:
        if estimand != "entropy":  # the exact mean and the lift to KL are those of an entropy
            raise ValueError(f"{inspect.getsourcefile(rule)}: {rule.__name__}: expected 'entropy', got {estimand!r}")

        def evaluate(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
            return sum_over_categories(rule, sample.counts, parameters, sample.categories)

        _add_with_lift(_Origin.of(rule, anchors, laws), estimand, evaluate, rule, grouped=True)
        return rule

    return register


def pmf_estimator(
    *, anchors: Iterable[Anchor], laws: Iterable[Law]
) -> Callable[[Callable[..., Pmf]], Callable[..., Pmf]]:
    """Enter an estimated pmf, p̃_k = f(n_k; N, K) or p̃ = f(counts), into the catalogue under all that it estimates."""

    def register(rule: Callable[..., Pmf]) -> Callable[..., Pmf]:
        elementwise = "n" in inspect.signature(rule).parameters

        def pmf(counts: Counts, parameters: Mapping[str, Any]) -> Pmf:
            if not elementwise:
                return rule(counts, **parameters)
            return rule(counts, counts.sum(axis=-1, keepdims=True), counts.shape[-1], **parameters)

        def terms(n: Counts, N: Any, K: int, **parameters: Any) -> Array:
            return terms_of_pmf(rule, n, N, K, **parameters)

        def surprisal(m: Counts, M: Any, K: int, **parameters: Any) -> Array:
            return surprisal_terms(rule, m, M, K, **parameters)

        def entropy(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
            if elementwise:
                return sum_over_categories(terms, sample.counts, parameters, sample.categories)
            return cross_entropy_of_estimates(*[pmf(sample.counts, parameters)] * 2)

        def at_both(divergence: Callable[[Pmf, Pmf], Nats]) -> Evaluate:
            def evaluate(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
                model = sample.q if sample.counts_q is None else pmf(sample.counts_q, parameters)
                assert model is not None
                return divergence(pmf(sample.counts, parameters), model)

            return evaluate

        origin = _Origin.of(rule, anchors, laws)
        _add_with_lift(origin, "entropy", entropy, terms if elementwise else None, grouped=elementwise)
        kept = frozenset({Law.CONSISTENT, Law.IGNORES_UNSEEN, Law.NONNEGATIVE})
        cross_entropy = TwoSampleTerms(surprisal=surprisal, weight=rule) if elementwise else None
        for estimand, divergence, products in (
            ("cross_entropy", cross_entropy_of_estimates, cross_entropy),
            ("kl_divergence", kl_divergence_nats, cross_entropy and replace(cross_entropy, entropy=terms)),
        ):
            _add(origin, estimand, "model_sampled", at_both(divergence), claims=kept, two_samples=products)
        for estimand, divergence in _SYMMETRIC.items():
            _add(origin, estimand, "model_known", at_both(divergence), claims=kept)
            _add(origin, estimand, "model_sampled", at_both(divergence), claims=kept)
        return rule

    return register


def estimator(
    estimand: str,
    *,
    anchors: Iterable[Anchor],
    laws: Iterable[Law],
    name: str | None = None,
    two_samples: TwoSampleTerms | None = None,
) -> Callable[[Callable[..., Nats]], Callable[..., Nats]]:
    """Enter any other rule into the catalogue; an entropy estimator is lifted to KL as well."""

    def register(rule: Callable[..., Nats]) -> Callable[..., Nats]:
        names = inspect.signature(rule).parameters
        needs = [key for key in ("counts", "categories", "counts_q", "q", "p") if key in names]

        def evaluate(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
            return rule(**{key: getattr(sample, key) for key in needs}, **parameters)

        origin, design = _Origin.of(rule, anchors, laws, name), _design(rule, estimand, needs)
        if estimand == "entropy":
            _add_with_lift(origin, estimand, evaluate, None, grouped="categories" in needs)
        else:
            _add(origin, estimand, design, evaluate, two_samples=two_samples)
        return rule

    return register


def card_of(rule: Callable[..., Any]) -> Card:
    """Read a docstring's card; registration fails here, naming file and heading, where one is missing."""
    parts: dict[str, list[str]] = {}
    heading = "summary"
    for line in inspect.cleandoc(docstring_of(rule)).split("\n"):
        word, _, rest = line.partition(":")
        heading, text = (word, rest) if word in _HEADINGS else (heading, line)
        parts.setdefault(heading, []).append(text.strip())
    read = {heading: " ".join(filter(None, lines)) for heading, lines in parts.items()}
    for wanted in ("summary", *_HEADINGS):
        if not read.get(wanted):
            raise ValueError(f"{inspect.getsourcefile(rule)}: {rule.__name__}: the docstring has no '{wanted}:'")
    return Card(summary=read["summary"], formula=read["Formula"], valid=read["Valid"], source=read["Source"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    """The function that entries are made of, and what it says of itself."""

    rule: Callable[..., Any]
    name: str
    card: Card
    anchors: tuple[Anchor, ...]
    laws: frozenset[Law]

    @classmethod
    def of(
        cls, rule: Callable[..., Any], anchors: Iterable[Anchor], laws: Iterable[Law], name: str | None = None
    ) -> "_Origin":
        return cls(
            rule=rule,
            name=name or rule.__name__,
            card=card_of(rule),
            anchors=tuple(anchors),
            laws=frozenset(laws),
        )


def _add_with_lift(
    origin: _Origin, estimand: str, evaluate: Evaluate, terms: Callable[..., Array] | None, *, grouped: bool
) -> None:
    def lifted(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
        assert sample.q is not None
        return kl_of_frequencies(sample.counts, sample.q, evaluate(sample, parameters))

    _add(origin, estimand, "sample", evaluate, terms, grouped=grouped)
    # What an entropy estimator claims about its own bounds says nothing about ĈE − Ĥ.
    kept = frozenset({Law.CONSISTENT, Law.UNBIASED, Law.ALTERNATES})
    _add(origin, "kl_divergence", "model_known", lifted, terms, claims=kept)


def _add(
    origin: _Origin,
    estimand: str,
    design: Design,
    evaluate: Evaluate,
    terms: Callable[..., Array] | None = None,
    *,
    claims: frozenset[Law] = frozenset(Law),
    grouped: bool = False,
    two_samples: TwoSampleTerms | None = None,
) -> None:
    _refuse_stranger(origin)
    entry = Estimator(
        name=origin.name,
        estimand=estimand,
        design=design,
        evaluate=evaluate,
        entropy_terms=terms,
        two_samples=two_samples,
        grouped=grouped,
        parameters=parameters_of(origin.rule),
        card=origin.card,
        anchors=tuple(a for a in origin.anchors if a.design == design and a.estimand in (None, estimand)),
        laws=origin.laws & claims,
        module=origin.rule.__module__,
    )
    ESTIMATORS.add(_key(estimand, origin.name, design), entry)


def _refuse_stranger(origin: _Origin) -> None:
    """A name means one thing: only the package that made it may give it further estimands or designs."""
    home = origin.rule.__module__.partition(".")[0]
    if any(entry.module.partition(".")[0] != home for entry in entries_of(origin.name)):
        raise ValueError(f"estimator '{origin.name}' exists already; choose another name")


def _key(estimand: str, name: str, design: Design) -> str:
    return f"{name} of {estimand} ({design})"


def _design(rule: Callable[..., Any], estimand: str, needs: list[str]) -> Design:
    """The kind of sample that arguments of these names are; a ValueError where they are none for the estimand."""
    place = f"{inspect.getsourcefile(rule)}: {rule.__name__}"
    if estimand not in ESTIMANDS:
        raise ValueError(f"{place}: {unknown('estimand', estimand, ESTIMANDS)}")
    design = _DESIGNS.get(frozenset(needs) - {"categories"})
    if design is None or (design != "sample") != ESTIMANDS[estimand]:
        wanted = (
            "'counts' and 'q', 'counts' and 'counts_q', or 'counts', 'p' and 'q'" if ESTIMANDS[estimand] else "'counts'"
        )
        given = " and ".join(f"'{name}'" for name in needs) or "none of these"
        raise ValueError(f"{place}: an estimator of {estimand} has the arguments {wanted}; got {given}")
    return design


#: by the names of the arguments
_DESIGNS: dict[frozenset[str], Design] = {
    frozenset({"counts"}): "sample",
    frozenset({"counts", "q"}): "model_known",
    frozenset({"counts", "counts_q"}): "model_sampled",
    frozenset({"counts", "p", "q"}): "pmfs_known",
}
