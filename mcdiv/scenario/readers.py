"""How the values of a scenario's keys are read: numbers, lists, names.

Each reader returns the value in canonical form or raises one error that carries every problem it found.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.domains import Domain, Problem, shown
from mcdiv.errors import Fault
from mcdiv.measures.contract import MEASURES

#: over what means are taken, besides replicates
POOLS = {"truth": "means over all truths", "draws": "over those that differ in their seed alone"}
#: what a run may keep of its replicates
SAVED = ("outcomes", "estimates")
_SAVE = "expected outcomes, estimates, a list of both or {{outcomes: parquet}}, got {got}"


def raise_if_any(problems: list[Problem]) -> None:
    """Raise all problems as one pydantic error, if there are any."""
    if problems:
        raise PydanticCustomError("mcdiv", "{count} problems", {"problems": problems, "count": len(problems)})


def number_reader(domain: Domain) -> Callable[[object], Any]:
    """A reader of one number."""

    def read(value: object) -> Any:
        raise_if_any(list(domain.problems(value)))
        return domain.parse(value)

    return read


def list_reader(domain: Domain, what: str) -> Callable[[object], tuple[Any, ...]]:
    """A reader of a list of different values (or of one alone)."""

    def read(value: object) -> tuple[Any, ...]:
        entries = value if isinstance(value, (list, tuple)) else [value]
        if not entries:
            raise_if_any([((), f"expected at least one {what}, got an empty list")])
        raise_if_any(
            [((i, *path), message) for i, entry in enumerate(entries) for path, message in domain.problems(entry)]
        )
        parsed = tuple(domain.parse(entry) for entry in entries)
        first = dict(zip(reversed(parsed), range(len(parsed) - 1, -1, -1), strict=True))
        raise_if_any([((i,), f"{entry} is given twice") for i, entry in enumerate(parsed) if first[entry] < i])
        return parsed

    return read


def unknown_keys(value: Mapping[Any, Any], known: tuple[str, ...], inside: tuple[str, ...]) -> list[Problem]:
    """The keys of a mapping that nobody knows, as problems at their places."""
    unknown = [str(key) for key in value if key not in known]
    return [((*inside, key), Fault(did_you_mean("key", key, known), at="name")) for key in unknown]


def read_zip(value: object) -> tuple[tuple[str, ...], ...]:
    """`[truth.zipf.k, sample_sizes]`: names of lists that go together; or several such groups."""
    if value is None or value in ([], ()):
        return ()
    entries = list(value) if isinstance(value, (list, tuple)) else [value]
    groups: list[Any] = entries if entries and all(isinstance(e, (list, tuple)) for e in entries) else [entries]
    for group in groups:
        if len(group) < 2 or not all(isinstance(name, str) for name in group):
            wanted = "expected lists that go together, such as [truth.zipf.k, sample_sizes]"
            raise_if_any([((), f"{wanted}, got {shown(value)}")])
    return tuple(tuple(group) for group in groups)


def read_save(value: object) -> tuple[tuple[str, str], ...]:
    """`outcomes`, `estimates`, `{estimates: parquet}` or a list of those, as (what, kind of file)."""
    if isinstance(value, tuple) and all(isinstance(entry, tuple) for entry in value):
        return value  # as it is kept
    entries = list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
    problems: list[Problem] = [((), _SAVE.format(got=shown(value)))] if value == [] else []
    found: dict[str, str] = {}
    for i, entry in enumerate(entries):
        place: tuple[int, ...] = (i,) if len(entries) > 1 else ()
        named = {entry: "csv"} if isinstance(entry, str) and entry in SAVED else entry
        if not isinstance(named, Mapping) or not named:
            problems.append((place, _SAVE.format(got=shown(entry))))
            continue
        for what, kind in named.items():
            if what not in SAVED:
                problems.append(((*place, what), Fault(did_you_mean("key", str(what), SAVED), at="name")))
            elif kind not in ("csv", "parquet"):
                problems.append(((*place, what), f"expected csv or parquet, got {shown(kind)}"))
            elif what in found:
                problems.append((place, f"{what} is given twice"))
            else:
                found[what] = kind
    raise_if_any(problems)
    return tuple((what, found[what]) for what in SAVED if what in found)


def read_pool(value: object) -> object:
    """One of those, or nothing."""
    if value is not None and value not in POOLS:
        known = " or ".join(f"{name} ({about})" for name, about in POOLS.items())
        raise_if_any([((), f"expected {known}, got {shown(value)}")])
    return value


def read_measures(value: object) -> tuple[str, ...]:
    """`median_bias` or a list of such names."""
    names: list[str] = []
    problems: list[Problem] = []
    for i, entry in enumerate(value if isinstance(value, (list, tuple)) else [value]):
        if not isinstance(entry, str):
            problems.append(((i,), f"expected a name, got {shown(entry)}"))
        elif entry not in MEASURES:
            problems.append(((i,), did_you_mean("measure", entry, MEASURES)))
        elif entry in names:
            problems.append(((i,), f"{entry} is given twice"))
        else:
            names.append(entry)
    raise_if_any(problems)
    return tuple(names)
