"""`mcdiv threshold` of files from Python: the thresholds of many features, and what their current counts say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mcdiv.api.argument_words import arguments_named
from mcdiv.core.catalogue import did_you_mean, quoted, texts
from mcdiv.core.domains import NONNEGATIVE
from mcdiv.core.number_format import counted
from mcdiv.files import disk
from mcdiv.files.counts.asked import reading_of
from mcdiv.observed.drift import DriftQuestion, FeatureDrift, drifts_of
from mcdiv.observed.null_comparison import CUSTOMARY, FLOOR, RATE, REPLICATES, SEED, number_of
from mcdiv.scenario.clauses import SAMPLE_SIZE
from mcdiv.scenario.plugins import load_plugins
from mcdiv.significance.statistics import statistic_named

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

CORRECTIONS = ("bonferroni", "sidak")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Thresholds:
    """The thresholds of the features of a file, in its order."""

    #: one for each feature
    features: tuple[FeatureDrift, ...]

    @property
    def table(self) -> pd.DataFrame:
        """A row for each feature, with the columns of `mcdiv threshold --output`."""
        import pandas as pd

        return pd.DataFrame.from_records([each.record() for each in self.features])

    def draw(self) -> Figure:
        """The picture of `mcdiv threshold --plot`: the statistic of every feature beside its threshold."""
        from mcdiv.results.drift_picture import draw

        return draw(self.table)

    def __repr__(self) -> str:
        """How many features there are, and how many alarm."""
        alarms = sum(bool(each.alarm) for each in self.features)
        said = "" if self.features[0].alarm is None else f", {counted(alarms, 'alarm')}"
        return f"<mcdiv.Thresholds of {counted(len(self.features), 'feature')}{said}>"


def thresholds(
    reference: str | Path,
    current: str | Path | None = None,
    *,
    n: int | None = None,
    column: str | None = None,
    weights: str | Sequence[str] = (),
    by: str | None = None,
    text: Literal["letters", "words"] | None = None,
    symbols: bool = False,
    layout: str | None = None,
    samples: Literal["rows", "columns"] | None = None,
    ignore: str | Sequence[str] = (),
    missing: Literal["drop", "category"] | None = None,
    spectrum: tuple[str, str] | None = None,
    draws: int | None = None,
    normalise: bool = False,
    known: bool = False,
    rate: float = 0.05,
    correct: Literal["bonferroni", "sidak"] | None = None,
    statistic: str = "psi",
    at: float | Sequence[float] | None = None,
    floor: float = 0.0,
    replicates: int | None = None,
    seed: int = 0,
    plugins: Sequence[str | Path] = (),
) -> Thresholds:
    """Above which value of a statistic to alarm, for each feature of a file of reference counts.

    Parameters
    ----------
    reference : str or Path
        Counts of the reference, read as `estimates` reads them; each group is a feature.
    current : str or Path, optional
        Counts of the check, with the same features.
    n : int, optional
        Draws of a check, where there are no current counts.
    column : str, optional
        Column of the categories that `weights` counts.
    weights : str or sequence of str
        Column of counts; of two in one file the first holds the reference, the second the current counts.
    by : str, optional
        Column of features.
    text, symbols, layout, samples, ignore, missing, spectrum, draws, normalise
        As `estimates` has them.
    known : bool
        Take the shares of the counts as the reference itself, without a sampling error. Otherwise the law is that of
        two samples, with as many draws as the reference has.
    rate : float
        How often a feature, or with `correct` any of them, alarms without drift, at most.
    correct : {"bonferroni", "sidak"}, optional
        Divide the rate by the number of features; or for independent features 1 − (1 − rate)^(1/features).
    statistic, at, floor, seed
        As `threshold` has them.
    replicates : int, optional
        Of laws that cannot be computed; if left out, 400,000, or for many features fewer, down to 4,000.
    plugins : sequence of str or Path
        Python files with readers of your own; they are run.

    Returns
    -------
    Thresholds
        `.features` in the order of the file, `.table` as a DataFrame, `.draw()` the picture.

    Raises
    ------
    ScenarioError
        A file cannot be read, or a feature cannot be compared; the message names it.
    ValueError
        An argument does not fit.

    Examples
    --------
    >>> found = thresholds("butterflies", n=1000, known=True, statistic="js", replicates=2000)
    >>> found.features[0].threshold.replicates
    2000
    """
    load_plugins(plugins)
    if not isinstance(known, bool):
        raise TypeError(f"known: expected True or False, got {quoted(known)}")
    with arguments_named():
        reading = reading_of(
            column=column,
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
        )
    files = [disk.as_path("reference", reference), *([] if current is None else [disk.as_path("current", current)])]
    question = DriftQuestion(
        files=tuple(map(str, files)),
        reading=reading,
        weights=texts("weights", weights, "names of columns"),
        known=known,
        **checked(
            n=n, rate=rate, correct=correct, statistic=statistic, at=at, floor=floor, replicates=replicates, seed=seed
        ),
    )
    with arguments_named():
        return Thresholds(features=tuple(drift for _, drift in drifts_of(question)))


def checked(
    *, n: Any, rate: Any, correct: Any, statistic: str, at: Any, floor: Any, replicates: Any, seed: Any
) -> dict[str, Any]:
    """What does not depend on the files; a ValueError names the argument."""
    statistic_named(statistic)
    if correct is not None and correct not in CORRECTIONS:
        raise ValueError(f"correct: {did_you_mean('correction', correct, CORRECTIONS)}")
    values = at if isinstance(at, (list, tuple)) else [] if at is None else [at]
    if not values and statistic == "psi":
        values = CUSTOMARY
    return {
        "n": None if n is None else int(number_of("n", n, SAMPLE_SIZE)),
        "rate": number_of("rate", rate, RATE),
        "correct": correct,
        "statistic": statistic,
        "at": tuple(number_of("at", value, NONNEGATIVE) for value in values),
        "floor": number_of("floor", floor, FLOOR),
        "replicates": None if replicates is None else int(number_of("replicates", replicates, REPLICATES)),
        "seed": int(number_of("seed", seed, SEED)),
    }
