"""`mcdiv estimate` from Python: estimates from a file of observations, and which estimator to believe."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from mcdiv.api.argument_words import arguments_named
from mcdiv.api.estimates_of_file import Estimates
from mcdiv.core.catalogue import check_name, quoted, texts
from mcdiv.files import disk
from mcdiv.files.counts.asked import reading_of
from mcdiv.observed.groups import advised, grouped
from mcdiv.observed.observe import observe
from mcdiv.observed.question import Question
from mcdiv.results.loading import plain
from mcdiv.scenario.plugins import load_plugins

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


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
        quote: in further columns of `.table`, and in the last of its `.sentences`.

    Returns
    -------
    Estimates
        `.table` is a DataFrame with a row per group, estimand and estimator; `.sentences` has a list for
        each group, by its name, of what limits trust: `.sentences[""]` where the file has no groups.

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
        source=str(disk.as_path("file", file, "the path of a file (counts go to mcdiv.estimate or mcdiv.interval)")),
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
