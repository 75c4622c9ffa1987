"""What was simulated: distributions, estimands, estimators and replicates, from the scenario and its cards."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from mcdiv.core.distributions import FAMILIES, SEED, Distribution
from mcdiv.core.number_format import amount, counted, figure, percent
from mcdiv.core.units import nats_per
from mcdiv.engine.plan import Plan
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import estimand_of, symbol_of, unit_of
from mcdiv.estimators.entry import Estimator
from mcdiv.intervals.contract import INTERVALS
from mcdiv.measures.contract import MEASURES, Measure
from mcdiv.results.report.exact_values import ExactValues, exact_values
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.precision import Until
from mcdiv.scenario.size_goal import SizeGoal

#: names in a sentence
_MAX_NAMES = 8
_DESIGNS = {
    "sample": "from the counts",
    "model_known": "Q known",
    "model_sampled": "Q known from draws",
    "pmfs_known": "P and Q known",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An estimator or an interval, with what its card says."""

    label: str
    what: str
    summary: str
    formula: str
    valid: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """Everything a reader needs to judge the study, in the order of its planning."""

    #: (label, what its family is) of the truths and models
    distributions: Sequence[tuple[str, str, str]]
    sizes: str
    sampling: Sequence[str]
    exact: ExactValues
    #: how far SciPy is from these values, in words
    scipy: str
    estimators: Sequence[Rule]
    intervals: Sequence[Rule]
    #: those asked for besides the usual ones
    measures: Sequence[Rule]
    replicates: Sequence[str]


def methods(plan: Plan, rows: Sequence[Row], tables: Mapping[str, pd.DataFrame]) -> Methods:
    """What was simulated, in words and exact values."""
    scenario = plan.scenario
    return Methods(
        distributions=list(_distributions(scenario)),
        sizes=_sizes(scenario),
        sampling=list(_sampling(plan)),
        exact=exact_values(rows, tables["decomposition"], scenario.units),
        scipy=_scipy(tables, scenario.units),
        estimators=_estimators(scenario),
        intervals=[
            Rule(
                label=choice.label,
                what=f"around {INTERVALS[choice.name].fixed_estimator or 'every estimator'}",
                summary=INTERVALS[choice.name].card.summary,
                formula=INTERVALS[choice.name].card.formula,
                valid=INTERVALS[choice.name].card.valid,
                source=INTERVALS[choice.name].card.source,
            )
            for choice in scenario.intervals
        ],
        measures=[_measure(MEASURES[name]) for name in scenario.further_measures()],
        replicates=list(_replicates(scenario, rows)),
    )


def _measure(entry: Measure) -> Rule:
    card = entry.card
    valid = f"{card.valid}. MCSE: {card.more['MCSE']}"
    return Rule(label=entry.title, what="", summary=card.summary, formula=card.formula, valid=valid, source=card.source)


