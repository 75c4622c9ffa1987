"""How a scenario says that P = Q is tested: the key `test`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict

from mcdiv.core.distributions import Distribution
from mcdiv.core.domains import Domain, Problem, shown
from mcdiv.estimands.contract import ESTIMANDS, Estimand, estimand_of
from mcdiv.measures.contract import MEASURES
from mcdiv.scenario.clauses import Check
from mcdiv.scenario.precision import Until
from mcdiv.scenario.readers import number_reader, raise_if_any

LEVEL = Domain(expected="a number between 0 and 1", accepts=lambda x: 0 < x < 1)


def _null(value: object) -> object:
    if value != "model":
        raise_if_any([((), f"expected model (the test is of P = Q), got {shown(value)}")])
    return value


#: where the critical values are from: the χ² law of many draws, or the law of the estimates where P = Q
LAWS = ("chi_squared", "exact")


def _law(value: object) -> object:
    if value not in LAWS:
        raise_if_any([((), f"expected {' or '.join(LAWS)}, got {shown(value)}")])
    return value


class NullTest(BaseModel):
    """A test that rejects P = Q where an estimated divergence is too large to come from Q."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    null: Annotated[Literal["model"], BeforeValidator(_null)]
    #: how often it may reject where P = Q; by the χ² law only in the limit of many draws
    level: Annotated[float, BeforeValidator(lambda value: float(number_reader(LEVEL)(value)))] = 0.05
    law: Annotated[Literal["chi_squared", "exact"], BeforeValidator(_law)] = "chi_squared"

    def as_written(self) -> dict[str, object]:
        """As a scenario has it; the usual law is left out."""
        return self.model_dump(exclude={"law"} if self.law == LAWS[0] else set())

    def has(self, label: str) -> bool:
        """Whether estimates of this estimand are tested."""
        return self.takes(estimand_of(label))

    def takes(self, entry: Estimand) -> bool:
        """Whether it is tested: a divergence by the exact law, what is about χ² distributed by that."""
        return entry.divergence if self.law == "exact" else entry.null_statistic is not None


class Study(Protocol):
    """What of a scenario a test is of, and what may name a measure of it."""

    test: NullTest | None
    model: tuple[Distribution, ...]
    model_sample_sizes: tuple[int, ...]
    measures: tuple[str, ...]
    checks: tuple[Check, ...]
    plots: tuple[str, ...] | None
    replicates: int | Until

    def resolved_estimands(self) -> tuple[str, ...]:
        """The labels of the estimands."""


def problems_of_test(scenario: Study) -> list[Problem]:
    """Why there is nothing to test, or what is asked of a test that there is not."""
    if scenario.test is None:
        return list(_untested(scenario))
    if not scenario.model:
        return [(("test",), "there is no model to test against; give 'model'")]
    if scenario.model_sample_sizes:
        return [(("test",), "the test is for a known model; leave 'model_sample_sizes' out")]
    if not any(map(scenario.test.has, scenario.resolved_estimands())):
        known = ", ".join(name for name in ESTIMANDS if scenario.test.takes(ESTIMANDS[name]))
        return [(("test",), f"no estimand has a test; add one of {known} to 'estimands'")]
    return []


def _untested(scenario: Study) -> Iterator[Problem]:
    """What names a measure of a test, though there is none."""
    until = scenario.replicates.measure if isinstance(scenario.replicates, Until) else ""
    places: list[tuple[tuple[str | int, ...], str]] = [(("measures", i), n) for i, n in enumerate(scenario.measures)]
    places += [(("checks", i, "measure"), check.measure) for i, check in enumerate(scenario.checks)]
    places += [(("plots", i), name) for i, name in enumerate(scenario.plots or ())]
    places += [(("replicates", "until", "measure"), until)]
    for path, name in places:
        if name in MEASURES and MEASURES[name].needs == "rejections":
            yield path, f"{name} is a measure of a test; give 'test: {{null: model}}'"
