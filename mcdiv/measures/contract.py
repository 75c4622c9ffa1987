"""What a performance measure is: one function of what a study finds of an estimator, with a card.

`@measure(unit_power=1, best="zero")` on a function whose argument says what it needs:

- `errors`, an ErrorSummary: bias, variance and MSE with their MCSEs;
- `law`, an EstimateLaw: every estimate with its weight, for quantiles;
- `interval`, an IntervalSummary: what an interval covers, and how wide it is;
- `rejections`, a RejectionShare: how often a test of P = Q rejects; None where the measure is none of this condition;
- `gain`, the variance of the estimator that is listed first over that of this one, on the same replicates;
- `controlled`, the bias with control variates, or None where they tell nothing;
- or the names of `features` of the errors, whose means it gets: its MCSE follows by the delta method.

The first six return a Measured, the last a float.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.cards import Card, card_of
from mcdiv.core.catalogue import Catalogue
from mcdiv.core.interval_performance import IntervalSummary, features_of_intervals
from mcdiv.core.moments import moments_of
from mcdiv.core.performance import ErrorSummary, Measured
from mcdiv.estimands.contract import unit_of
from mcdiv.measures.law import EstimateLaw
from mcdiv.measures.rejection_share import RejectionShare

Rule: TypeAlias = Callable[..., Any]
#: errors → values, elementwise
Feature: TypeAlias = Callable[[Array], Array]
Needs: TypeAlias = Literal["errors", "controlled", "law", "interval", "rejections", "gain", "features"]
#: a mean over the replicates, the share of them that have something, or any other function of them
Statistic: TypeAlias = Literal["mean", "share", "function"]
#: what a measure is at its best
Best: TypeAlias = Literal["zero", "one", "truth", "level", "test", "sd", "none"]
BEST: dict[Best, str] = {
    "zero": "0",
    "one": "1",
    "truth": "the true value",
    "level": "the level of the interval",
    "test": "the level of the test, or less",
    "sd": "the sd of the estimates",
    "none": "no value is best",
}
#: what a check may ask for beside measures
_RESERVED = ("true_value",)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measure:
    """A measure of the performance of an estimator, or of an interval."""

    name: str
    rule: Rule
    needs: Needs
    #: of the errors of finite estimates, by argument of the rule
    features: Mapping[str, Feature] = field(default_factory=dict)
    #: its unit is the estimand's to this power: 1 for a bias, 2 for a variance, 0 for a share
    unit_power: int
    #: whether it is in per cent; its unit_power is 0 then
    percent: bool
    statistic: Statistic
    best: Best
    #: whether checks compare its size with a bound, whatever its sign
    signed: bool
    #: whether every study has it; others are there where a scenario asks for them
    usual: bool
    #: the measure that counts where this one cannot be told
    instead: str
    #: the measure that it is the root of
    root_of: str
    #: what tables and pictures call it
    title: str
    #: with the heading MCSE: how its Monte Carlo standard error is made
    card: Card
    #: the file that holds it
    module: str

    @property
    def of_interval(self) -> bool:
        """Whether it is a measure of an interval, and not of an estimator."""
        return self.needs == "interval"

    def unit(self, estimand: str, units: str) -> str:
        """What its unit is called: "nats", "nats²", "%", or "1" where there is none."""
        return "%" if self.percent else unit_of(estimand, units, self.unit_power)

    @property
    def range(self) -> tuple[float, float]:
        """Its least and largest value, as far as they are known: a share's, and those of sizes and spreads."""
        if self.statistic == "share":
            return (0.0, 1.0)
        ours = self.module.startswith(__package__ or "")
        return (0.0 if ours and self.best in ("zero", "sd") and not self.signed else -math.inf, math.inf)

    @property
    def averaged(self) -> str:
        """The measure whose mean over several conditions stands for all of them; empty where no mean does."""
        return self.root_of or ("" if self.statistic == "function" else self.name)

    def is_known_at(self, true_value: float) -> bool:
        """Whether it can have a value and an MCSE where the estimand has this value."""
        return not math.isnan(float(self._of_example(true_value).mcse))

    def failure(self) -> str:
        """What is wrong with what it gives for an example, in one line; empty if nothing is."""
        try:
            returned = self._of_example(0.5)
        except Exception as error:
            return f"{self.name} raises {type(error).__name__}: {error}"
        if isinstance(returned, Measured):
            return ""
        return f"{self.name} returns a {type(returned).__name__}, expected a Measured: a value with its MCSE"

    def _of_example(self, true_value: float) -> Any:
        """What it gives for three estimates, or for two intervals: a Measured, unless something is wrong with it."""
        estimates, one = np.arange(3.0), Measured(value=1.0, mcse=1.0)
        of_errors = one if math.isfinite(true_value) else Measured(value=math.nan, mcse=math.nan)
        if self.needs in ("controlled", "gain"):
            return of_errors if self.needs == "controlled" else self.rule(one)
        if self.needs == "features":
            value = float(self.rule(*(float(np.mean(feature(estimates))) for feature in self.features.values())))
            return replace(of_errors, value=value)
        if self.needs == "rejections":
            cases = (self.rule(RejectionShare(share=one, null_holds=null)) for null in (True, False))
            return next((found for found in cases if found is not None), None)
        if self.needs == "law":
            weights = np.full(len(estimates), 100.0)
            law = EstimateLaw(values=estimates, weights=weights, true_value=true_value, replicates=float(weights.sum()))
            return self.rule(law)
        if self.needs == "interval":
            intervals = features_of_intervals(
                estimates[:2] - 1, estimates[:2] + 1, np.ones(2), true_value, 0.5, estimates[:2]
            )
            moments = moments_of(intervals, np.ones(2))
            return self.rule(IntervalSummary(moments=moments, simulated=True))
        summary = ErrorSummary(
            true_value=true_value,
            mean=one,
            bias=of_errors,
            mse=of_errors,
            variance=one,
            infinite=one,
            undefined=one,
        )
        return self.rule(summary)


