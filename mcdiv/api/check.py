"""`mcdiv check` from Python: what a scenario means, and what running it will take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcdiv.core.number_format import counted
from mcdiv.engine.cost import Cost, cost
from mcdiv.engine.plan import Plan
from mcdiv.results.loading import load_plan
from mcdiv.scenario import json_schema
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.plugins import installed, load_plugins


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Checked:
    """A scenario that holds together, and what running it will take; `str()` says both in one line."""

    #: every default filled in
    scenario: Scenario
    #: conditions, estimators, draws, in words
    description: str
    #: seconds and memory, from trials of a few small blocks
    cost: Cost

    def __str__(self) -> str:
        """What running it means and takes."""
        return f"{self.description}; {self.cost}"

    def __repr__(self) -> str:
        """The same, with the scenario's name."""
        return f"<mcdiv.Checked '{self.scenario.name}': {self}>"


def check(scenario: str | Path, *, settings: Sequence[str] = (), plugins: Sequence[str | Path] = ()) -> Checked:
    """Check a scenario without running it, and estimate what it will cost.

    Parameters
    ----------
    scenario : str or Path
        The path of a file, or the name of a shipped scenario.
    settings : sequence of "key=value"
        Overrides of the file's values, with dotted keys.
    plugins : sequence of str or Path
        Python files with estimators of your own; they are run.

    Returns
    -------
    Checked
        With `.scenario`, `.description` and `.cost` (`.cost.seconds` on one core of this machine).

    Raises
    ------
    ScenarioError
        The scenario does not hold together; `.problems` has a line for everything wrong with it.

    Examples
    --------
    >>> check("fair").description
    '8 conditions × 9 estimators of 3 estimands, 8 by listing all outcomes'
    """
    load_plugins(plugins)
    plan = load_plan(scenario, settings)
    return Checked(scenario=plan.scenario, description=describe(plan), cost=cost(plan))


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
