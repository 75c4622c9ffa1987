"""`mcdiv estimate` from Python: estimates from a file of observations, and which estimator to believe."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from mcdiv.api.argument_words import arguments_named, in_python
from mcdiv.core.catalogue import check_name, did_you_mean, quoted, texts
from mcdiv.core.number_format import counted
from mcdiv.errors import ScenarioError
from mcdiv.files import disk
from mcdiv.files.counts.asked import reading_of
from mcdiv.observed.by_sample import table_by_sample
from mcdiv.observed.groups import Group, advised, for_json, grouped, rows
from mcdiv.observed.question import Question, observe
from mcdiv.observed.recommend import advice_or_reason, estimates_here
from mcdiv.observed.sentences import sentences
from mcdiv.results.loading import plain
from mcdiv.scenario.plugins import load_plugins

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike


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


def estimates(
    file: str | Path,
    *,
    column: str | None = None,
    weights: str | None = None,
    by: str | None = None,
    text: Literal["letters", "words", "characters", "bytes"] | None = None,
    symbols: bool = False,
    layout: str | None = None,
    samples: Literal["rows", "columns"] | None = None,
    ignore: str | Sequence[str] = (),
    missing: Literal["drop", "category"] | None = None,
    spectrum: tuple[str, str] | None = None,
    draws: int | None = None,
    normalise: bool = False,
    order: int | None = None,
    against: str | Path | None = None,
    model: str | Path | float | Mapping[str, Any] | ArrayLike | None = None,
    alphabet_size: int | None = None,
    estimands: str | Sequence[str] = (),
    estimators: str | Sequence[str] = (),
    interval: str | None = None,
    level: float = 0.95,
    units: str = "nats",
    plugins: Sequence[str | Path] = (),
    advise: bool = False,
) -> Estimates:
    """Estimate from a file of observations, with standard errors and intervals, and say what limits trust.

    Parameters
    ----------
    file : str or Path
        A table (CSV) of symbols or counts, plain tokens or running text; or the name of a shipped table from
        `catalogue("data")`.
    column : str, optional
        Column of the symbols, or of the categories that `weights` counts.
    weights : str, optional
        Column of how often each row counts.
    by : str, optional
        Column of groups; each group is estimated separately.
    text : {"letters", "words", "characters", "bytes"}, optional
        The file is running text: count these. Bytes are those of any file, as it is stored.
    symbols : bool
        Treat plain tokens as symbols even if they are whole numbers.
    layout : str, optional
        What the rows and columns of a table are: "draws", "counts", "samples-in-rows", "samples-in-columns",
        "sequence", "joint" (pairs, for "mutual_information"), "spectrum", "weights", "probabilities", "logprobs" or
        "logits"; where only one fits, it may be left out.
    samples : {"rows", "columns"}, optional
        Short for `layout`: "samples-in-rows" or "samples-in-columns".
    ignore : str or sequence of str
        Columns to leave out.
    missing : {"drop", "category"}, optional
        Leave rows out whose symbol is NA, NaN, empty …, or count these as a category; an error if left out.
    spectrum : (str, str), optional
        Columns of how often, and of how many categories occurred so often.
    draws : int, optional
        N, where the file has weights or probabilities in place of counts; without it these have the plug-in only.
    normalise : bool
        Divide probabilities by their sum, whatever that is.
    order : int, optional
        The draws are a sequence: X is so many draws, Y the next one. Estimates are of the entropy of such blocks, of Y
        given X, and of what X says of Y; standard errors are those of independent blocks.
    against : str or Path, optional
        A second sample, from Q: estimate KL divergence and cross-entropy.
    model : str, Path, float, mapping or array_like of shape (K,), optional
        Q known: a file of category,probability; or a distribution, as a scenario has it, or a pmf, in the sorted order
        of the categories.
    alphabet_size : int, optional
        Number of categories, seen or not.
    estimands, estimators : str or sequence of str
        Names or labels such as "renyi(order=2)"; all that the data allow, and a common few, if left out.
    interval : str, optional
        From `catalogue("intervals")`. If left out, noncentral_chi2 for divergences; else the jackknife, or delta where
        the jackknife misleads.
    level : float
        Intended coverage of the intervals.
    units : {"nats", "bits", "bans"}
    plugins : sequence of str or Path
        Python files with estimators of your own; they are run.
    advise : bool
        Simulate data like these, and say how accurate each estimator is, how often each interval covers, and which to
        quote: in further columns of `.table`, and in the last of the `.sentences`.

    Returns
    -------
    Estimates
        `.table` is a DataFrame with a row per group, estimand and estimator; `.sentences` says what limits trust.

    Raises
    ------
    ScenarioError
        The file cannot be read, does not say what it counts, or does not go with what is asked of it; `.problems` has a
        line for everything wrong.

    Examples
    --------
    >>> found = estimates("butterflies", estimators=["plugin", "chao_shen"])
    >>> found.table[["estimator", "value", "standard_error"]].round(3)
       estimator  value  standard_error
    0     plugin  5.807           0.016
    1  chao_shen  5.885           0.020
    """
    load_plugins(plugins)
    if not isinstance(advise, bool):
        raise TypeError(f"advise: expected True or False, got {quoted(advise)}")
    if interval is not None:
        check_name("interval", interval)
    with arguments_named():
        reading = reading_of(
            column=column,
            weights=weights,
            by=by,
            text=text,
            symbols=symbols,
            layout=layout,
            samples=samples,
            ignore=ignore,
            missing=missing,
            spectrum=spectrum,
            draws=draws,
            normalise=normalise,
            order=order,
        )
    question = Question(
        source=str(disk.as_path("file", file)),
        reading=reading,
        against=None if against is None else str(disk.as_path("against", against)),
        model=None if model is None else model_text(model),
        alphabet_size=alphabet_size,
        estimands=texts("estimands", estimands, "names of estimands"),
        estimators=texts("estimators", estimators, "names of estimators"),
        interval=interval,
        level=level,
        units=units,
    )
    with arguments_named():
        groups = grouped(observe(question, pmfs=True))
        return Estimates(source=question.source, groups=tuple(map(advised, groups) if advise else groups))


def model_text(model: str | Path | float | Mapping[str, Any] | ArrayLike) -> str:
    """A model as an option of the command has it."""
    value = plain(model)
    if isinstance(value, list):
        value = {"categorical": {"pmf": value}}
    if not isinstance(value, dict):
        return str(value) if isinstance(value, (str, Path)) else quoted(value)
    try:
        return json.dumps(value, default=quoted)
    except ValueError:  # a whole number of thousands of digits
        raise ValueError(f"model: expected a distribution, got {quoted(model)}") from None


def advise(
    file: str | Path,
    *,
    column: str | None = None,
    weights: str | None = None,
    by: str | None = None,
    text: Literal["letters", "words", "characters", "bytes"] | None = None,
    symbols: bool = False,
    layout: str | None = None,
    samples: Literal["rows", "columns"] | None = None,
    ignore: str | Sequence[str] = (),
    missing: Literal["drop", "category"] | None = None,
    spectrum: tuple[str, str] | None = None,
    draws: int | None = None,
    normalise: bool = False,
    against: str | Path | None = None,
    model: str | Path | float | Mapping[str, Any] | ArrayLike | None = None,
    alphabet_size: int | None = None,
    estimands: str | Sequence[str] = (),
    estimators: str | Sequence[str] = (),
    units: str = "nats",
    plugins: Sequence[str | Path] = (),
) -> pd.DataFrame:
    """Simulate data like those of a file, and say how far off each estimator is on them.

    The truth of the study is the observed counts, smoothed, and its samples are as large as the observed one. The
    ranking holds to the extent that the true distribution resembles these counts.

    Parameters
    ----------
    file, column, weights, by, text, symbols, layout, samples, ignore, missing, spectrum, draws, normalise
    against, model, alphabet_size, estimands, estimators, units, plugins
        As `estimates` has them. Without `estimators`, all are compared that are quick and need no parameter.

    Returns
    -------
    DataFrame
        A row per group, estimand and estimator: the columns of a run's summary (bias, sd, RMSE with their MCSEs, exact
        values, `rank`), with the group before them and after them `estimate`, of the data themselves.

    Raises
    ------
    ScenarioError
        As for `estimates`, or there is no advice for any group: its study would be too large.

    Warns
    -----
    UserWarning
        There is no advice for one of several groups.
    """
    estimated = estimates(
        file,
        column=column,
        weights=weights,
        by=by,
        text=text,
        symbols=symbols,
        layout=layout,
        samples=samples,
        ignore=ignore,
        missing=missing,
        spectrum=spectrum,
        draws=draws,
        normalise=normalise,
        against=against,
        model=model,
        alphabet_size=alphabet_size,
        estimands=estimands,
        estimators=estimators,
        units=units,
        plugins=plugins,
    )
    return estimated.advise()
