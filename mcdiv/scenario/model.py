"""A scenario: a question, the conditions it is asked in, the estimators that answer. Checked here, all at once.

Reading the file is the business of `files.yaml_text`; this only sees the mapping.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from mcdiv.core.distributions import Distribution
from mcdiv.core.domains import MAX_ALPHABET, Domain, Problem, shown
from mcdiv.errors import Fault, Remedy, ScenarioProblem
from mcdiv.estimands.contract import USUAL_ESTIMANDS, estimand_of
from mcdiv.estimators.entry import Estimator
from mcdiv.estimators.registry import find
from mcdiv.intervals.contract import LEVEL
from mcdiv.measures.contract import MEASURES
from mcdiv.scenario.choices import Choice, choices_reader, known_estimators, known_intervals, read_estimands
from mcdiv.scenario.clauses import Check, Exclusion, SampleSizes, Text
from mcdiv.scenario.distributions import grid_as_written, read_distributions
from mcdiv.scenario.grid import full_name, grid_problems
from mcdiv.scenario.messages import in_our_words
from mcdiv.scenario.null_hypothesis import NullTest, problems_of_test
from mcdiv.scenario.off_policy import problems_of_sampling, read_sampled, without_paths
from mcdiv.scenario.precision import Until, read_replicates
from mcdiv.scenario.readers import number_reader, raise_if_any, read_measures, read_pool, read_save, read_zip
from mcdiv.scenario.recipe import Learning
from mcdiv.scenario.size_goal import PlannedSizes, SizeGoal
from mcdiv.scenario.suitability import designs_of, reason_interval_unsupported, reason_unsupported

SCHEMA = 1
#: entries of lists that are not conditions
MAX_ENTRIES = {
    "estimands": 100,
    "estimators": 1000,
    "intervals": 1000,
    "measures": 100,
    "plots": 1000,
    "checks": 10_000,
    "exclude": 10_000,
}
MAX_PATHS = 10_000
#: characters of a name
MAX_NAME = 100
#: of a name, which is that of a folder too; and how messages say it
NAME_PATTERN = f"[A-Za-z0-9][A-Za-z0-9._=,-]{{0,{MAX_NAME - 1}}}"
NAME_CHARACTERS = "letters, digits, '.', '_', '-', '=' and ','"

PATHS = Domain(expected="a whole number from 0 to 10,000", accepts=lambda x: 0 <= x <= MAX_PATHS, whole=True)
SEED = Domain(expected="a whole number from 0 to 2^63 − 1", accepts=lambda x: 0 <= x < 2**63, whole=True)

Grid = Annotated[tuple[Distribution, ...], BeforeValidator(read_distributions)]


class Scenario(BaseModel):
    """What `mcdiv run` runs. Every list is a tuple here; a grid of truths or models is written out."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    schema_: int = Field(alias="schema")
    name: Text
    title: Text = ""
    question: Text = ""
    truth: Grid
    model: Grid = ()
    #: what samples are drawn from, where it is not the truth
    drawn_from: Annotated[Distribution | None, BeforeValidator(read_sampled)] = None
    model_sample_sizes: SampleSizes = ()
    estimands: Annotated[tuple[str, ...], BeforeValidator(read_estimands)] = Field(default=(), validate_default=False)
    estimators: Annotated[tuple[Choice, ...], BeforeValidator(choices_reader("estimator", known_estimators))]
    intervals: Annotated[tuple[Choice, ...], BeforeValidator(choices_reader("interval", known_intervals))] = Field(
        default=(), validate_default=False
    )
    level: Annotated[float, BeforeValidator(lambda value: float(number_reader(LEVEL)(value)))] = 0.95
    #: those wanted besides the usual ones
    measures: Annotated[tuple[str, ...], BeforeValidator(read_measures)] = Field(default=(), validate_default=False)
    #: numbers, or a goal that they are planned for
    sample_sizes_: PlannedSizes = Field(alias="sample_sizes")
    #: groups of lists that go together entry by entry, by name: "truth.zipf.k", "sample_sizes"
    zip_: Annotated[tuple[tuple[str, ...], ...], BeforeValidator(read_zip)] = Field(default=(), alias="zip")
    exclude: tuple[Exclusion, ...] = ()
    #: over which truths means are taken: all, or those that differ in their seed alone
    pool: Annotated[Literal["truth", "draws"] | None, BeforeValidator(read_pool)] = None
    replicates: Annotated[int | Until, BeforeValidator(read_replicates)] = 100_000
    mode: Literal["exact", "monte_carlo", "both"] = "both"
    paths: Annotated[int, BeforeValidator(number_reader(PATHS))] = 20
    seed: Annotated[int | None, BeforeValidator(number_reader(SEED))] = None
    units: Literal["nats", "bits", "bans"] = "nats"
    plots: tuple[str, ...] | None = None
    #: what is kept of the replicates, "outcomes" or "estimates", and as which kind of file, "csv" or "parquet"
    save: Annotated[tuple[tuple[str, str], ...], BeforeValidator(read_save)] = Field(default=(), validate_default=False)
    #: a test of P = Q that estimates of divergences are put to; None: no test
    test: NullTest | None = None
    checks: tuple[Check, ...] = ()
    #: asked for by `mcdiv fit`; its defaults if left out
    learning: Learning | None = None

    @model_validator(mode="before")
    @classmethod
    def _paths_are_of_the_truth(cls, data: Any) -> Any:
        return without_paths(data)

    @field_validator("schema_", mode="before")
    @classmethod
    def _known_schema(cls, value: object) -> int:
        if value != SCHEMA or isinstance(value, bool):
            newer = isinstance(value, int) and value > SCHEMA
            raise_if_any(
                [((), f"this mcdiv reads schema {SCHEMA}, got {shown(value)}" + ("; update mcdiv" if newer else ""))]
            )
        return SCHEMA

    @field_validator("name")
    @classmethod
    def _safe_name(cls, value: str) -> str:
        if not is_name(value):
            raise_if_any([((), f"expected {NAME_CHARACTERS} (the results' folder), got {shown(value)}")])
        return value

    @field_validator("model_sample_sizes")
    @classmethod
    def _has_model(cls, sizes: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        if sizes and "model" in info.data and not info.data["model"]:
            raise_if_any([((), Fault("there is no model to draw from", remedy=Remedy("give", "model")))])
        return sizes

    @field_validator("estimands")
    @classmethod
    def _model_given(cls, estimands: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if "model" in info.data and not info.data["model"]:
            in_need = [(i, e) for i, e in enumerate(estimands) if estimand_of(e).needs_model]
            raise_if_any([((i,), Fault(f"{e} needs a model", remedy=Remedy("give", "model"))) for i, e in in_need])
        return estimands

    @field_validator("estimands")
    @classmethod
    def _joint_where_needed(cls, estimands: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not all(truth.shape for truth in info.data.get("truth", ())):
            in_need = [(i, e) for i, e in enumerate(estimands) if estimand_of(e).needs_joint]
            give = Remedy("give", "joint")
            raise_if_any([((i,), Fault(f"{e} needs a joint alphabet", remedy=give)) for i, e in in_need])
        return estimands

    @field_validator("estimands")
    @classmethod
    def _category_exists(cls, estimands: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        least = min((truth.categories for truth in info.data.get("truth", ())), default=MAX_ALPHABET)
        named = [(i, e, estimand_of(e).category or 0) for i, e in enumerate(estimands)]
        wrong = [(i, f"{e}: a truth has {least} categories, numbered from 0") for i, e, at in named if at >= least]
        raise_if_any([((i,), text) for i, text in wrong])
        return estimands

    @field_validator("estimators")
    @classmethod
    def _each_fits(cls, choices: tuple[Choice, ...], info: ValidationInfo) -> tuple[Choice, ...]:
        if {"model", "drawn_from", "model_sample_sizes", "estimands"} <= set(info.data):
            problems: list[Problem] = [
                ((i,), message)
                for i, choice in enumerate(choices)
                if (message := reason_unsupported(choice, info.data))
            ]
            raise_if_any(problems)
        return choices

    @field_validator("intervals")
    @classmethod
    def _each_interval_fits(cls, choices: tuple[Choice, ...], info: ValidationInfo) -> tuple[Choice, ...]:
        if {"truth", "model", "model_sample_sizes", "estimands", "estimators"} <= set(info.data):
            reasons = [(i, reason_interval_unsupported(choice, info.data)) for i, choice in enumerate(choices)]
            raise_if_any([((i,), reason) for i, reason in reasons if reason])
        return choices

    @field_validator("measures")
    @classmethod
    def _has_intervals(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if "intervals" in info.data and not info.data["intervals"]:
            found = [(i, name) for i, name in enumerate(names) if MEASURES[name].of_interval]
            give = Remedy("give", "intervals")
            raise_if_any([((i,), Fault(f"{name} is a measure of intervals", remedy=give)) for i, name in found])
        return names

    @field_validator("replicates")
    @classmethod
    def _intervals_to_measure(cls, replicates: int | Until, info: ValidationInfo) -> int | Until:
        missing = "intervals" in info.data and not info.data["intervals"]
        if missing and isinstance(replicates, Until) and MEASURES[replicates.measure].of_interval:
            raise_if_any([(("until", "measure"), f"{replicates.measure} is a measure of intervals; give 'intervals'")])
        return replicates

    @model_validator(mode="after")
    def _tests_fit(self) -> Self:
        raise_if_any(problems_of_sampling(self))
        raise_if_any(problems_of_test(self))
        return self

    @model_validator(mode="after")
    def _conditions_fit(self) -> Self:
        raise_if_any(grid_problems(self))
        return self

    @property
    def sample_sizes(self) -> tuple[int, ...]:
        """N; while none was found for a goal, a single draw, by which all else is checked."""
        sizes = self.sample_sizes_
        return (sizes.found or 1,) if isinstance(sizes, SizeGoal) else sizes

    def resolved_estimands(self) -> tuple[str, ...]:
        """The estimands asked for: the usual ones that can be had, where none are named."""
        return self.estimands or tuple(
            name for name in USUAL_ESTIMANDS if self.model or not estimand_of(name).needs_model
        )

    def further_measures(self) -> tuple[str, ...]:
        """The measures wanted besides the usual ones: those named by `measures`, `checks`, `plots` and `until`."""
        until = (self.replicates.measure,) if isinstance(self.replicates, Until) else ()
        tested = tuple(name for name in MEASURES if MEASURES[name].needs == "rejections") if self.test else ()
        named = (*self.measures, *tested, *(check.measure for check in self.checks), *until, *(self.plots or ()))
        return tuple(name for name in dict.fromkeys(named) if name in MEASURES and not MEASURES[name].usual)

    def estimators_of(self, estimand: str) -> list[tuple[Choice, Estimator]]:
        """The scenario's estimators that estimate this, in order, each with its catalogue entry."""
        designs = designs_of(estimand, known=not self.model_sample_sizes, off_policy=self.drawn_from is not None)
        pairs = [(choice, find(estimand, choice.name, design)) for choice in self.estimators for design in designs]
        return [(choice, entry) for choice, entry in pairs if entry is not None]

    def as_written(self) -> dict[str, Any]:
        """The scenario as the mapping it could be read from, every default filled in."""
        written = {(field.alias or name): getattr(self, name) for name, field in type(self).model_fields.items()}
        grids = {"truth": self.truth, "model": self.model, "drawn_from": (self.drawn_from,) if self.drawn_from else ()}
        written |= {key: grid_as_written(grid) for key, grid in grids.items() if grid}
        written["estimands"] = self.resolved_estimands()
        for key in ("estimators", "intervals"):
            written[key] = [
                {choice.name: dict(choice.parameters)} if choice.parameters else choice.name for choice in written[key]
            ]
        written["zip"] = [[full_name(name, self) for name in group] for group in self.zip_]
        written["zip"] = written["zip"][0] if len(self.zip_) == 1 else written["zip"]
        written["exclude"] = [exclusion.as_written() for exclusion in self.exclude]
        written["checks"] = [check.model_dump(exclude_none=True) for check in self.checks]
        for key, value in (("replicates", self.replicates), ("sample_sizes", self.sample_sizes_)):
            if isinstance(value, (Until, SizeGoal)):
                written[key] = value.as_written()
        if not self.intervals:
            del written["level"]
        for key in ("model", "model_sample_sizes", "intervals", "measures", "zip", "exclude", "save"):
            if not written[key]:
                del written[key]
        for key in ("drawn_from", "pool", "seed", "plots", "test", "learning"):
            if written[key] is None:
                del written[key]
        if self.save:
            names = [what for what, kind in self.save if kind == "csv"]
            written["save"] = dict(self.save) if len(names) < len(self.save) else names if names[1:] else names[0]
        if self.test is not None:
            written["test"] = self.test.as_written()
        if self.learning is not None:
            written["learning"] = self.learning.model_dump()
        return written


def is_name(text: str) -> bool:
    """Whether a scenario, and so the folder of its results, may be called this."""
    return re.fullmatch(NAME_PATTERN, text) is not None


def read_scenario(mapping: Mapping[str, Any]) -> tuple[Scenario | None, list[ScenarioProblem]]:
    """The scenario that a mapping describes, or everything that is wrong with it."""
    counts = [(key, len(value)) for key, value in mapping.items() if key in MAX_ENTRIES and isinstance(value, list)]
    if long := [(key, count) for key, count in counts if count > MAX_ENTRIES[key]]:
        told = [(key, f"expected at most {MAX_ENTRIES[key]:,} of them, got {count:,}") for key, count in long]
        return None, [ScenarioProblem(path=(key,), message=message) for key, message in told]
    keys = [field.alias or name for name, field in Scenario.model_fields.items()]
    try:
        return Scenario.model_validate(dict(mapping)), []
    except ValidationError as error:
        return None, [
            problem for detail in error.errors(include_url=False) for problem in in_our_words(dict(detail), keys)
        ]
