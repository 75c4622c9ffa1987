"""The parts of a scenario that are mappings of their own: the answers it states, the conditions it leaves out."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator, model_validator

from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.domains import NUMBER, Domain, shown
from mcdiv.measures.contract import MEASURES, names_of
from mcdiv.scenario.bounds import reason_impossible
from mcdiv.scenario.choices import read_estimand
from mcdiv.scenario.distributions import read_labels
from mcdiv.scenario.readers import list_reader, number_reader, raise_if_any

MAX_SAMPLE = 10**9
SAMPLE_SIZE = Domain(expected="a whole number from 1 to 10^9", accepts=lambda x: 1 <= x <= MAX_SAMPLE, whole=True)

SampleSizes = Annotated[tuple[int, ...], BeforeValidator(list_reader(SAMPLE_SIZE, "sample size"))]


def _one_line(value: object) -> str:
    if not isinstance(value, str):
        raise_if_any([((), f"expected text, got {shown(value)}")])
    return " ".join(str(value).split())


def _yes(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise_if_any([((), f"expected true or false, got {shown(value)}")])
    return True if value else None


def _two_numbers(value: object) -> tuple[float, float] | None:
    if value is None:
        return None
    expected = "expected two numbers, the smaller first, such as [-0.01, 0]"
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise_if_any([((), f"{expected}, got {shown(value)}")])
    assert isinstance(value, (list, tuple))
    raise_if_any([((i, *path), text) for i, end in enumerate(value) for path, text in NUMBER.problems(end)])
    low, high = (float(NUMBER.parse(end)) for end in value)
    if low > high:
        raise_if_any([((), f"{expected}, got {shown(list(value))}")])
    return low, high


Text = Annotated[str, BeforeValidator(_one_line)]
Bound = Annotated[float | None, BeforeValidator(lambda value: float(number_reader(NUMBER)(value)))]


class Check(BaseModel):
    """An answer the scenario states: a measure in some of its rows, and the bounds it keeps to.

    Bias and relative bias are compared with `below` and `above` by their size, without the sign; `between` (ends
    included) and `near` compare the value itself. Exact values are used where they exist.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    estimand: Annotated[str, BeforeValidator(read_estimand)]
    measure: Text
    estimator: Text | None = None
    interval: Text | None = None
    truth: Text | None = None
    model: Text | None = None
    #: whether it is of the mean over truths
    pooled: Annotated[bool | None, BeforeValidator(_yes)] = None
    sample_size: Annotated[int | None, BeforeValidator(number_reader(SAMPLE_SIZE))] = None
    model_sample_size: Annotated[int | None, BeforeValidator(number_reader(SAMPLE_SIZE))] = None
    below: Bound = None
    above: Bound = None
    between: Annotated[tuple[float, float] | None, BeforeValidator(_two_numbers)] = None
    near: Bound = None
    within: Bound = None
    #: of the bounds; the scenario's if left out
    units: Literal["nats", "bits", "bans"] | None = None

    @field_validator("measure")
    @classmethod
    def _known_measure(cls, value: str) -> str:
        if value not in (known := [*names_of(), *names_of(interval=True), "true_value"]):
            raise_if_any([((), did_you_mean("measure", value, known))])
        return value

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if self.below is None and self.above is None and self.near is None and self.between is None:
            raise_if_any([((), "expected a bound: below, above, between, or near and within")])
        if (self.near is None) != (self.within is None):
            raise_if_any([((), "'near' and 'within' (how far off is still near) go together")])
        if self.within is not None and self.within < 0:
            raise_if_any([(("within",), f"expected a number >= 0, got {self.within:g}")])
        if self.pooled and self.measure in MEASURES and not MEASURES[self.measure].averaged:
            raise_if_any([(("measure",), f"{self.measure} has no mean over truths: leave out 'pooled'")])
        if (self.measure in (known := names_of(interval=True))) != (self.interval is not None):
            raise_if_any([((), f"'interval' goes with the measures {', '.join(known)}, and only with them")])
        if reason := reason_impossible(self):
            raise_if_any([((), reason)])
        return self


class Exclusion(BaseModel):
    """Conditions that are left out: those of which all that is named here is so. Several values: any of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    truth: Annotated[tuple[str, ...], BeforeValidator(read_labels)] = ()
    model: Annotated[tuple[str, ...], BeforeValidator(read_labels)] = ()
    sample_size: SampleSizes = ()
    model_sample_size: SampleSizes = ()

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.truth or self.model or self.sample_size or self.model_sample_size):
            raise_if_any([((), f"expected some of {', '.join(type(self).model_fields)}")])
        return self

    def as_written(self) -> dict[str, Any]:
        """The mapping it could be read from."""
        given = {key: list(getattr(self, key)) for key in type(self).model_fields if getattr(self, key)}
        return {key: values[0] if len(values) == 1 else values for key, values in given.items()}
