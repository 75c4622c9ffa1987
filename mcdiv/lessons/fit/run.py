"""`mcdiv fit` on one screen: scenario → fits → tables, a picture, files."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from mcdiv.core.number_format import counted
from mcdiv.engine.learning import Fit, fits
from mcdiv.engine.plan import Plan, address_of
from mcdiv.files import disk, store, yaml_text
from mcdiv.files.shipped import find_scenario
from mcdiv.results.loading import planned
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.recipe import Learning

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Fitted:
    """What a fit found."""

    #: as fitted: every default filled in, the seed drawn
    scenario: Scenario
    #: records in nats
    fits: list[Fit]
    #: a row per step of each fit, and a row per fit
    steps: pd.DataFrame
    summary: pd.DataFrame
    #: where the files are, None if none were written
    folder: Path | None
    #: the picture if it could not be drawn, a line
    failures: tuple[str, ...] = ()

    @property
    def recipe(self) -> Learning:
        """How the models were learnt."""
        return self.scenario.learning or Learning()

    def __repr__(self) -> str:
        """What was fitted, on one line; the numbers are in `.summary`."""
        where = "" if self.folder is None else f", written to {self.folder}"
        return f"<mcdiv.Fitted of '{self.scenario.name}': {counted(len(self.fits), 'fit')}{where}>"

    def _repr_html_(self) -> str:
        """The same above the summary, as a notebook shows it."""
        table = self.summary.to_html(max_rows=10, max_cols=16, notebook=True)
        return f"<p><code>{escape(repr(self))}</code></p>\n{table}"


def fit(
    scenario: str | Path, *, settings: Sequence[str] = (), own_name: bool = False, out: str | Path | None = None
) -> Fitted:
    """Learn the model of a scenario by minimising the empirical cross-entropy.

    Parameters
    ----------
    scenario : str or Path
        A scenario's file, or the name of a shipped one. Its model is where learning starts (the uniform pmf if it has
        none); its key `learning` says how, with defaults for whatever is left out.
    settings : sequence of "key=value"
        Overrides of the file's values, with dotted keys.
    own_name : bool
        Call the study by what `settings` change of what is studied, as the command does without -o and --name.
    out : str or Path, optional
        Folder for results; they go to `out`/<name>/, beside those of `mcdiv run`. Nothing is written if left out.

    Returns
    -------
    Fitted
        With `.summary`, a DataFrame with a row per fit, and `.steps`, one with a row per step of each.

    Raises
    ------
    ScenarioError
        The scenario does not hold together; `.problems` has a line for everything wrong with it.
    StoreError
        The results cannot be written; whatever was there before is as it was.
    """
    target = None if out is None else disk.as_path("out", out, "the path of a folder")
    text = yaml_text.read_file(find_scenario(scenario))
    text.values.setdefault("learning", {})
    plan = planned(text, settings, own_name=own_name)
    if plan.scenario.seed is None:
        plan = plan.seeded(secrets.randbits(32))
    if target is None:
        return _fitted(plan)
    with store.lock_output(target, plan.scenario.name) as folder:
        fitted = _fitted(plan)
        failures = _write(fitted, folder)
        written = store.commit(folder, target, plan.scenario.name)
    return replace(fitted, folder=written, failures=failures)


def _fitted(plan: Plan) -> Fitted:
    from mcdiv.results import tables

    scenario, records = plan.scenario, list(fits(plan))
    name, units, recipe = scenario.name, scenario.units, scenario.learning or Learning()
    return Fitted(
        scenario=scenario,
        fits=records,
        steps=tables.learning_table(name, records, units),
        summary=tables.learning_summary_table(name, records, units, recipe.tolerance),
        folder=None,
    )


def _write(fitted: Fitted, folder: Path) -> tuple[str, ...]:
    """The files of a fit, and a line for a picture that could not be drawn: it must not cost the tables."""
    from mcdiv.results import pages
    from mcdiv.results.csv_tables import to_csv

    written = yaml_text.write_text(fitted.scenario.as_written())
    disk.write_text(folder, "learning.csv", to_csv(fitted.steps))
    disk.write_text(folder, "learning_summary.csv", to_csv(fitted.summary))
    disk.write_text(folder, "learning.yaml", written)
    failures: tuple[str, ...] = ()
    try:
        pictures = _drawn(fitted) if fitted.scenario.plots != () else {}
    except Exception as error:
        pictures, failures = {}, (pages.failure("plots/learning", error),)
    for name, content in pictures.items():
        disk.write_bytes(folder, name, content)
    manifest = {
        "name": fitted.scenario.name,
        "seed": fitted.scenario.seed,
        "scenario": f"{address_of(written):016x}",
        **store.environment(),
    }
    store.write_manifest(folder, manifest, store.LEARNING)
    return failures


def _drawn(fitted: Fitted) -> dict[str, bytes]:
    from mcdiv.lessons.fit import plots as fit_plots
    from mcdiv.results import plots

    with plots.style():
        figure = fit_plots.learning(plots.drawable(fitted.steps), plots.drawable(fitted.summary))
        files = plots.render_all(figure, ("png", "svg"))
        return {f"plots/learning.{kind}": content for kind, content in files.items()}
