"""`mcdiv check` from Python: what a scenario means, and what running it will take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.domains import POSITIVE
from mcdiv.core.number_format import counted
from mcdiv.engine.cost import Cost, cost
from mcdiv.engine.plan import Plan
from mcdiv.engine.replicates_needed import ReplicatesNeeded, replicates_needed
from mcdiv.errors import ScenarioError
from mcdiv.measures.contract import MEASURES
from mcdiv.results.loading import load_plan
from mcdiv.scenario import json_schema
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.plugins import installed, load_plugins


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Checked:
    """A scenario that holds together, and what running it will take; `str()` says both in a line."""

    #: every default filled in
    scenario: Scenario
    #: conditions, estimators, draws, in words
    description: str
    #: seconds and memory, from trials of a few small blocks
    cost: Cost
    #: how many replicates each MCSE asked for takes, in the order of `mcse`
    replicates: tuple[ReplicatesNeeded, ...] = ()

    def __str__(self) -> str:
        """What running it means and takes, and a line for each MCSE asked for."""
        return "\n".join([f"{self.description}; {self.cost}", *(f"  {one}" for one in self.replicates)])

    def __repr__(self) -> str:
        """The same, with the scenario's name."""
        return f"<mcdiv.Checked '{self.scenario.name}': {self.description}; {self.cost}>"


def check(
    scenario: str | Path,
    *,
    settings: Sequence[str] = (),
    plugins: Sequence[str | Path] = (),
    mcse: Mapping[str, float | str] | None = None,
) -> Checked:
    """Check a scenario without running it, and estimate what it will cost.

    Parameters
    ----------
    scenario : str or Path
        The path of a file, or the name of a shipped scenario.
    settings : sequence of "key=value"
        Overrides of the file's values, with dotted keys.
    plugins : sequence of str or Path
        Python files with estimators of your own; they are run.
    mcse : mapping of str to float, optional
        Monte Carlo standard errors you want, by measure: `{"bias": 0.001, "coverage": 0.005}`, in the scenario's units
        (squared for MSE and variance), as shares, or in per cent, as the measure is. How many replicates they take
        is exact where all outcomes are listed, and comes from 1,000 replicates elsewhere.

    Returns
    -------
    Checked
        With `.scenario`, `.description` and `.cost` (`.cost.seconds` on one core of this machine); and in
        `.replicates`, for each of `mcse`, a record with the number of replicates with which every row has this MCSE
        (`.replicates`), and the row that takes most (`.condition`, `.task`, `.interval`).

    Raises
    ------
    ScenarioError
        The scenario does not hold together; `.problems` has a line for everything wrong with it. Or `mcse` has no
        measure of that name, no positive number, or a measure that no row has an MCSE of.

    Examples
    --------
    >>> check("fair").description
    '8 conditions × 9 estimators of 3 estimands, 8 by listing all outcomes'
    >>> (bias,) = check("fair", settings=["sample_sizes=[10]"], mcse={"bias": 0.001}).replicates
    >>> bias.replicates, bias.condition.sample_size
    (20878, 10)
    """
    load_plugins(plugins)
    plan = load_plan(scenario, settings)
    needed = replicates_needed(plan, _precisions(plan.scenario, mcse)) if mcse else []
    return Checked(scenario=plan.scenario, description=describe(plan), cost=cost(plan), replicates=tuple(needed))


def _precisions(scenario: Scenario, mcse: Mapping[str, float | str]) -> Mapping[str, float]:
    """The same, if it can be asked of this scenario."""
    problems = []
    for measure, value in mcse.items():
        if measure not in MEASURES:
            problems.append(did_you_mean("measure", measure, MEASURES))
        elif MEASURES[measure].of_interval and not scenario.intervals:
            problems.append(f"{measure} is a measure of intervals; give 'intervals'")
        problems += [f"{measure}: {text}" for _, text in POSITIVE.problems(value)]
    if problems:
        raise ScenarioError([f"mcse: {text}" for text in problems])
    return {measure: float(POSITIVE.parse(value)) for measure, value in mcse.items()}


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of scenarios (2020-12), for editors: as `mcdiv check --schema` prints it.

    Returns
    -------
    dict
        It knows the estimators of the packages that are installed.
    """
    installed()
    return json_schema.scenario_schema()


def describe(plan: Plan) -> str:
    """What running it means, in one line."""
    scenario, conditions, tasks = plan.scenario, plan.conditions, plan.tasks
    listed = sum(condition.enumerable for condition in conditions)
    estimands = counted(len(scenario.resolved_estimands()), "estimand")
    parts = [f"{counted(len(conditions), 'condition')} × {counted(len(tasks), 'estimator')} of {estimands}"]
    if listed:
        parts.append(f"{listed} by listing all outcomes")
    if len(conditions) > listed and scenario.mode != "exact":
        blocks = sum(plan.most_blocks(condition) for condition in conditions)
        most = "" if isinstance(scenario.replicates, int) else "up to "
        each = f"{most}{plan.most_replicates:,} draws each"
        parts.append(f"{len(conditions) - listed} by {each} ({counted(blocks, 'block')})")
    return ", ".join(parts)
