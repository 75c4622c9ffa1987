"""What `mcdiv.estimates` returns: the estimates of a file as tables, sentences, advice and a picture."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from mcdiv.api.argument_words import arguments_named, in_python
from mcdiv.core.catalogue import did_you_mean, quoted
from mcdiv.core.number_format import counted, for_json
from mcdiv.errors import ScenarioError
from mcdiv.observed.by_sample import table_by_sample
from mcdiv.observed.group import Group
from mcdiv.observed.groups import rows
from mcdiv.observed.recommend import advice_or_reason, estimates_here
from mcdiv.observed.sentences import sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Estimates:
    """What a file of observations says: estimates with standard errors and intervals, and what limits trust in them."""

    #: the file, as it was given
    source: str
    #: in the order of the file; one, without a name, where the file has no groups
    groups: tuple[Group, ...]

    @property
    def table(self) -> pd.DataFrame:
        """A row per group × estimand × estimator, with the columns of `mcdiv estimate --output`; NaN for no number."""
        return pd.DataFrame.from_records([row for group in self.groups for row in rows(group)])

    @property
    def sentences(self) -> dict[str, list[str]]:
        """What limits trust, for each group: in the data, the estimates and the intervals."""
        return {group.observed.group: list(map(in_python, sentences(group))) for group in self.groups}

    @property
    def read_as(self) -> dict[str, str]:
        """What the file was taken to hold, for each group."""
        return {group.observed.group: group.observed.read_as for group in self.groups}

    def by_sample(self, estimand: str | None = None, *, sort: str | None = None) -> pd.DataFrame:
        """A row for each sample, the estimators of one estimand as columns: what the command prints of many samples.

        Without `estimand` it is the first one. `sort` is "name", "draws", "seen", "coverage" or an estimator, numbers
        with the largest first; without it the samples are in the order of the file.
        """
        names = dict.fromkeys(line.estimand for group in self.groups for line in group.lines)
        if estimand is not None and estimand not in names:
            raise ValueError(did_you_mean("estimand", estimand, names))
        with arguments_named():
            return table_by_sample(self.groups, estimand or next(iter(names)), sort).reset_index(drop=True)

    def draw(self, *, sort: str | None = None) -> Figure:
        """The picture of `mcdiv estimate --plot`: estimates with intervals by sample, in the order of `by_sample`."""
        from mcdiv.results.sample_picture import draw

        return draw(self.table, self.by_sample(sort=sort)["group"].tolist())

    def records(self) -> list[dict[str, Any]]:
        """The table as records for JSON: None where there is no number, "inf" where it is infinite."""
        return [{key: for_json(value) for key, value in row.items()} for group in self.groups for row in rows(group)]

    def advise(self) -> pd.DataFrame:
        """Which estimator is most accurate on data like these: what `mcdiv.advise` says of the same file."""
        tables, reasons = [], []
        for group in self.groups:
            if group.advice is not None:
                results, reason = group.advice.results, group.advice.reason
            else:
                with arguments_named():
                    results, reason = advice_or_reason(group.observed)
            if results is None:
                reasons.append(f"no advice{group.observed.group and f' for {group.observed.group}'}: {reason}")
                continue
            here = estimates_here(group.observed, results)
            table = results.summary.assign(estimate=[here[row.task] for row in results.rows])
            table.insert(0, "group", group.observed.group)
            tables.append(table)
        if not tables:
            raise ScenarioError(reasons)
        for line in reasons:
            warnings.warn(line, UserWarning, stacklevel=2)
        return pd.concat(tables, ignore_index=True)

    def __repr__(self) -> str:
        """Whose estimates they are, on one line; the numbers are in `.table`."""
        several = f" of {counted(len(self.groups), 'group')}" if len(self.groups) > 1 else ""
        many = counted(sum(len(group.lines) for group in self.groups), "estimate")
        return f"<mcdiv.Estimates from {quoted(self.source)}: {many}{several}>"

    def _repr_html_(self) -> str:
        """The same above the table and the sentences, as a notebook shows it."""
        table = self.table.to_html(max_rows=20, max_cols=20, notebook=True)
        named = [f"{name}: {line}" if name else line for name, lines in self.sentences.items() for line in lines]
        said = [f"<p>{escape(line)}</p>" for line in named[:20]]
        return "\n".join([f"<p><code>{escape(repr(self))}</code></p>", table, *said])
