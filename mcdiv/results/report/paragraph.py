"""The methods section of a paper on this study, in the ADEMP order of Morris, White & Crowther (2019), as plain text.

Aims, data-generating mechanisms, estimands, methods, performance measures; and what it takes to repeat the study.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mcdiv.core.number_format import counted, joined, percent_of_level
from mcdiv.engine.plan import Plan
from mcdiv.estimands.contract import estimand_of, symbol_of
from mcdiv.measures.contract import MEASURES
from mcdiv.results.report.methods import Methods, Rule
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.null_hypothesis import NullTest

#: what is reported of estimators and of intervals in any case
_USUAL = "bias, standard deviation (sd) and root mean square error (RMSE) of each estimator"
#: what a test of P = Q compares with χ²
_STATISTICS = {
    "kl_divergence": "2N K̂L",
    "js_divergence": "8N ĴS",
    "jeffreys_divergence": "N Ĵ",
    "hellinger": "8N Ĥel²",
    "chi_squared": "N χ̂²",
}
#: words of labels that are names
_SPELLED = {"kl": "KL", "js": "JS", "jeffreys": "Jeffreys", "hellinger": "Hellinger", "hill": "Hill"}
_SPELLED |= {"renyi": "Rényi", "tsallis": "Tsallis"}
_OF_INTERVALS = "coverage, mean width and root mean squared standard error (ModSE) of each interval"


def paragraph(plan: Plan, methods: Methods, provenance: Mapping[str, Any]) -> str:
    """The text: a paragraph for each part, which begins with its name."""
    parts = {
        "Aims": _aims(plan.scenario),
        "Data-generating mechanisms": _mechanisms(plan, methods),
        "Estimands": _estimands(plan.scenario),
        "Methods": _methods(plan.scenario, methods),
        "Performance measures": _measures(plan.scenario, methods),
        "Software": _software(plan.scenario, provenance),
    }
    return "\n\n".join(f"{name}. {' '.join(sentences)}" for name, sentences in parts.items()) + "\n"


def _aims(scenario: Scenario) -> Iterator[str]:
    if scenario.question:
        yield scenario.question
    symbols = joined(symbol_of(name) for name in scenario.resolved_estimands())
    many = len(scenario.estimators) > 1
    yield f"We measured how far {'estimators' if many else 'an estimator'} of {symbols} {'are' if many else 'is'} off."


def _mechanisms(plan: Plan, methods: Methods) -> Iterator[str]:
    scenario = plan.scenario
    for symbol, names, about in methods.distributions:
        sizes = about.partition(". ")[0]
        if symbol == "O":
            yield f"Samples were not drawn from P but from O, {names}, with {sizes}."
            continue
        word = "truth" if symbol == "P" else "model"
        several = len(scenario.truth if symbol == "P" else scenario.model) > 1
        yield (
            f"The {word}s {symbol} were {names}, with {sizes}."
            if several
            else f"The {word} {symbol} was {names}, with {sizes}."
        )
    yield f"Each sample had {methods.sizes}: {counted(len(plan.conditions), 'condition')} in all."
    if scenario.mode == "exact":
        return
    listed = sum(condition.enumerable for condition in plan.conditions)
    if listed:
        where = "Where all outcomes could be listed, the" if listed < len(plan.conditions) else "The"
        how = "one multinomial draw over all possible outcomes: the law is that of drawing each sample by itself"
        yield f"{where} replicates of a condition were {how}."
    yield (
        "Random numbers came from NumPy's SFC64 generator, with an independent stream for each condition and block of "
        f"replicates: SeedSequence(entropy={scenario.seed}, spawn_key=a hash of the condition and the block's number)."
    )
    if len(scenario.estimators) > 1:
        yield "All estimators were applied to the same samples."


def _spelled(label: str) -> str:
    """An estimand as the field writes it: "cross-entropy", "KL divergence"."""
    words = re.sub("^(cross|min)_", r"\1-", label).replace("_", " ")
    return re.sub("|".join(rf"\b{name}\b" for name in _SPELLED), lambda found: _SPELLED[found[0]], words)


def _estimands(scenario: Scenario) -> Iterator[str]:
    entries = [estimand_of(name) for name in scenario.resolved_estimands()]
    named = [f"{_spelled(entry.label)} {entry.symbol} ({entry.card.formula})" for entry in entries]
    one = len(entries) == 1
    yield f"The {'estimand was' if one else 'estimands were'} {joined(named)}."
    without = [entry.symbol for entry in entries if not entry.unit_power]
    rest = f"; {joined(without)} {'has' if len(without) == 1 else 'have'} no unit" if without else ""
    values = f"computed from {'P and Q' if scenario.model else 'P'} without simulation"
    yield f"True values were {values}" + (f", in {scenario.units}{rest}." if len(without) < len(entries) else ".")


def _methods(scenario: Scenario, methods: Methods) -> Iterator[str]:
    many = len(scenario.estimators) > 1
    yield f"The {'estimators were' if many else 'estimator was'} {_with_sources(methods.estimators)}."
    if methods.intervals:
        level = percent_of_level(scenario.level)
        yield f"Intervals with a nominal level of {level} were formed by {_with_sources(methods.intervals)}."
    if scenario.test is not None:
        yield from _test(scenario, scenario.test)


def _test(scenario: Scenario, test: NullTest) -> Iterator[str]:
    """How P = Q is tested."""
    level, tested = test.level, [name for name in scenario.resolved_estimands() if test.has(name)]
    symbols = joined(symbol_of(name) for name in tested)
    if test.law == "exact":
        yield (
            f"P = Q was tested at a level of {percent_of_level(level)} by each estimate of {symbols}: it was "
            "rejected where the estimate exceeded the smallest value that is exceeded with at most that probability "
            "where P = Q, computed from all outcomes of as many draws from Q."
        )
        return
    statistics = [f"T = {_STATISTICS[name]}" for name in tested if name in _STATISTICS]
    other = [f"the statistic that belongs to {symbol_of(name)}" for name in tested if name not in _STATISTICS]
    yield (
        f"P = Q was tested at a nominal level of {percent_of_level(level)} by each estimate of {symbols}: it was "
        f"rejected where {' or '.join([*statistics, *other])} exceeded the {percent_of_level(1 - level)} "
        "quantile of the χ² distribution with one degree of freedom fewer than the categories to which Q gives a "
        "positive probability."
    )


def _with_sources(rules: Sequence[Rule]) -> str:
    """Labels, each with the sources of its cards once."""
    sources: dict[str, dict[str, None]] = {}
    for rule in rules:
        sources.setdefault(rule.label, {})[rule.source] = None
    return "; ".join(f"{label} ({'; '.join(of)})" for label, of in sources.items())


def _measures(scenario: Scenario, methods: Methods) -> Iterator[str]:
    further = [MEASURES[name].title for name in scenario.further_measures()]
    reported = [_USUAL, *([_OF_INTERVALS] if scenario.intervals else []), *further]
    yield f"We report {joined(reported)}."
    yield "These measures cover the finite estimates; the shares of the others are reported beside them."
    yield from _pooled(scenario)
    if scenario.mode == "exact":
        yield "All values are exact: no replicates were drawn."
        return
    if scenario.mode == "both":
        yield "Exact values, where known, are sums over all outcomes, or follow by linearity for additive estimators."
    yield "Each simulated measure has a Monte Carlo standard error (MCSE), from the replicates themselves."
    yield from methods.replicates


def _pooled(scenario: Scenario) -> Iterator[str]:
    """Over what means are taken, and what their errors contain."""
    if scenario.pool is None:
        return
    over = "all truths" if scenario.pool == "truth" else "the truths that differ in their seed only"
    sample = ", as if they were a random sample" if scenario.pool == "truth" else ""
    yield (
        f"Measures are also given as means over {over}, each of which counts alike; the RMSE of such a mean is the "
        f"root of the mean MSE. The standard error of a mean contains the spread between the truths{sample}."
    )


def _software(scenario: Scenario, provenance: Mapping[str, Any]) -> Iterator[str]:
    versions = provenance["versions"]
    libraries = [f"{name} {versions[key]}" for key, name in (("numpy", "NumPy"), ("scipy", "SciPy")) if key in versions]
    names = [f"mcdiv {provenance['mcdiv']}", f"Python {provenance['python']}", *libraries]
    yield f"{joined(names)}."
    yield f"The seed is {scenario.seed}; scenario.yaml ({provenance['scenario']}) holds every setting."
    if provenance["plugins"]:
        yield f"Plug-ins: {'; '.join(provenance['plugins'])}."
    yield f"The command that repeats the study is: {provenance['command']}"
