"""What a run is, in short, and how it differs from the one before: so that it can say what it does not use."""

from collections.abc import Iterable, Mapping
from typing import Any

from mcdiv.core.distributions import FAMILIES, Distribution
from mcdiv.engine.plan import Plan, address_of
from mcdiv.intervals.contract import INTERVALS
from mcdiv.measures.contract import MEASURES

#: what samples can be drawn from or compared with, as a line names it
_ROLES = {"truth": "truth", "model": "model", "drawn_from": "distribution drawn from"}


def run_metadata(plan: Plan, libraries: Mapping[str, str], code: Mapping[str, str]) -> dict[str, Any]:
    """A run in short; `code` has the hash of each source file, by module."""
    return {
        "seed": plan.seed,
        "libraries": dict(libraries),
        "code": dict(code),
        "truth": _contents(plan.scenario.truth),
        "model": _contents(plan.scenario.model),
        "drawn_from": _contents(_drawn_from(plan)),
    }


def modules_of_study(plan: Plan) -> set[str]:
    """Where what it names is written: estimators, intervals, measures, distributions."""
    scenario, found = plan.scenario, {task.entry.module for task in plan.tasks}
    found |= {INTERVALS[choice.name].module for choice in scenario.intervals}
    found |= {MEASURES[name].module for name in scenario.further_measures()}
    return found | {FAMILIES[d.family].rule.__module__ for d in (*scenario.truth, *scenario.model, *_drawn_from(plan))}


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is not as in the last run, a line each, and what of the ledger is therefore not used.

    An older run may have been as this one is: so no line says what is left to compute.
    """
    if not before:
        return []
    lines = []
    if before["seed"] != now["seed"]:
        lines.append(f"the seed is {now['seed']}, it was {before['seed']}; no block of another seed is used")
    for name, version in now["libraries"].items():
        if before["libraries"].get(name) != version:
            was = before["libraries"].get(name)
            lines.append(f"{name} is {version}, it was {was}; no block of another version is used")
    code = sorted(name for name, text in now["code"].items() if before["code"].get(name, text) != text)
    if code:
        lines.append(f"the code changed ({_some(code)}); nothing that other code computed is used")
    for what, role in _ROLES.items():
        gone = [label for label, content in before.get(what, {}).items() if content not in now[what].values()]
        new = [label for label, content in now[what].items() if content not in before.get(what, {}).values()]
        if gone and new:
            lines.append(f"the {role} is {_some(new)}, it was {_some(gone)}; no block of another {role} is used")
    return lines


def _drawn_from(plan: Plan) -> tuple[Distribution, ...]:
    drawn_from = plan.scenario.drawn_from
    return () if drawn_from is None else (drawn_from,)


def _contents(distributions: Iterable[Distribution]) -> dict[str, str]:
    return {distribution.label: f"{address_of(distribution.content):016x}" for distribution in distributions}


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
