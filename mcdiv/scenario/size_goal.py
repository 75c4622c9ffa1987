"""Sample sizes: numbers, or a goal that is to be reached. How `sample_sizes:` is read and written.

Which N reaches a goal is found by `planning.scenario_size`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from mcdiv.core.domains import POSITIVE, Problem, shown
from mcdiv.scenario.choices import read_estimand
from mcdiv.scenario.clauses import SAMPLE_SIZE
from mcdiv.scenario.readers import list_reader, raise_if_any, unknown_keys

#: measures that a sample size can be planned for
GoalMeasure: TypeAlias = Literal["rmse", "bias"]
_KEYS = ("measure", "below", "estimand", "estimator")


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeGoal:
    """The smallest N with which, and with every larger one, a measure is small enough in every condition."""

    measure: GoalMeasure
    #: the most that it may be, of a bias without the sign; in the unit of the measure
    below: float
    #: labels; None: the study's first
    estimand: str | None
    estimator: str | None
    #: N; None where it was not looked for yet
    found: int | None

    def as_written(self) -> dict[str, Any]:
        """The mapping that reads back as this."""
        until = {key: getattr(self, key) for key in _KEYS if getattr(self, key) is not None}
        return {"until": until} | ({} if self.found is None else {"found": self.found})


def read_sample_sizes(value: object) -> tuple[int, ...] | SizeGoal:
    """`10`, `[10, 100]`, or `{until: {measure: rmse, below: 0.01}}`."""
    if isinstance(value, SizeGoal):
        return value
    if not isinstance(value, Mapping):
        return list_reader(SAMPLE_SIZE, "sample size")(value)
    problems, until, found = unknown_keys(value, ("until", "found"), ()), value.get("until"), value.get("found")
    if found is not None:
        problems += [(("found",), text) for _, text in SAMPLE_SIZE.problems(found)]
    if not isinstance(until, Mapping):
        raise_if_any([*problems, (("until",), f"expected {{measure: …, below: …}}, got {shown(until)}")])
    assert isinstance(until, Mapping)
    estimand, others = _read_estimand(until.get("estimand"))
    raise_if_any([*problems, *((("until", *path), text) for path, text in [*_problems(until), *others])])
    return SizeGoal(
        measure=until["measure"],
        below=float(POSITIVE.parse(until["below"])),
        estimand=estimand,
        estimator=until.get("estimator"),
        found=None if found is None else int(SAMPLE_SIZE.parse(found)),
    )


def _problems(until: Mapping[Any, Any]) -> list[Problem]:
    problems: list[Problem] = unknown_keys(until, _KEYS, ())
    problems += [((), f"'{key}' is missing") for key in ("measure", "below") if key not in until]
    measure, known, estimator = until.get("measure", "rmse"), get_args(GoalMeasure), until.get("estimator")
    if not isinstance(measure, str) or measure not in known:
        problems.append((("measure",), f"expected {' or '.join(known)}, got {shown(measure)}"))
    if estimator is not None and not isinstance(estimator, str):
        problems.append((("estimator",), f"expected an estimator's label, got {shown(estimator)}"))
    return problems + [(("below",), text) for _, text in POSITIVE.problems(until.get("below", 1))]


def _read_estimand(value: object) -> tuple[str | None, list[Problem]]:
    """The label, or what is wrong with it."""
    try:
        return (None if value is None else read_estimand(value)), []
    except PydanticCustomError as error:
        return None, [(("estimand", *path), text) for path, text in (error.context or {})["problems"]]


PlannedSizes = Annotated[tuple[int, ...] | SizeGoal, BeforeValidator(read_sample_sizes)]
