"""From a file, a name or options to a checked scenario: every problem at once, each with its place."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mcdiv.core.catalogue import texts
from mcdiv.core.distributions import Distribution
from mcdiv.core.domains import parse_number
from mcdiv.core.labels import matched
from mcdiv.core.pictures import unknown_plot
from mcdiv.core.units import UNITS
from mcdiv.engine.checks import check_problems
from mcdiv.engine.learning import learning_problems
from mcdiv.engine.limits import plan_problems
from mcdiv.engine.plan import Plan, plan_of
from mcdiv.engine.saving import saving_problems
from mcdiv.errors import ScenarioError, ScenarioProblem
from mcdiv.files import disk, yaml_text
from mcdiv.files.shipped import find_scenario
from mcdiv.results import row_file, variants
from mcdiv.scenario.grid import exclude_problems
from mcdiv.scenario.model import MAX_ENTRIES, Scenario, is_name, read_scenario
from mcdiv.scenario.plugins import installed
from mcdiv.scenario.size_goal import SizeGoal

#: what messages call the keys of a scenario that are given as options, and as arguments from Python
OPTIONS = {
    "truth": "--truth",
    "model": "--model",
    "sample_sizes": "-n",
    "model_sample_sizes": "-m",
    "estimators": "-e",
    "estimands": "--estimand",
    "units": "-u",
}
ARGUMENTS = {key: key for key in OPTIONS}


def load(source: str | Path, settings: Sequence[str] = ()) -> Scenario:
    """Read and check a scenario file (or a shipped scenario, by name); a ScenarioError has every problem."""
    return load_plan(source, settings).scenario


def load_plan(source: str | Path, settings: Sequence[str] = (), *, own_name: bool = False) -> Plan:
    """The same with its plan, which the checks need too; see `planned`."""
    return planned(yaml_text.read_file(find_scenario(source)), settings, own_name=own_name)


def parse(text: yaml_text.ScenarioText, settings: Sequence[str] = ()) -> Scenario:
    """Check a scenario that was read, with overrides applied."""
    return planned(text, settings).scenario


def planned(text: yaml_text.ScenarioText, settings: Sequence[str] = (), *, own_name: bool = False) -> Plan:
    """The plan of a scenario that was read, checked, with overrides applied.

    Its title says what was set of what is studied; with `own_name` its name does too.
    """
    installed()
    settings = texts("settings", settings, "strings such as 'units=bits'")
    written_in = text.values.get("units", "nats")
    written_in = written_in if written_in in UNITS else None
    _override(text, settings, own_name=own_name)
    if settings:
        _plan_again(text)
    problems = _read_counts(text)
    scenario = plan = None
    if not problems:
        scenario, problems = read_scenario(text.values)
    problems += _plot_problems(text.values.get("plots"))
    if scenario is not None and not problems and isinstance(scenario.sample_sizes_, SizeGoal):
        from mcdiv.planning.scenario_size import with_sample_size  # which loads all that plans

        scenario, problems = with_sample_size(scenario, written_in if _in_file(text, "until", "below") else None)
    if scenario is not None and not problems:
        plan = plan_of(scenario)
        problems = plan_problems(plan) + learning_problems(plan) + saving_problems(plan)
        for what, kind in scenario.save:
            if kind == "parquet" and (missing := row_file.missing(what)):
                problems.append(ScenarioProblem(path=("save", what), message=missing))
        unanswered, void = check_problems(plan), exclude_problems(scenario)
        if settings:  # an override may leave a check without its row, an exclusion without conditions
            lost = {problem.path[1] for problem in unanswered}
            kept = tuple(
                check if check.units else check.model_copy(update={"units": written_in})  # bounds stay what they were
                for i, check in enumerate(scenario.checks)
                if i not in lost
            )
            unused = {problem.path[1] for problem in void}
            exclude = tuple(entry for i, entry in enumerate(scenario.exclude) if i not in unused)
            plan = replace(plan, scenario=scenario.model_copy(update={"checks": kept, "exclude": exclude}))
        else:
            problems += unanswered + void
    if plan is None or problems:
        raise ScenarioError(text.lines(problems))
    return plan


def _override(text: yaml_text.ScenarioText, settings: Sequence[str], *, own_name: bool) -> None:
    """Apply the settings, and call what they make another study by what was set."""
    before = copy.deepcopy(text.values)
    for setting in settings:
        yaml_text.override(text, setting)
    changed = variants.changes(before, text.values, settings)
    given = {setting.partition("=")[0].strip() for setting in settings}
    name, title = text.values.get("name"), text.values.get("title", "")
    if changed and isinstance(title, str) and "title" not in given:
        text.values["title"] = variants.variant_title(title, changed)
    if changed and own_name and isinstance(name, str) and is_name(name) and "name" not in given:
        text.values["name"] = variants.variant_name(name, changed)


def _plan_again(text: yaml_text.ScenarioText) -> None:
    """Forget the sample size that was found for a goal, unless it is set itself: it was found without the settings."""
    given = text.values.get("sample_sizes")
    if isinstance(given, dict) and _in_file(text, "found"):
        given.pop("found", None)


def _in_file(text: yaml_text.ScenarioText, *keys: str) -> bool:
    """Whether a part of the sample sizes' goal is in the file, and no setting's."""
    return isinstance(text.places.get(("sample_sizes", *keys)), tuple)


def from_options(
    *,
    truth: Any,
    model: Any,
    sample_sizes: Sequence[Any],
    model_sample_sizes: Sequence[Any],
    estimators: Sequence[Any],
    units: str | None,
    settings: Sequence[str],
    estimands: Sequence[Any] = (),
    called: Mapping[str, str] = OPTIONS,
    command: str = "exact",
) -> Scenario:
    """The exact-only scenario that the options of `mcdiv exact` describe; `called`: what messages call them."""
    text = yaml_text.read_text(f"{{schema: 1, name: {command}, mode: exact, seed: 0, paths: 0}}", f"mcdiv {command}")
    text.options = called
    for key, given in _paired(truth, model):
        if given is not None or key == "truth":
            _take(text, key, given)
    text.take_all("sample_sizes", sample_sizes)
    if model_sample_sizes:
        text.take_all("model_sample_sizes", model_sample_sizes)
    text.take_all("estimators", estimators or ["plugin"])
    if estimands:
        text.take_all("estimands", estimands)
    if units is not None:
        text.take("units", units, units)
    return parse(text, settings)


def pair_from_options(
    truth: Any, model: Any, called: Mapping[str, str] = OPTIONS, command: str = "explain"
) -> tuple[Distribution, Distribution]:
    """The truth and the model that two options name, one distribution each, over the same categories."""
    rest = f"{{schema: 1, name: {command}, mode: exact, seed: 0, sample_sizes: 1, estimators: plugin, paths: 0}}"
    text = yaml_text.read_text(rest, f"mcdiv {command}")
    text.options = called
    for key, given in _paired(truth, model):
        _take(text, key, given, one=True)
    scenario = parse(text)
    for key, given, grid in (("truth", truth, scenario.truth), ("model", model, scenario.model)):
        if len(grid) > 1:
            raise ScenarioError([f"{called[key]} {given}: expected one distribution, got {len(grid)}"])
    return scenario.truth[0], scenario.model[0]


def _paired(truth: Any, model: Any) -> Iterator[tuple[str, Any]]:
    """Truth and model by their keys; two Series of pandas go together by their labels."""
    if not isinstance(truth, (str, Mapping)) and not isinstance(model, (str, Mapping)):
        yield from matched({"truth": truth, "model": model}, fill=None, hint="add it with 0").items()
    else:
        yield from (("truth", truth), ("model", model))


def _take(text: yaml_text.ScenarioText, key: str, given: Any, *, one: bool = False) -> None:
    """A distribution as an option has it, or as Python does: a coin's P(heads), a mapping, a pmf."""
    if isinstance(given, str):
        text.take(key, given, as_distribution(given, one=one))
        return
    value = plain(given)
    if not isinstance(value, dict):
        value = {"categorical": {"pmf": value}} if isinstance(value, list) else {"coin": value}
    text.put(key, value)


