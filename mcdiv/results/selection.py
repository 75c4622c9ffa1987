"""Which rows of a run's tables are looked at: those of some truths, models, estimands, estimators and sample sizes.

A label is given as the tables have it, as a scenario writes it, or without parameters, which means all of that name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mcdiv.core.catalogue import nearest_or_all, quoted
from mcdiv.errors import ScenarioError
from mcdiv.files import yaml_text
from mcdiv.results.loading import ARGUMENTS, as_distribution, plain
from mcdiv.scenario.choices import choices_reader, known_estimators, read_estimands
from mcdiv.scenario.clauses import SAMPLE_SIZE
from mcdiv.scenario.distributions import read_distributions

if TYPE_CHECKING:
    import pandas as pd

#: the columns that a selection looks at, and what their values are
_COLUMNS = {
    "truth": (("truth",), "truth"),
    "model": (("model",), "model"),
    "estimands": (("estimand",), "estimand"),
    "estimators": (("estimator", "estimator_a", "estimator_b"), "estimator"),
    "sample_sizes": (("sample_size",), "N"),
    "model_sample_sizes": (("model_sample_size",), "M"),
}
#: tables whose sizes are how far an experiment is, not the N of a condition
_CHECKPOINTS = ("convergence", "bands")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What rows must have, each a value or several of which one is enough; what is left empty does not matter."""

    truth: Any = ()
    model: Any = ()
    estimands: Any = ()
    estimators: Any = ()
    sample_sizes: Any = ()
    model_sample_sizes: Any = ()
    #: what messages call these: loading.OPTIONS or loading.ARGUMENTS
    called: Mapping[str, str] = field(default_factory=lambda: ARGUMENTS)

    def given(self) -> dict[str, list[Any]]:
        """The values asked for, where some are, by what they are values of."""
        listed = {key: _several(getattr(self, key)) for key in _COLUMNS}
        return {key: values for key, values in listed.items() if values}


def select(tables: Mapping[str, pd.DataFrame], selection: Selection) -> Mapping[str, pd.DataFrame]:
    """The same tables with only the rows selected; a table without such a column keeps all of its rows.

    ScenarioError where these results have no such truth, model, estimand, estimator or size, or no row that has all.
    """
    if not selection.given():
        return tables
    rows = tables["performance"]
    problems: list[str] = []
    wanted: dict[str, list[Any]] = {}
    for key, values in selection.given().items():
        there = list(dict.fromkeys(rows[_COLUMNS[key][0][0]].dropna().tolist()))
        for value in values:
            labels = _matching(key, value, there)
            wanted.setdefault(key, []).extend(labels)
            if not labels:
                problems.append(f"{selection.called[key]} {quoted(value)}: {_missing(key, value, there)}")
    if problems:
        raise ScenarioError(problems)
    selected = _Selected(tables, wanted)
    if selected["performance"].empty:
        all_of_them = ", ".join(
            f"{selection.called[key]} {quoted(value)}" for key, values in selection.given().items() for value in values
        )
        raise ScenarioError([f"no row of these results has all of {all_of_them}"])
    return selected


class _Selected(Mapping[str, "pd.DataFrame"]):
    """Tables of which only some rows are there; each is made when it is asked for."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], wanted: Mapping[str, Sequence[Any]]) -> None:
        self._tables, self._wanted = tables, wanted

    def __getitem__(self, name: str) -> pd.DataFrame:
        table = self._tables[name]
        for key, values in self._wanted.items():
            if key == "sample_sizes" and name in _CHECKPOINTS:
                continue
            for column in _COLUMNS[key][0]:
                if column in table.columns:
                    table = table[table[column].isin(values)]
        return table.reset_index(drop=True)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def _several(given: Any) -> list[Any]:
    if isinstance(given, (str, Mapping)) or not isinstance(given, Sequence):
        return [] if given is None else [given]
    return list(given)


def _matching(key: str, given: Any, there: Sequence[Any]) -> list[Any]:
    """The labels or sizes among those there that are meant."""
    if given in there:
        return [given]
    labels = list(_as_labels(key, given))
    if labels and all(label in there for label in labels):
        return labels
    return [label for label in there if str(label).partition("(")[0] == given]


def _as_labels(key: str, given: Any) -> Iterator[Any]:
    """What a value is called in the tables, where it is written as in a scenario or as an option."""
    try:
        if key in ("sample_sizes", "model_sample_sizes"):
            yield SAMPLE_SIZE.parse(given)
        elif key in ("truth", "model"):
            value = yaml_text.read_value(as_distribution(given), key) if isinstance(given, str) else plain(given)
            grid = value if isinstance(value, dict) else {"coin": value}
            yield from (each.label for each in read_distributions(grid))
        else:
            value = yaml_text.read_value(given, key) if isinstance(given, str) and ":" in given else given
            read = {"estimands": read_estimands, "estimators": choices_reader("estimator", known_estimators)}[key]
            yield from (str(getattr(each, "label", each)) for each in read(value))
    except ValueError:  # a text that is no such thing may still be a label, as of a plug-in that is not here
        return


def _missing(key: str, given: Any, there: Sequence[Any]) -> str:
    what = _COLUMNS[key][1]
    if not there:
        return f"these results have no {what}"
    if key in ("sample_sizes", "model_sample_sizes"):
        return f"these results have no such {what}; expected one of: {', '.join(f'{size}' for size in there)}"
    return f"these results have no such {what}; {nearest_or_all(given, there)}"
