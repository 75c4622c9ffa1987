"""The table of problems: records in words, and the command that shows a failed estimate again."""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from mcdiv.core.number_format import amount, figure, percent, rounded
from mcdiv.core.performance import Measured
from mcdiv.core.rare_events import FEW_EVENTS
from mcdiv.engine.problems import Code, Problem
from mcdiv.estimands.contract import scale_of
from mcdiv.measures.contract import MEASURES
from mcdiv.results.tables.frames import CONDITION, frame, places

PROBLEMS = [*CONDITION, "estimand", "estimator", "kind", "replicates", "share", "first_replicate", "message", "replay"]


def problems_table(scenario: str, problems: Iterable[Problem], units: str, plugins: Sequence[str] = ()) -> pd.DataFrame:
    """A row per problem; of estimates that failed with how many, the first, and the command that shows that again."""
    condition_of = places(scenario)

    def record(problem: Problem) -> dict[str, Any]:
        cells: dict[str, Any] = {"estimand": problem.task.estimand, "estimator": problem.task.label}
        cells |= {"kind": problem.code, "replicates": problem.replicates}
        cells["message"] = _MESSAGES[problem.code](problem, units)
        if "first" in problem.values:
            cells |= {"share": problem.values["share"], "first_replicate": problem.values["first"]}
            cells["replay"] = _replay(problem, plugins)
        return condition_of(problem.condition) | cells

    return frame(map(record, problems), PROBLEMS)


def _raised(problem: Problem, units: str) -> str:
    """What an estimator raised; nothing where its estimates are infinite or undefined."""
    return problem.message


def _imprecise(problem: Problem, units: str) -> str:
    """Which MCSE a measure has, and which was asked for."""
    scale, unit = _scale_and_unit(problem, units)
    reached, wanted = (f"{problem.values[name] / scale:.3g}" for name in ("mcse", "wanted"))
    return f"{_measured(problem)} has an MCSE of {amount(reached, unit)}, asked for was {wanted}"


def _disagreement(problem: Problem, units: str) -> str:
    """How far a simulated value is from the exact one, and how improbable that is."""
    scale, unit = _scale_and_unit(problem, units)
    values = problem.values
    simulated = rounded(Measured(value=values["simulated"] / scale, mcse=values["mcse"] / scale))
    return (
        f"{_measured(problem)}: simulated {simulated}, exact {amount(figure(values['exact'] / scale), unit)} "
        f"(z = {figure(values['z'])}); chance parts them so far in fewer than one in a million runs like this one"
    )


def _rare_events(problem: Problem, units: str) -> str:
    """Why the MCSEs of a row are not to be believed, and what to do."""
    if "bound" in problem.values:
        return (
            f"all finite estimates of {problem.replicates:,} replicates are the same, so no MCSE can be given: other "
            f"values may have a probability of up to {percent(problem.values['bound'])} (95 % bound); ask for more "
            "replicates"
        )
    return (
        f"the MCSE of {' and '.join(problem.measures)} rests on rare events, of which {problem.replicates:,} "
        f"replicates hold about {problem.values['events']:.2g} (replicates / kurtosis; {FEW_EVENTS} are needed); "
        "ask for more replicates"
    )


_MESSAGES: Mapping[Code, Callable[[Problem, str], str]] = {
    "disagreement": _disagreement,
    "infinite": _raised,
    "undefined": _raised,
    "exception": _raised,
    "imprecise": _imprecise,
    "rare_events": _rare_events,
}


def _measured(problem: Problem) -> str:
    """The measure concerned, and of which interval."""
    measure = problem.measures[0]
    return measure if problem.interval is None else f"{measure} of the interval {problem.interval}"


def _scale_and_unit(problem: Problem, units: str) -> tuple[float, str]:
    """What values of the problem's measure are divided by, and the unit they have then."""
    estimand, entry = problem.task.estimand, MEASURES[problem.measures[0]]
    return scale_of(estimand, units, entry.unit_power), entry.unit(estimand, units)


def _replay(problem: Problem, plugins: Iterable[str]) -> str:
    """The command that shows the replicate again; which folder is not said: the bytes are the same in any."""
    which = ["--condition", str(problem.condition.number), "--replicate", str(problem.values["first"])]
    given = [part for plugin in plugins for part in ("--plugin", plugin)]
    return shlex.join(["mcdiv", "replay", "RESULTS", *which, "--estimator", problem.task.label, *given])
