"""Which values a parameter may take: one small record per kind, used by Python, YAML and the JSON Schema.

A parameter of a distribution or an estimator says its domain in its annotation:
`def coin(p: Annotated[float, PROBABILITY])`.
"""

import inspect
import itertools
import math
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral, Real
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from mcdiv.core.arrays import COUNT_LIMIT, SUM_TOLERANCE
from mcdiv.core.catalogue import did_you_mean, quoted
from mcdiv.errors import Fault, What

Number: TypeAlias = int | float | Fraction
_LARGEST = 1e308
MAX_ALPHABET = 10**6
#: a problem is where in the value (a path of keys and indices) and what
Problem: TypeAlias = tuple[tuple[str | int, ...], What]


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The values a parameter may take."""

    #: what a message says was expected: "a probability in [0, 1]"
    expected: str
    #: whether a number lies in the domain
    accepts: Callable[[Number], bool] = lambda _: True
    #: whether only whole numbers do
    whole: bool = False
    #: whether the value is a list of such numbers that sums to 1
    pmf: bool = False
    #: whether the value is a table of such numbers, a list of equally long rows, that sums to 1
    table: bool = False
    #: whether the value is a list of counts, where "3*5" stands for three fives
    counts: bool = False
    #: whether the value is a name
    text: bool = False
    #: whether the value is a list of any such numbers
    several: bool = False
    #: the words that may stand instead of a number
    choices: tuple[str, ...] = ()
    #: reads a list with a form of its own, or raises a ValueError that says what is wrong with it
    reader: Callable[[object], Any] | None = None
    #: a value in it, for tests and pages; None where nothing of that domain is ever chosen for them
    example: Any = None

    @property
    def listed(self) -> bool:
        """Whether a single value is a list."""
        return self.pmf or self.table or self.counts or self.several or self.reader is not None

    def parse(self, value: object) -> Any:
        """The value in its canonical form (a whole number as int, a fraction exact); ValueError if it does not fit."""
        if self.reader is not None:
            return self.reader(value)
        if self.pmf or self.table:
            return self._parse_pmf(value) if self.pmf else self._parse_table(value)
        if self.counts:
            return self._parse_counts(value)
        if self.text or self.choices:
            if not isinstance(value, str) or not (self.text or value in self.choices):
                raise ValueError(f"expected {self.expected}, got {shown(value)}")
            return value
        if self.several:
            if not isinstance(value, (list, tuple)) or not value:
                raise ValueError(f"expected {self.expected}, got {shown(value)}")
            return tuple(NUMBER.parse(entry) for entry in value)
        try:
            number = parse_number(value)
        except ValueError:
            raise ValueError(f"expected {self.expected}, got {shown(value)}") from None
        if not self.accepts(number) or (self.whole and number != int(number)):
            raise ValueError(f"expected {self.expected}, got {shown(value)}")
        return int(number) if self.whole else number

    def problems(self, value: object) -> Iterator[Problem]:
        """What is wrong with a value, entry by entry where it is a list."""
        entries: list[Problem] = []
        if (self.pmf or self.several) and isinstance(value, (list, tuple)):
            one = PROBABILITY if self.pmf else NUMBER
            entries = [((i,), message) for i, entry in enumerate(value) for _, message in one.problems(entry)]
        if self.table and isinstance(value, (list, tuple)):
            entries = list(_row_problems(value))
        if entries:
            yield from entries
            return
        try:
            self.parse(value)
        except ValueError as error:
            yield (), str(error)

    def _parse_counts(self, value: object) -> tuple[int, ...]:
        if not isinstance(value, (list, tuple)) or not value:
            raise ValueError(f"expected {self.expected}, got {shown(value)}")
        counts: list[int] = []
        for entry in value:
            times, star, count = entry.partition("*") if isinstance(entry, str) else ("1", "", entry)
            run = _COUNT.parse(times)
            if len(counts) + run > MAX_ALPHABET:
                raise ValueError(f"stands for more than {MAX_ALPHABET:,} categories")
            counts += [_COUNT.parse(count if star else entry)] * (run if star else 1)
        if not any(counts):
            raise ValueError("there are no draws: all counts are 0")
        return tuple(counts)

    def _parse_pmf(self, value: object) -> tuple[Number, ...]:
        if not isinstance(value, (list, tuple)) or not value:
            raise ValueError(f"expected {self.expected}, got {shown(value)}")
        entries = tuple(PROBABILITY.parse(entry) for entry in value)
        _check_sum(entries)
        return entries

    def _parse_table(self, value: object) -> tuple[tuple[Number, ...], ...]:
        if not isinstance(value, (list, tuple)) or not value:
            raise ValueError(f"expected {self.expected}, got {shown(value)}")
        for _, message in _row_problems(value):
            raise ValueError(str(message))
        rows = tuple(tuple(PROBABILITY.parse(entry) for entry in row) for row in value)
        _check_sum([entry for row in rows for entry in row])
        return rows


def _check_sum(entries: Sequence[Number]) -> None:
    total = math.fsum(float(entry) for entry in entries)
    if abs(total - 1) > SUM_TOLERANCE:
        raise ValueError(f"sums to {total:.12g}; probabilities must sum to 1 (within 1e-9)")


def _row_problems(rows: Sequence[object]) -> Iterator[Problem]:
    """What is wrong with the rows of a table of probabilities, row by row."""
    for i, row in enumerate(rows):
        if not isinstance(row, (list, tuple)) or not row:
            yield (i,), f"expected a row of probabilities, got {shown(row)}"
            continue
        first = rows[0]
        if isinstance(first, (list, tuple)) and len(row) != len(first):
            yield (i,), f"expected a row as long as the first one, with {len(first)} entries, got {len(row)}"
        yield from (((i, j), message) for j, entry in enumerate(row) for _, message in PROBABILITY.problems(entry))


PROBABILITY = Domain(expected="a probability in [0, 1]", accepts=lambda x: 0 <= x <= 1, example=0.3)
POSITIVE = Domain(expected="a number > 0", accepts=lambda x: x > 0, example=0.5)
NONNEGATIVE = Domain(expected="a number >= 0", accepts=lambda x: x >= 0, example=0.5)
#: beyond it powers of probabilities leave floats
ORDER = Domain(expected="an order from 0 to 1000", accepts=lambda x: 0 <= x <= 1000, example=2)
ALPHABET = Domain(
    expected="a whole number from 1 to 10^6", accepts=lambda x: 1 <= x <= MAX_ALPHABET, whole=True, example=7
)
CATEGORY = Domain(
    expected="the number of a category, from 0",
    accepts=lambda x: 0 <= x < MAX_ALPHABET,
    whole=True,
    example=0,
)
PMF = Domain(expected="a list of probabilities", pmf=True)
TABLE = Domain(expected="a table of probabilities, such as [[0.4, 0.1], [0.1, 0.4]]", table=True)
COUNTS = Domain(expected='a list of whole numbers >= 0, or of runs such as "3*5"', counts=True)
NAME = Domain(expected="a name", text=True)
_COUNT = Domain(expected="a whole number >= 0", accepts=lambda x: 0 <= x < COUNT_LIMIT, whole=True)
SHARE = Domain(expected="a number in [0, 1]", accepts=lambda x: 0 <= x <= 1, example=0.5)
WHOLE = Domain(expected="a whole number >= 0", accepts=lambda x: x >= 0, whole=True, example=3)
NUMBERS = Domain(expected="a list of numbers", several=True)
NUMBER = Domain(expected="a number", example=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a distribution or an estimator."""

    name: str
    domain: Domain
    #: its default, or inspect.Parameter.empty
    default: Any

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is inspect.Parameter.empty

    def has_default(self, value: object) -> bool:
        """Whether a value is its default, as an infinite number, which is in no domain, can be."""
        return type(value) is type(self.default) is float and value == self.default

    @property
    def example(self) -> Any:
        """Its default, or where it must be given the example of its domain; a ValueError where that has none."""
        if self.required and self.domain.example is None:
            raise ValueError(f"parameter '{self.name}' has no example: give its Domain one (example=…)")
        return self.domain.example if self.required else self.default


