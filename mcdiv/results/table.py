"""`mcdiv table` from Python: a measure of finished results as a paper prints it, estimators × N."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import pandas as pd

from mcdiv.core.catalogue import did_you_mean, texts
from mcdiv.errors import ScenarioError
from mcdiv.files import disk
from mcdiv.results.pages import read_tables
from mcdiv.results.paper_formats import FORMATS, frame
from mcdiv.results.paper_table import ERRORS, PaperTable, paper_table
from mcdiv.results.selection import Selection, select
from mcdiv.results.study_results import Results

if TYPE_CHECKING:
    from typing import Literal


@overload
def table(
    results: str | Path | Results,
    measure: str | Sequence[str] = ...,
    *,
    kind: None = ...,
    truth: Any = ...,
    model: Any = ...,
    estimands: Any = ...,
    estimators: Any = ...,
    sample_sizes: Any = ...,
    model_sample_sizes: Any = ...,
    simulated: bool = ...,
    mcse: str = ...,
) -> pd.DataFrame: ...


@overload
def table(
    results: str | Path | Results,
    measure: str | Sequence[str] = ...,
    *,
    kind: Literal["latex", "markdown", "html", "csv"],
    truth: Any = ...,
    model: Any = ...,
    estimands: Any = ...,
    estimators: Any = ...,
    sample_sizes: Any = ...,
    model_sample_sizes: Any = ...,
    simulated: bool = ...,
    mcse: str = ...,
) -> str: ...


def table(
    results: str | Path | Results,
    measure: str | Sequence[str] = "bias",
    *,
    kind: str | None = None,
    truth: Any = (),
    model: Any = (),
    estimands: Any = (),
    estimators: Any = (),
    sample_sizes: Any = (),
    model_sample_sizes: Any = (),
    simulated: bool = False,
    mcse: str = "parentheses",
) -> pd.DataFrame | str:
    """A measure of finished results as a paper prints it: estimators × N, rounded by the MCSE.

    Parameters
    ----------
    results : str, Path or Results
        The run's folder, or what `run` returned.
    measure : str or sequence of str
        Names from `catalogue("measures")` that these results have. Several are stacked.
    kind : {"latex", "markdown", "html", "csv"}, optional
        A text in this format. LaTeX needs the package booktabs; a table wider than the text of the class article is cut
        into blocks, one below the other.
    truth, model : str, float, mapping, or sequence of these, optional
        Only these: labels as the tables have them, `"coin(p=0.5)"`, or as a scenario writes them; a name without
        parameters means all of that name. All if left out.
    estimands, estimators : str, mapping, or sequence of these, optional
        Only these, the same way.
    sample_sizes, model_sample_sizes : int or sequence of int, optional
        Only these.
    simulated : bool
        Simulated values, with their MCSEs, also where the exact value is known.
    mcse : {"parentheses", "pm", "none"}
        How a Monte Carlo standard error is written: `0.105 (0.003)`, `0.105 ± 0.003`, or not.

    Returns
    -------
    DataFrame of str, or str
        Without `kind` a row for each estimator, and for each estimand, truth, model, M, measure or interval where there
        are several; columns for these, and one for each N. Exact values have four significant digits and no MCSE. "†"
        marks values that leave out infinite or undefined estimates, "‡" an MCSE that rests on too few rare events.
        Full precision is in performance.csv.

    Raises
    ------
    ScenarioError
        These results have no such measure, truth, model, estimand, estimator or size, or there is no such kind.
    StoreError
        The folder holds no finished results, or a table is not as it was written.

    Examples
    --------
    >>> from mcdiv import exact
    >>> coin = exact(truth=0.5, sample_sizes=[10, 20], estimators=["plugin", "miller_madow"], units="bits")
    >>> table(coin)
          estimator         10          20
    0        plugin   −0.07650    −0.03704
    1  miller_madow  −0.004508  −0.0009721
    """
    content = made(
        results,
        texts("measure", measure, "names of measures"),
        Selection(
            truth=truth,
            model=model,
            estimands=estimands,
            estimators=estimators,
            sample_sizes=sample_sizes,
            model_sample_sizes=model_sample_sizes,
        ),
        simulated=simulated,
    )
    check_choices(kind, mcse)
    return frame(content, mcse) if kind is None else FORMATS[kind](content, mcse)


def made(
    results: str | Path | Results, measures: Sequence[str], selection: Selection, *, simulated: bool
) -> PaperTable:
    """The table, before it has a format."""
    tables: Mapping[str, pd.DataFrame]
    if isinstance(results, Results):
        tables = results.tables
    else:
        tables = read_tables(disk.as_path("results", results, "the path of a folder, or Results"))
    return paper_table(select(tables, selection), measures, simulated=simulated)


def check_choices(kind: object, mcse: object) -> None:
    """That there is such a format, and such a way to write an MCSE."""
    problems = [did_you_mean("format", kind, FORMATS)] * (kind is not None and kind not in FORMATS)
    problems += [did_you_mean("mcse", mcse, ERRORS)] * (mcse not in ERRORS)
    if problems:
        raise ScenarioError(problems)
