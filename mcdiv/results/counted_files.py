"""The counts of files that a scenario names in place of a truth or a model: `truth: {counts: {file: …}}`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from mcdiv.core.catalogue import did_you_mean
from mcdiv.errors import ScenarioError, ScenarioProblem
from mcdiv.files import counts
from mcdiv.files.counts.asked import KEYS, reading_in
from mcdiv.files.shipped import find_data

#: where a file is named in a scenario, and what is given there
Named: TypeAlias = tuple[tuple[str | int, ...], dict[str, Any]]


def read_counts(named: Sequence[Named], folder: Path) -> list[ScenarioProblem]:
    """Put counts in place of the names of files, which are looked for in `folder`; a model's in the truth's order."""
    problems: list[ScenarioProblem] = []
    tallies: list[tuple[dict[str, Any], counts.CategoryCounts]] = []
    together = len({path[0] for path, _ in named}) > 1
    if together and len({path[0] for path, _ in named}) < len(named):
        told = "a truth and a model that are both read from files pair their categories by label: give one of each"
        return [ScenarioProblem(path=path, message=told) for path, _ in named if path[0] != "truth"]
    for path, given in named:
        try:
            tally = _read_one(given, folder)
        except ScenarioError as error:
            problems += [ScenarioProblem(path=path, message=line) for line in error.problems]
        else:
            tallies.append((given, tally))
    shared: tuple[str, ...] = ()
    for _, tally in tallies if together else ():
        shared = counts.aligned(shared, tally.labels)
    for given, tally in tallies:
        labels = shared if together else tuple(tally.labels)
        given |= {"name": Path(given.pop("file")).stem, "values": tally.ordered(labels).tolist()}
    return problems


def _read_one(given: dict[str, Any], folder: Path) -> counts.CategoryCounts:
    if "values" in given or not isinstance(given["file"], str):
        raise ScenarioError(["expected the name of one file, and no 'values' beside it"])
    file = find_data(given["file"], folder)
    if _is_special(file):
        raise ScenarioError([f"{file}: is not a regular file"])
    name = "./-" if str(file) == "-" else str(file)  # "-" is standard input
    group = given.pop("group", None)
    reading = reading_in({key: given.pop(key) for key in KEYS if key in given})
    tallies = counts.read_tallies(name, reading)
    if group is not None:
        groups = {tally.group: tally for tally in tallies}
        if str(group) not in groups:
            raise ScenarioError([f"{file}: {did_you_mean('group', str(group), groups)}"])
        return groups[str(group)]
    if len(tallies) > 1:
        few = ", ".join([*(tally.group for tally in tallies[:5]), *["…"] * (len(tallies) > 5)])
        raise ScenarioError([f"{file}: holds {len(tallies)} samples; expected one, named by 'group': {few}"])
    return tallies[0]


def _is_special(file: Path) -> bool:
    """Whether it is a folder, a device or a pipe, which may never end."""
    try:
        return file.exists() and not file.is_file()
    except OSError:
        return False  # reading it will say why
