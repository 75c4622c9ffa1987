"""`mcdiv exact` from Python: every exact value of a scenario, or of a truth, a model and sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcdiv.core.catalogue import check_name, texts
from mcdiv.results.loading import ARGUMENTS, from_options, plain
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.scenario.plugins import load_plugins

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def exact(
    scenario: str | Path | None = None,
    *,
    truth: str | float | Mapping[str, Any] | ArrayLike | None = None,
    model: str | float | Mapping[str, Any] | ArrayLike | None = None,
    sample_sizes: int | Sequence[int] = (),
    model_sample_sizes: int | Sequence[int] = (),
    estimators: str | Sequence[str] = (),
    estimands: str | Sequence[str] = (),
    units: str | None = None,
    settings: Sequence[str] = (),
    plugins: Sequence[str | Path] = (),
) -> Results:
    """Exact bias, sd and RMSE of estimators, without simulation: of a scenario, or of a truth and sample sizes.

    Parameters
    ----------
    scenario : str or Path, optional
        The path of a file, or the name of a shipped scenario. Without it `truth` and `sample_sizes` are needed.
    truth, model : float, mapping, array_like of shape (K,), or str, optional
        P and Q: a coin's P(heads), a distribution as a scenario has it (`{"zipf": {"k": 100}}` or the text
        "zipf: {k: 100}"; lists in it make grids), or a pmf.
    sample_sizes, model_sample_sizes : int or sequence of int
        Draws from P, and from Q where it is known only through them.
    estimators, estimands : str or sequence of str
        Names or labels such as "additive(alpha=0.5)"; the plug-in, and all the usual estimands, if left out.
    units : {"nats", "bits", "bans"}, optional
        Those of the scenario, or nats, if left out.
    settings : sequence of "key=value"
        Overrides of the scenario's values, with dotted keys.
    plugins : sequence of str or Path
        Python files with estimators of your own; they are run.

    Returns
    -------
    Results
        `.summary` is a DataFrame with a row per condition, estimand and estimator; NaN where no exact value can be had.
        Nothing is written.

    Raises
    ------
    ScenarioError
        What was given does not hold together; `.problems` has a line for everything wrong with it.
    ValueError
        Both a scenario and a truth are given, or neither.

    Examples
    --------
    >>> found = exact(truth=0.5, sample_sizes=[10, 20], estimators=["plugin", "miller_madow"])
    >>> found.summary[["sample_size", "estimator", "exact_bias"]].round(6)
       sample_size     estimator  exact_bias
    0           10        plugin   -0.053027
    1           10  miller_madow   -0.003124
    2           20        plugin   -0.025674
    3           20  miller_madow   -0.000674
    """
    load_plugins(plugins)
    if (scenario is None) == (truth is None):
        raise ValueError("give either scenario or truth")
    given = [model, *map(_several, (sample_sizes, model_sample_sizes, estimators, estimands))]
    if scenario is not None and any(each is not None and each != [] for each in given):
        raise ValueError("model, sample_sizes, model_sample_sizes, estimators and estimands need truth; use settings")
    return exact_results(
        scenario,
        truth=truth,
        model=model,
        sample_sizes=_several(sample_sizes),
        model_sample_sizes=_several(model_sample_sizes),
        estimators=_several(estimators),
        estimands=_several(estimands),
        units=units,
        settings=settings,
        called=ARGUMENTS,
    )


def _several(given: Any) -> list[Any]:
    """The entries of a list, or one by itself."""
    value = plain(given)
    return value if isinstance(value, list) else [value]


def exact_results(
    source: str | Path | None,
    *,
    truth: Any,
    model: Any,
    sample_sizes: Sequence[Any],
    model_sample_sizes: Sequence[Any],
    estimators: Sequence[Any],
    estimands: Sequence[Any],
    units: str | None,
    settings: Sequence[str],
    called: Mapping[str, str],
) -> Results:
    """The same, where messages call the arguments what `called` says."""
    if units is not None:
        check_name("units", units)
    if source is not None:
        settings = texts("settings", settings, "strings such as 'units=bits'")
        return run(source, settings=[*settings, "mode=exact", "paths=0", *([f"units={units}"] if units else [])])
    return run(
        from_options(
            truth=truth,
            model=model,
            sample_sizes=sample_sizes,
            model_sample_sizes=model_sample_sizes,
            estimators=estimators,
            estimands=estimands,
            units=units,
            settings=settings,
            called=called,
        )
    )