def plain(value: Any) -> Any:
    """A value from Python as a scenario's file would give it: mappings, lists, numbers and texts."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    value = value.tolist() if hasattr(value, "tolist") else value
    return [plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def as_distribution(text: str, *, one: bool = False) -> str:
    """YAML of a distribution: `0.5` is a coin, `0.5, 0.3, 0.2` a pmf, and `zipf: {k: 100}` itself.

    `[0.5, 0.3]` is two coins; where only `one` distribution fits, it is a pmf. A ScenarioError where it is the name of
    a file.
    """
    if disk.is_file(text):
        raise ScenarioError([f"{text}: expected a distribution, got a file; its counts are 'counts: {{file: {text}}}'"])
    inside = text.strip()
    if ":" in text:
        return text if inside.startswith(("{", "[")) else f"{{{text}}}"
    bracketed = inside.startswith("[") and inside.endswith("]")
    cells = numbers_in(inside[1:-1] if one and bracketed else inside)
    if len(cells) > 1:
        return f"{{categorical: {{pmf: [{', '.join(cells)}]}}}}"
    return f"{{coin: {text}}}" if cells or inside.startswith(("{", "[")) else text


def numbers_in(text: str) -> list[str]:
    """The numbers of "0.5, 0.3, 0.2" or "1/2 1/3 1/6"; none where anything else is among them."""
    cells = [part for cell in text.split(",") for part in cell.split() or [""]]
    try:
        for cell in cells:
            parse_number(cell)
    except ValueError:
        return []
    return cells


def _read_counts(text: yaml_text.ScenarioText) -> list[ScenarioProblem]:
    """Put the counts of `truth: {counts: {file: …}}` in place of the file's name; a model's in the truth's order."""
    named = [
        (path, given) for key in ("truth", "model", "drawn_from") for path, given in _files(key, text.values.get(key))
    ]
    if not named:
        return []
    from mcdiv.results.counted_files import read_counts  # which loads the readers of all formats

    return read_counts(named, Path(text.source).parent)


def _files(key: str, value: Any) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Where `counts: {file: …}` stands in a truth or a model, or in a list of them, and what is given there."""
    for i, entry in enumerate(value if isinstance(value, list) else [value]):
        given = entry.get("counts") if isinstance(entry, dict) else None
        if isinstance(given, dict) and "file" in given:
            yield (key, *([i] if isinstance(value, list) else []), "counts", "file"), given


def _plot_problems(names: Any) -> list[ScenarioProblem]:
    """Names of pictures that do not exist; asked only where a scenario names some, as seaborn is slow to load."""
    if not isinstance(names, (list, tuple)) or not 0 < len(names) <= MAX_ENTRIES["plots"]:
        return []
    from mcdiv.results import plots

    pictures = plots.catalogue()
    return [
        ScenarioProblem(path=("plots", i), message=unknown_plot(str(name), pictures))
        for i, name in enumerate(names)
        if not isinstance(name, str) or name not in pictures
    ]
