"""`mcdiv plan` from Python: how many draws a goal takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mcdiv.api.plans import plans
from mcdiv.api.sample_size_plan import SampleSizePlan
from mcdiv.core.catalogue import check_name, quoted
from mcdiv.core.units import Units, nats_per
from mcdiv.results.loading import ARGUMENTS
from mcdiv.scenario.plugins import load_plugins

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike


def plan(
    estimand: str,
    *,
    truth: str | float | Mapping[str, Any] | ArrayLike,
    model: str | float | Mapping[str, Any] | ArrayLike | None = None,
    estimator: str = "plugin",
    within: float | None = None,
    relative: float | None = None,
    rmse: float | None = None,
    bias: float | None = None,
    width: float | None = None,
    confidence: float = 0.95,
    interval: str = "jackknife",
    ratio: float | None = None,
    units: Units = "nats",
    seed: int = 0,
    curve: bool = False,
    plugins: Sequence[str | Path] = (),
) -> SampleSizePlan:
    """The smallest sample size with which an estimator reaches a goal, and reaches it with every larger one too.

    The first N that reaches a goal is often no answer: the probability of a small error goes up and down with N, as
    estimates are on a lattice. Give exactly one of `within`, `relative`, `rmse`, `bias` and `width`.

    Parameters
    ----------
    estimand : str
        A name from `mcdiv list estimands`, with its parameters where it has some: "renyi(order=2)".
    truth, model : float, mapping, array_like of shape (K,), or str
        P, and Q where the estimand needs it: a coin's P(heads), a distribution as a scenario has it
        (`{"zipf": {"k": 100}}` or the text "zipf: {k: 100}"), or a pmf. An estimand of P alone ignores the model. A
        truth that is not known is a range of one parameter, "coin: [0.1, 0.9]": the plan is that of the worst truth.
    estimator : str
        A name from `mcdiv list estimators`, or a label such as "additive(alpha=0.5)".
    within : float
        The error |estimate − true value| is to be at most this, in `units`, with probability `confidence`. Infinite and
        undefined estimates are errors.
    relative : float
        The same as a share of the true value: 0.05 for 5 %.
    rmse, bias : float
        The most that the RMSE, or the size of the bias, of the finite estimates may be, in `units`.
    width : float
        The most that the mean width of the intervals may be, in `units`; see `interval`. Their level is `confidence`.
    confidence : float
        Between 0 and 1.
    interval : str
        For `width`: a name from `mcdiv list intervals`.
    ratio : float, optional
        Where the model is known through draws only: M = ratio × N of them, rounded up.
    units : {"nats", "bits", "bans"}
    seed : int
        Of the simulation, where no outcomes can be listed.
    curve : bool
        Also compute values from half to twice so many draws, for `.curve` and `.draw()`.
    plugins : sequence of str or Path
        Python files with entries of your own; they are run.

    Returns
    -------
    SampleSizePlan
        With `.sample_size`, the `.value` there and at one draw less, and how it is known that the goal stays reached:
        `.proved` for every larger N, or looked up one by one up to `.verified_to`. Where outcomes cannot be listed it
        is simulated, with a `.sample_size_interval`.

    Raises
    ------
    ValueError
        An argument does not fit, or the goal cannot be reached with 10^9 draws; the message says what is reached.

    Notes
    -----
    Values are exact where outcomes can be listed, or where linearity gives them. For the plug-in at a coin, `within` is
    proved by Chernoff's bound and binomial tails (more draws have more heads); a bias of a convex or concave estimand,
    and most RMSEs of a coin, by Jensen's inequality on p̂, the mean of frequencies with one draw left out. Why the first
    N is none: Chernick and Liu (2002), The saw-toothed behavior of power versus sample size and software solutions.

    Elsewhere N is the root of a function that is only seen with noise, a stochastic root-finding problem (Pasupathy and
    Kim, 2011): the root of a curve fitted to simulated values at five N within 10 % of it, with ever more replicates
    until its 95 % confidence interval is within 1 % of it, or the work is over. Exact values of single N scatter about
    such a curve, most with few categories.

    Of a range of truths, 33 are looked at, and 8 more on each side of the worst one; those between can need more draws.

    Examples
    --------
    >>> plan("entropy", truth=0.5, within=0.01).sample_size
    206
    >>> found = plan("entropy", truth=0.9, rmse=0.01, units="bits")
    >>> found.sample_size, round(found.value, 6), found.proved
    (9046, 0.01, True)
    """
    check_name("estimand", estimand)
    check_name("estimator", estimator)
    check_name("interval", interval)
    nats_per(units)
    if not isinstance(curve, bool):
        raise TypeError(f"curve: expected True or False, got {quoted(curve)}")
    load_plugins(plugins)
    sizes = {"within": within, "relative": relative, "rmse": rmse, "bias": bias, "width": width}
    return plans(
        estimand,
        [estimator],
        truth=truth,
        model=model,
        sizes=sizes,
        confidence=confidence,
        interval=interval,
        ratio=ratio,
        units=units,
        seed=seed,
        curves=curve,
        called=dict(ARGUMENTS) | {"estimators": "estimator", "estimands": "estimand"},
    )[0]
