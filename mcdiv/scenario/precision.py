"""How many replicates: a number, or as many as a precision takes. How `replicates:` is read and written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.domains import POSITIVE, Domain, shown
from mcdiv.measures.contract import names_of
from mcdiv.scenario.readers import number_reader, raise_if_any, unknown_keys

MAX_REPLICATES = 10**12
#: where a precision is asked for without them
DEFAULT_MIN, DEFAULT_MAX = 1000, 10**7
REPLICATES = Domain(expected="a whole number from 1 to 10^12", accepts=lambda x: 1 <= x <= MAX_REPLICATES, whole=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """Replicates until every row of a condition has an MCSE this small, or there are `most`."""

    measure: str
    #: in the measure's unit: the scenario's units (squared for MSE and variance), a share, or per cent
    mcse: float
    least: int
    most: int

    def as_written(self) -> dict[str, Any]:
        """The mapping that reads back as this."""
        return {"until": {"measure": self.measure, "mcse": self.mcse}, "min": self.least, "max": self.most}


def read_replicates(value: object) -> int | Until:
    """`4000`, or `{until: {measure: bias, mcse: 1e-4}, min: 1000, max: 1e7}`."""
    if isinstance(value, Until):
        return value
    if not isinstance(value, Mapping):
        return int(number_reader(REPLICATES)(value))
    problems = unknown_keys(value, ("until", "min", "max"), ())
    until = value.get("until")
    if not isinstance(until, Mapping):
        raise_if_any([*problems, (("until",), f"expected {{measure: …, mcse: …}}, got {shown(until)}")])
    assert isinstance(until, Mapping)
    problems += unknown_keys(until, ("measure", "mcse"), ("until",))
    problems += [(("until",), f"'{key}' is missing") for key in ("measure", "mcse") if key not in until]
    measure = until.get("measure", "bias")
    known = [*names_of(), *names_of(interval=True)]
    if not isinstance(measure, str) or measure not in known:
        problems.append((("until", "measure"), did_you_mean("measure", measure, known)))
    problems += [(("until", "mcse"), text) for _, text in POSITIVE.problems(until.get("mcse", 1))]
    limits = {"min": value.get("min", DEFAULT_MIN), "max": value.get("max", DEFAULT_MAX)}
    problems += [((key,), text) for key, entry in limits.items() for _, text in REPLICATES.problems(entry)]
    raise_if_any(problems)
    least, most = (REPLICATES.parse(entry) for entry in limits.values())
    if least > most:
        too_much = ("min",), f"min is {least}, more than max, which is {most}"
        raise_if_any([too_much if "min" in value else (("max",), f"max is {most}, less than min, which is {least}")])
    return Until(measure=measure, mcse=float(POSITIVE.parse(until["mcse"])), least=least, most=most)
