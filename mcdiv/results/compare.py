"""`mcdiv compare` from Python: the estimators of finished runs ranked against each other."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mcdiv.core.catalogue import quoted
from mcdiv.files import disk, store
from mcdiv.results import ranking
from mcdiv.results.run import Results, ranking_texts


def compare(*results: str | Path | Results) -> pd.DataFrame:
    """Rank the estimators of finished runs by |bias| and by RMSE.

    Parameters
    ----------
    *results : str, Path or Results
        Folders of runs, or what `run` returned.

    Returns
    -------
    DataFrame
        A row per place (truth, model, sample sizes, estimand), run and estimator: `abs_bias` and `rmse` with their
        MCSEs (0 where they are exact), `rank_…`, and `verdict_…`: "best", "indistinguishable" where 2 MCSE do not
        separate the best ones, else how many times the best value. Within a run these are the MCSEs of paired
        differences; between runs, those of independent samples.

    Raises
    ------
    StoreError
        A folder holds no finished results, or they are not as they were written.
    TypeError, ValueError
        Something else was given, or nothing.
    """
    if not results:
        raise ValueError("results: expected at least one folder of results, got none")
    runs: dict[str, tuple[str, str, str]] = {}
    for number, each in enumerate(results, start=1):
        name, summary, comparison = _texts(each)
        if name in runs and runs[name][1:] != (summary, comparison):
            name = f"{name} ({number})"
        runs[name] = (name, summary, comparison)
    return ranking.ranked(runs.values())


def _texts(run: str | Path | Results) -> tuple[str, str, str]:
    """What a run is called, and the CSV texts that its ranking rests on."""
    if isinstance(run, Results):
        return ranking_texts(run)
    if not isinstance(run, (str, Path)):
        raise TypeError(f"results: expected the path of a folder, or Results, got {quoted(run)}")
    folder = disk.as_path("results", run, "the path of a folder")
    return str(folder), store.read_result(folder, "summary.csv"), store.read_result(folder, "comparison.csv")