MEASURES: Catalogue[Measure] = Catalogue("measure")


def measure(
    *,
    unit_power: int,
    best: Best,
    percent: bool = False,
    statistic: Statistic = "function",
    signed: bool = False,
    features: Mapping[str, Feature] | None = None,
    title: str = "",
    usual: bool = False,
    instead: str = "",
    root_of: str = "",
) -> Callable[[Rule], Rule]:
    """Enter a function into the catalogue of measures; the argument's name says what it needs."""

    def register(rule: Rule) -> Rule:
        where, arguments = f"{inspect.getsourcefile(rule)}: {rule.__name__}", list(inspect.signature(rule).parameters)
        for problem in _problems(rule.__name__, arguments, dict(features or {}), unit_power, best, statistic):
            raise ValueError(f"{where}: {problem}")
        if percent and unit_power:
            raise ValueError(f"{where}: unit_power: what is in per cent has no unit, expected 0, got {unit_power}")
        needs: Any = "features" if features else arguments[0]
        MEASURES.add(
            rule.__name__,
            Measure(
                name=rule.__name__,
                rule=rule,
                needs=needs,
                features=dict(features or {}),
                unit_power=unit_power,
                percent=percent,
                statistic=statistic,
                best=best,
                signed=signed,
                usual=usual,
                instead=instead,
                root_of=root_of,
                title=title or rule.__name__.replace("_", " "),
                card=card_of(rule, "MCSE"),
                module=rule.__module__,
            ),
        )
        return rule

    return register


def _problems(
    name: str, arguments: list[str], features: dict[str, Feature], power: object, best: object, statistic: object
) -> Iterable[str]:
    """What is wrong with an entry, or left open."""
    if name in _RESERVED:
        yield f"'{name}' is what a check calls the estimand's own value; choose another name"
    needs = [each for each in get_args(Needs) if each != "features"]
    if features and arguments != list(features):
        yield f"its arguments are to be its features {', '.join(features)}; got {', '.join(arguments) or 'none'}"
    if not features and (len(arguments) != 1 or arguments[0] not in needs):
        yield (
            f"a measure has one argument, which is {', '.join(needs[:-1])} or {needs[-1]}, or 'features' and an "
            f"argument for each; got {', '.join(arguments) or 'none'}"
        )
    if not isinstance(power, int) or power not in (0, 1, 2):
        yield f"unit_power: expected 0, 1 or 2, got {power!r}"
    if best not in BEST:
        yield f"best: expected one of {', '.join(BEST)}, got {best!r}"
    if statistic not in get_args(Statistic):
        yield f"statistic: expected one of {', '.join(get_args(Statistic))}, got {statistic!r}"


def names_of(*, interval: bool = False, usual: bool | None = None) -> list[str]:
    """The measures of estimators, or of intervals, in the order of the tables: the usual ones, the others, or all."""
    listed = (entry for entry in MEASURES.values() if entry.of_interval == interval)
    return [entry.name for entry in listed if usual is None or entry.usual == usual]


def wanted(names: Iterable[str], *, interval: bool = False) -> tuple[Measure, ...]:
    """The usual measures of estimators, or of intervals, and of those asked for the others, each once."""
    return _wanted(tuple(MEASURES.values()), tuple(MEASURES[name] for name in names), interval=interval)


@lru_cache(maxsize=256)  # asked for every row of a study
def _wanted(everything: tuple[Measure, ...], asked: tuple[Measure, ...], *, interval: bool) -> tuple[Measure, ...]:
    usual = [entry for entry in everything if entry.usual]
    others = [entry for entry in dict.fromkeys(asked) if not entry.usual]
    return tuple(entry for entry in [*usual, *others] if entry.of_interval == interval)


def of_errors(summary: ErrorSummary, names: Iterable[str] = ()) -> dict[str, Measured]:
    """The measures that are functions of the errors' summary, by name."""
    return {entry.name: entry.rule(summary) for entry in wanted(names) if entry.needs == "errors"}


def of_interval(summary: IntervalSummary, names: Iterable[str] = ()) -> dict[str, Measured]:
    """The measures of an interval, by name."""
    return {entry.name: entry.rule(summary) for entry in wanted(names, interval=True)}
