"""The methods section of a paper on a finished run, to paste: `mcdiv report --methods` and `mcdiv.methods`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcdiv.engine.plan import Plan, plan_of
from mcdiv.engine.records import Row
from mcdiv.files import disk, store, yaml_text
from mcdiv.results.pages import read_tables, scenario_of
from mcdiv.results.provenance import provenance, reading
from mcdiv.results.study_results import Results
from mcdiv.results.write import manifest_of
from mcdiv.scenario.plugins import load_plugins

if TYPE_CHECKING:
    import pandas as pd


def methods(results: str | Path | Results, *, plugins: Sequence[str | Path] = ()) -> str:
    """The methods section of a paper on a finished run, as plain text to paste.

    In the order of Morris, White & Crowther (2019): aims, data-generating mechanisms, estimands, methods, performance
    measures; then versions, seed, plug-ins and the command that repeats the study.

    Parameters
    ----------
    results : str, Path or Results
        The run's folder, or what `run` returned.
    plugins : sequence of str or Path
        The plug-ins of the run, if it had any: they hold its estimators. They are run.

    Returns
    -------
    str
        Six paragraphs, each of which begins with its name; the report has them too.

    Raises
    ------
    StoreError
        There are no finished results, or a file of theirs is missing or was edited.
    ScenarioError
        The scenario of the run names what is not there, as without its plug-ins.

    Examples
    --------
    >>> from mcdiv import exact
    >>> text = methods(exact(truth=0.5, sample_sizes=10, estimators="miller_madow"))
    >>> text.splitlines()[0]
    'Aims. We measured how far an estimator of H(P) is off.'
    """
    loaded = load_plugins(plugins)
    if isinstance(results, Results):
        written = yaml_text.write_text(results.scenario.as_written())
        manifest = manifest_of(results.scenario, results.plugins, written)
        return _text(plan_of(results.scenario), results.rows, results.tables, manifest)
    folder = disk.as_path("results", results, "the path of a folder, or Results")
    tables, manifest = read_tables(folder), store.read_manifest(folder)
    with reading(folder, manifest, loaded):
        from mcdiv.results.csv_tables import rows_of

        plan = plan_of(scenario_of(folder, store.read_result(folder, "scenario.yaml")))
        return _text(plan, rows_of(tables, plan), tables, manifest)


def _text(plan: Plan, rows: Sequence[Row], tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> str:
    from mcdiv.results.report.methods import methods as described
    from mcdiv.results.report.paragraph import paragraph

    return paragraph(plan, described(plan, rows, tables), provenance(manifest))
