"""`mcdiv replay` from Python: one replicate of finished results again."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mcdiv.api.argument_words import arguments_named, in_python
from mcdiv.core.catalogue import check_name
from mcdiv.core.domains import Domain
from mcdiv.engine import replay as study_replay
from mcdiv.engine.replay import Replicate
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import scale_of, unit_of
from mcdiv.files import disk, store, yaml_text
from mcdiv.results.loading import planned
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.plugins import load_plugins, missing

if TYPE_CHECKING:
    import pandas as pd

    from mcdiv.core.arrays import Counts

_NUMBER = Domain(expected="a whole number >= 0", accepts=lambda x: x >= 0, whole=True)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Replayed:
    """One replicate of a run: its counts, and what every estimator makes of them."""

    #: as it was run
    scenario: Scenario
    #: condition, counts and attempts, in nats
    replicate: Replicate

    @property
    def counts(self) -> Counts:
        """Draws from P per category, shape (K,); their order means nothing where `.replicate.unordered`."""
        return self.replicate.counts

    @property
    def counts_q(self) -> Counts | None:
        """Draws from Q, shape (K,); None where Q is not sampled."""
        return self.replicate.counts_q

    @property
    def estimates(self) -> pd.DataFrame:
        """A row per estimand and estimator: `estimate`, `unit`, and `error` where the estimator raised instead."""
        import pandas as pd

        units = self.scenario.units
        records = [
            {
                "estimand": attempt.task.estimand,
                "estimator": attempt.task.label,
                "estimate": None if attempt.value is None else attempt.value / scale_of(attempt.task.estimand, units),
                "unit": unit_of(attempt.task.estimand, units),
                "error": None if attempt.error is None else f"{type(attempt.error).__name__}: {attempt.error}",
            }
            for attempt in self.replicate.attempts
        ]
        return pd.DataFrame.from_records(records).astype({"estimate": "float64"})

    def __repr__(self) -> str:
        """Which replicate it is, on one line."""
        place = f"replicate {self.replicate.number} of condition {self.replicate.condition.number}"
        return f"<mcdiv.Replayed {place} of '{self.scenario.name}'>"


def replay(
    results: str | Path,
    *,
    condition: int,
    replicate: int,
    estimator: str | None = None,
    plugins: Sequence[str | Path] = (),
) -> Replayed:
    """Draw one replicate of a finished run again: its counts, and what every estimator makes of them.

    Parameters
    ----------
    results : str or Path
        The run's folder.
    condition : int
        Its number in the tables.
    replicate : int
        From 0, as in problems.csv.
    estimator : str, optional
        A name or label; all of them if left out.
    plugins : sequence of str or Path
        The plug-ins of the run, if it had any; they are run.

    Returns
    -------
    Replayed
        With `.counts`, `.counts_q` and `.estimates`, a DataFrame.

    Raises
    ------
    StoreError
        There are no finished results, or a file of theirs was edited.
    ScenarioError
        There is no such condition, replicate or estimator.

    Warns
    -----
    UserWarning
        A plug-in of the run is missing or has changed.
    """
    folder = disk.as_path("results", results, "the path of a folder")
    if estimator is not None:
        check_name("estimator", estimator)
    for name, given in (("condition", condition), ("replicate", replicate)):
        for _, message in _NUMBER.problems(given):
            raise ValueError(f"{name}: {message}")
    with arguments_named():
        again, cautions = replayed(folder, int(condition), int(replicate), estimator, plugins)
    for line in cautions:
        warnings.warn(in_python(line), UserWarning, stacklevel=2)
    return again


def replayed(
    folder: Path, condition: int, replicate: int, estimator: str | None, plugins: Sequence[str | Path]
) -> tuple[Replayed, list[str]]:
    """The replicate, and a line for each plug-in of the run that is missing or has changed."""
    text = store.read_result(folder, "scenario.yaml")
    cautions = missing(store.read_manifest(folder).get("plugins"), load_plugins(plugins))
    try:
        plan = planned(yaml_text.read_text(text, str(folder / "scenario.yaml")))
    except ScenarioError as error:
        raise ScenarioError([*error.problems, *cautions]) from None
    once_more = study_replay.replay(plan, condition, replicate, estimator)
    return Replayed(scenario=plan.scenario, replicate=once_more), cautions