def parameters_of(function: Callable[..., Any]) -> dict[str, Parameter]:
    """The parameters of a function that say their domain in their annotation, in order."""
    hints = get_type_hints(function, include_extras=True)
    return {
        name: Parameter(name=name, domain=_domain(hints[name]), default=parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if name in hints and get_origin(hints[name]) in (Annotated, Literal)
    }


def check_parameters(owner: str, given: dict[str, Any], known: dict[str, Parameter]) -> dict[str, Any]:
    """The given parameters in canonical form with the defaults filled in; ValueError names the first mistake."""
    for path, message in parameter_problems(owner, given, known):
        raise ValueError(": ".join([owner + "".join(f".{quoted(key)}" for key in path), str(message)]))
    return {
        name: parameter.domain.parse(given[name])
        if name in given and not parameter.has_default(given[name])
        else parameter.default
        for name, parameter in known.items()
    }


def parameter_problems(
    owner: str, given: dict[str, Any], known: dict[str, Parameter], looked_at: Container[str] = ()
) -> Iterator[Problem]:
    """All that is wrong with the parameters given to `owner`; `looked_at`: those that were given and checked before."""
    for name, value in given.items():
        if name in known and known[name].has_default(value):
            continue  # which may be outside the domain: ∞ of a limit
        if name not in known:
            unknown = did_you_mean("parameter", name, known) if known else f"unknown parameter; {owner} has none"
            yield (name,), Fault(unknown, at="name")
        else:
            for path, message in known[name].domain.problems(value):
                yield (name, *path), message
    for name, parameter in known.items():
        if parameter.required and name not in given and name not in looked_at:
            yield (
                (),
                f"parameter '{name}' is missing; expected '{owner}: {{{name}: …}}' with {parameter.domain.expected}",
            )


def parse_number(value: object) -> Number:
    """Read 3, 0.5, "1e6", "100_000" or "1/3" (exact); anything else, NaN and infinities are a ValueError."""
    if isinstance(value, str):
        value = _read(value)
    number: object = value
    if isinstance(value, Integral):
        number = int(value)
    elif isinstance(value, Real) and not isinstance(value, Fraction):
        number = float(value)
    fits = isinstance(number, (int, float, Fraction)) and -_LARGEST < number < _LARGEST
    if isinstance(value, bool) or not isinstance(number, (int, float, Fraction)) or not fits:
        raise ValueError(f"expected a number, got {shown(value)}")
    return number


def runs_of(counts: Sequence[int]) -> list[int | str]:
    """Counts as a list that reads back as them, shorter where neighbours are equal: "3*5" for three fives."""
    runs = ((count, sum(1 for _ in run)) for count, run in itertools.groupby(counts))
    return [count if times == 1 else f"{times}*{count}" for count, times in runs]


def shown(value: object) -> str:
    """A value as a message quotes it, cut where it is long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    try:
        text = str(value) if isinstance(value, (int, float, Fraction)) else " ".join(repr(value).split())
    except Exception:
        return quoted(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _read(text: str) -> Number | str:
    for kind in (int, float, Fraction):
        try:
            number = kind(text)
        except (ValueError, ZeroDivisionError):
            continue
        if not -_LARGEST < number < _LARGEST:
            return number if isinstance(number, float) else text
        if number and not float(number):
            return text  # a fraction that no float holds
        # 1/2 and 0.5 are one value and must have one form, or they would be two conditions.
        return float(number) if isinstance(number, Fraction) and Fraction(float(number)) == number else number
    return text


def _domain(hint: Any) -> Domain:
    if get_origin(hint) is Literal:
        words = get_args(hint)
        return Domain(expected=" or ".join(words), choices=words, example=words[0])
    domain: Domain = hint.__metadata__[0]
    return domain
