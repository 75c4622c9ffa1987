"""How fast bias and RMSE fall with the sample size, estimator by estimator, from the rows of a study."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mcdiv.core.distributions import Distribution
from mcdiv.core.power_law import MIN_SIZES, PowerLaw, fit_power_law
from mcdiv.core.rounding import without_rounding
from mcdiv.engine.plan import Task
from mcdiv.engine.records import Row

#: those that a table gives a rate of
MEASURES_WITH_RATE = ("bias", "rmse")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rate:
    """How one measure of one estimator falls with N in one setting (P, Q, M): |value| ≈ constant · N^slope, in nats."""

    truth: Distribution
    model: Distribution | None
    #: None where the model is known, and where there is one M for each N (`m_along_n`)
    model_sample_size: int | None
    m_along_n: bool
    task: Task
    measure: str
    #: every N of the setting, ascending
    sample_sizes: tuple[int, ...]
    #: its slope and standard error, which sizes it was fitted to, or why there is none
    law: PowerLaw
    #: whether some estimates were infinite or undefined, which the measure leaves out
    conditional: bool
    #: whether all values used are exact, all simulated, or some of each: "exact", "monte_carlo", "mixed"
    source: str

    @property
    def slope(self) -> float:
        """The power of N; NaN where none can be given."""
        return self.law.slope

    @property
    def slope_se(self) -> float:
        """Its standard error."""
        return self.law.slope_se

    @property
    def constant(self) -> float:
        """What N^slope is multiplied by, in nats."""
        return float(np.exp(self.law.intercept))

    @property
    def fitted_sizes(self) -> tuple[int, ...]:
        """The sizes that the line was fitted to, or would have been."""
        return tuple(size for size, used in zip(self.sample_sizes, self.law.used, strict=True) if used)


def rates(rows: Iterable[Row], measures: Sequence[str] = MEASURES_WITH_RATE) -> list[Rate]:
    """The rates of every setting, estimand and estimator that has at least three sample sizes.

    Exact values are used where they are known.
    """
    lines: dict[tuple[object, ...], list[Row]] = {}
    rows = list(rows)
    along = _with_m_along_n(rows)
    for row in rows:
        pair = _pair(row)
        lines.setdefault((pair, None if pair in along else row.condition.model_sample_size, row.task), []).append(row)
    found = itertools.chain.from_iterable(_of_line(line, measures) for line in lines.values())
    return list(found)


def _pair(row: Row) -> tuple[str, str | None]:
    """The labels of P and Q."""
    return row.condition.truth.label, row.condition.model.label if row.condition.model else None


def _with_m_along_n(rows: Iterable[Row]) -> set[tuple[str, str | None]]:
    """The (P, Q) with several M, one for each N (`zip`): these are the sizes of one setting, not several settings."""
    sizes: dict[tuple[str, str | None], set[tuple[int, int | None]]] = {}
    for row in rows:
        sizes.setdefault(_pair(row), set()).add((row.condition.sample_size, row.condition.model_sample_size))
    return {
        pair for pair, both in sizes.items() if len({m for _, m in both}) > 1 and len({n for n, _ in both}) == len(both)
    }


def _of_line(line: list[Row], measures: Sequence[str]) -> Iterator[Rate]:
    """The rates of one estimator in one setting."""
    line = sorted(line, key=lambda row: row.condition.sample_size)
    sizes = tuple(row.condition.sample_size for row in line)
    if len(set(sizes)) < MIN_SIZES:
        return
    at, sizes_of_model = line[0].condition, {row.condition.model_sample_size for row in line}
    for measure in measures:
        values = [without_rounding(row.value(measure), abs(row.true_value)) for row in line]
        known = np.array([measure in row.exact for row in line])
        mcses = [0.0 if measure in row.exact else row.reported(measure).mcse for row in line]
        law = fit_power_law(np.array(sizes, dtype=float), np.array(values), np.array(mcses))
        used = known[law.used]
        yield Rate(
            truth=at.truth,
            model=at.model,
            model_sample_size=at.model_sample_size if len(sizes_of_model) == 1 else None,
            m_along_n=len(sizes_of_model) > 1,
            task=line[0].task,
            measure=measure,
            sample_sizes=sizes,
            law=law,
            conditional=any(row.value("infinite_share") > 0 or row.value("undefined_share") > 0 for row in line),
            source="exact" if used.all() else "mixed" if used.any() else "monte_carlo",
        )