def _distributions(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    sampled = (scenario.drawn_from,) if scenario.drawn_from else ()
    for symbol, grid in (("P", scenario.truth), ("Q", scenario.model), ("O", sampled)):
        if grid:
            labels = _labels(grid)
            left = len(labels) - _MAX_NAMES
            names = ", ".join(labels[:_MAX_NAMES]) + (f" and {left} more" if left > 0 else "")
            sizes = sorted({one.categories for one in grid})
            span = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
            about = " ".join(dict.fromkeys(FAMILIES[one.family].summary for one in grid))
            yield symbol, names, f"{span} categories. {about}"


def _labels(grid: Sequence[Distribution]) -> list[str]:
    """Their labels; draws of one random family that differ in their seed alone as one."""
    seeds: dict[str, list[int]] = {}
    for one in grid:
        seeds.setdefault(one.law, []).append(int(dict(one.parameters).get(SEED, 0)))
    labels = {one.law: one.label for one in grid}
    return [labels[law] if len(drawn) == 1 else _draws(law, drawn) for law, drawn in seeds.items()]


def _draws(law: str, seeds: Sequence[int]) -> str:
    """So many draws from a law, by seeds that follow each other or not."""
    in_a_row = list(seeds) == list(range(seeds[0], seeds[0] + len(seeds)))
    listed = ", ".join(map(str, seeds[:_MAX_NAMES])) + ", …" * (len(seeds) > _MAX_NAMES)
    return f"{len(seeds):,} draws from {law} (seeds {f'{seeds[0]} to {seeds[-1]}' if in_a_row else listed})"


def _sizes(scenario: Scenario) -> str:
    drawn = "draws from O" if scenario.drawn_from else "draws from P"
    text = f"N = {', '.join(f'{size:,}' for size in scenario.sample_sizes)} {drawn}" + _planned_for(scenario)
    if scenario.model_sample_sizes:
        text += f", and M = {', '.join(f'{size:,}' for size in scenario.model_sample_sizes)} draws from Q, "
        text += "which the estimators know only through them"
    return text


def _sampling(plan: Plan) -> Iterator[str]:
    scenario, conditions = plan.scenario, plan.conditions
    listed = sum(condition.enumerable for condition in conditions)
    count = counted(len(conditions), "condition")
    if listed:
        every = "the one condition" if listed == 1 else f"all {count}"
        where = every if listed == len(conditions) else f"{listed:,} of {count}"
        yield (
            f"In {where} every possible outcome is listed with its probability. {' '.join(_from_outcomes(scenario))}"
        )
    if listed < len(conditions):
        left = len(conditions) - listed
        others = "The other one" if left == 1 else f"The other {left:,}"
        where = others if listed else "The one condition" if left == 1 else f"All {count}"
        how = f"{'have' if left > 1 else 'has'} too many outcomes to list"
        drawn = "" if scenario.mode == "exact" else ": samples are drawn replicate by replicate"
        exact = "" if scenario.mode == "monte_carlo" else ". Exact values are given where linearity provides them"
        yield f"{where} {how}{drawn}{exact}."
    if len(scenario.estimators) > 1 and scenario.mode != "exact":
        yield "All estimators are applied to the same samples, so their differences are paired."


def _from_outcomes(scenario: Scenario) -> Iterator[str]:
    if scenario.mode != "monte_carlo":
        yield "Exact values are sums over these outcomes."
    if scenario.mode != "exact":
        yield "The replicates are one multinomial draw over them: the law is that of drawing each sample by itself."


def _scipy(tables: Mapping[str, pd.DataFrame], units: str) -> str:
    gaps = [float(tables[name]["max_abs_difference"].max()) for name in ("decomposition", "convergence")]
    if all(map(math.isnan, gaps)):
        return ""
    checkpoints = len(tables["convergence"])
    also = f" and at {checkpoints:,} checkpoints of literal experiments" if checkpoints else ""
    most = max(gap for gap in gaps if not math.isnan(gap))
    if most == 0:
        return f"The corresponding values from SciPy, in every condition{also}, agree to the last digit."
    gap = figure(float(f"{most:.2g}"))
    return f"The corresponding values from SciPy, in every condition{also}, differ by at most {gap} {units}."


def _estimators(scenario: Scenario) -> list[Rule]:
    """The estimators' cards; where one name has several, each with the estimands it is for."""
    by_card: dict[tuple[str, object], tuple[list[str], Rule]] = {}
    for estimand in scenario.resolved_estimands():
        for choice, entry in scenario.estimators_of(estimand):
            card = entry.card
            rule = Rule(
                label=choice.label,
                what="",
                summary=card.summary,
                formula=card.formula,
                valid=card.valid,
                source=card.source,
            )
            design = f"{symbol_of(estimand)} ({_made_from(entry)})"
            by_card.setdefault((choice.label, card), ([], rule))[0].append(design)
    order = [choice.label for choice in scenario.estimators]
    ruled = sorted(by_card.values(), key=lambda pair: order.index(pair[1].label))
    return [
        Rule(
            label=rule.label,
            what="for " + ", ".join(what),
            summary=rule.summary,
            formula=rule.formula,
            valid=rule.valid,
            source=rule.source,
        )
        for what, rule in ruled
    ]


def _made_from(entry: Estimator) -> str:
    """From which sample an estimator is, or from which of its own entropies."""
    if entry.entropies is None:
        return _DESIGNS[entry.design]
    named = zip(entry.entropies, ("Ĥ(X)", "Ĥ(Y)", "Ĥ(X, Y)"), strict=True)
    return f"from {', '.join(name for weight, name in named if weight)}"


def _replicates(scenario: Scenario, rows: Sequence[Row]) -> Iterator[str]:
    simulated = [row for row in rows if row.simulated]
    if not simulated:
        yield "Nothing was simulated: every value is exact."
        return
    taken = sorted({row.replicates for row in simulated})
    span = f"{taken[0]:,}" if len(taken) == 1 else f"{taken[0]:,} to {taken[-1]:,}"
    replicates = scenario.replicates
    if isinstance(replicates, Until):
        entry = MEASURES[replicates.measure]
        unit = " %" if entry.percent else {0: "", 1: f" {scenario.units}", 2: f" {scenario.units}²"}[entry.unit_power]
        yield (
            f"There were {span} replicates in each condition: at least {replicates.least:,}, and more until the MCSE "
            f"of the {entry.title} was at most {figure(replicates.mcse)}{unit} in all of its rows or there were "
            f"{replicates.most:,}. "
            "Where the exact value is known, the minimum is enough."
        )
    else:
        share = percent(2 / math.sqrt(taken[0]))
        yield (
            f"There were {span} replicates in each condition. The MCSE of a bias is the estimates’ sd divided by √R, "
            f"so a bias above {share} of the sd is detectable."
        )
    measured = [row for row in simulated if estimand_of(row.task.estimand).unit_power == 1 and not row.constant]
    mcses = [row.simulated["bias"].mcse / nats_per(scenario.units) for row in measured]
    errors = sorted(error for error in mcses if not math.isnan(error))
    if errors:
        most, middle = (figure(float(f"{error:.2g}")) for error in (errors[-1], errors[len(errors) // 2]))
        yield f"The largest MCSE of a bias is {most} {scenario.units}; the median is {middle}."
    if any("bias" in row.exact for row in simulated):
        yield "Where there is an exact value, it and the simulation check each other."


def _planned_for(scenario: Scenario) -> str:
    """The goal that N was planned for, where there is one and its file says whose it is."""
    goal = scenario.sample_sizes_
    if not isinstance(goal, SizeGoal) or goal.estimand is None or goal.estimator is None:
        return ""
    measure = "an RMSE" if goal.measure == "rmse" else "a bias, without its sign,"
    size = amount(f"{goal.below:.12g}", unit_of(goal.estimand, scenario.units))
    return f", planned for {measure} of at most {size} ({goal.estimator} of {goal.estimand})"
