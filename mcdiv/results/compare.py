"""`mcdiv compare` from Python: the estimators of finished runs ranked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from mcdiv.core.catalogue import quoted
from mcdiv.core.distributions import Distribution
from mcdiv.errors import ScenarioError
from mcdiv.files import disk, store, yaml_text
from mcdiv.results.finished import FinishedRun, finished_run
from mcdiv.results.ranking import ranked
from mcdiv.results.study_results import Results
from mcdiv.scenario.distributions import read_distributions

if TYPE_CHECKING:
    import pandas as pd


def compare(*results: str | Path | Results) -> pd.DataFrame:
    """Rank the estimators of finished runs by |bias| and by RMSE.

    Parameters
    ----------
    *results : str, Path or Results
        Folders of runs, or what `run` returned.

    Returns
    -------
    DataFrame
        A row per place (truth, model, sample sizes, estimand), run and estimator, the best RMSE of each place first.

        - `abs_bias`, `rmse` and their MCSEs, 0 where they are exact; infinite or NaN for an estimator that can be;
        - `rank_…`: one more than how many have less; an estimator that fails less often comes first;
        - `verdict_…`, against the first row with the lowest rank: "best"; "indistinguishable", where 2 MCSE do not
          separate them (of the best one: from at least one other); "×1.3", how many times the best value; "worse",
          where the best value is noise or so small that no ratio says anything; "less where both are finite", of an
          estimator that fails more often; "only one"; "not comparable";
        - `abs_bias_ratio`, `rmse_ratio`: that number, NaN where there is none;
        - `abs_bias_difference`, `mse_difference` and their MCSEs: this row minus the best one;
        - `…_left_out_share`: the share of replicates that is left out of the difference, as one of the two is not
          finite there.

        Within a run the differences are the paired ones of comparison.csv, and the verdicts the same. Rows of several
        runs are compared where truth, model, N, M and estimand are the same, in the units of the first run. Their
        MCSEs are those of independent samples, or the sum of both where the runs have the same seed. Estimators that
        are not always finite are compared within their run only.

    Raises
    ------
    StoreError
        A folder holds no finished results, or they are not as they were written.
    TypeError, ValueError
        Something else was given, or nothing.

    Examples
    --------
    >>> import mcdiv
    >>> study = mcdiv.run("fair", settings=["mode=exact", "sample_sizes=10", "estimands=entropy"])
    >>> table = mcdiv.compare(study)
    >>> print(table[["estimator", "rank_abs_bias", "verdict_abs_bias"]].to_string(index=False))
              estimator  rank_abs_bias verdict_abs_bias
              jackknife              2            ×1.45
    additive(alpha=0.5)              3            ×13.8
           miller_madow              1             best
                 plugin              4              ×17
    """
    if not results:
        raise ValueError("results: expected at least one folder of results, got none")
    runs: list[FinishedRun] = []
    for number, each in enumerate(results, start=1):
        found = _finished(each)
        known = next((run for run in runs if run.name == found.name), None)
        if known is not None and _same(known, found):
            continue
        runs.append(found if known is None else replace(found, name=f"{found.name} ({number})"))
    return ranked(runs)


def _same(first: FinishedRun, second: FinishedRun) -> bool:
    """Whether two runs say the same."""
    from mcdiv.results.csv_tables import to_csv

    pairs = ((first.summary, second.summary), (first.comparison, second.comparison))
    return all(to_csv(one) == to_csv(other) for one, other in pairs)


def _finished(run: str | Path | Results) -> FinishedRun:
    """What a ranking needs of a run, from its files or from memory."""
    if isinstance(run, Results):
        return finished_run(run.scenario, run.tables, run.folder)
    if not isinstance(run, (str, Path)):
        raise TypeError(f"results: expected the path of a folder, or Results, got {quoted(run)}")
    from mcdiv.results.csv_tables import read_table

    folder = disk.as_path("results", run, "the path of a folder")
    seed = store.read_manifest(folder).get("seed")
    return FinishedRun(
        name=str(folder),
        seed=seed if isinstance(seed, int) else None,
        summary=read_table(store.read_result(folder, "summary.csv")),
        comparison=read_table(store.read_result(folder, "comparison.csv")),
        contents=_contents(store.read_result(folder, "scenario.yaml"), str(folder / "scenario.yaml")),
    )


def _contents(written: str, source: str) -> dict[str, str]:
    """All of every truth and model by its label, as far as they are made of families that are known here."""
    try:
        values: Mapping[str, Any] = yaml_text.read_text(written, source).values
    except ScenarioError:
        return {}
    found: dict[str, str] = {}
    for key in ("truth", "model"):
        try:
            grid: tuple[Distribution, ...] = read_distributions(values[key]) if values.get(key) else ()
        except PydanticCustomError:  # a family of a plug-in
            continue
        found |= {each.label: each.content for each in grid}
    return found
