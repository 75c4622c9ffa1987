"""`mcdiv plan --power` from Python: how many draws an exact test needs to notice a difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mcdiv.core.domains import Domain
from mcdiv.core.number_format import counted, rounded
from mcdiv.core.performance import Measured
from mcdiv.errors import ScenarioError
from mcdiv.files.yaml_text import write_text
from mcdiv.planning.curve import power_curve
from mcdiv.planning.power import INFINITE, PowerQuestion, guessed_draws, power_at, smallest_for_power
from mcdiv.planning.question import MAX_DRAWS
from mcdiv.planning.search import Found
from mcdiv.planning.simulated import root
from mcdiv.planning.simulated_power import SimulatedPower
from mcdiv.planning.study import study_of_power
from mcdiv.results.loading import pair_from_options
from mcdiv.scenario.model import SEED
from mcdiv.significance.statistics import statistic_named

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

_PROBABILITY = Domain(expected="a number between 0 and 1", accepts=lambda x: 0 < x < 1)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PowerPlan:
    """The smallest sample size with which a test has a power, and keeps it with larger ones."""

    #: N, draws that are compared with the reference
    sample_size: int
    #: the probability that the test rejects under the alternative, with N and with N − 1 draws
    power: float
    power_before: float
    #: the probability that it rejects under the reference with N draws: at most alpha, but for its error
    size: float
    #: the test rejects where the statistic is larger than this
    critical_value: float
    #: the largest N up to which every one was looked at, and has the power; None where N is simulated
    verified_to: int | None
    #: N by the noncentral χ² law of many draws; None where the statistic has none
    guess: int | None
    #: what was asked
    statistic: str
    alpha: float
    wanted_power: float
    #: labels of the distributions
    reference: str
    alternative: str
    #: Monte Carlo standard errors of both powers, of the size and of the critical value: 0 where they are exact
    mcse: float = 0.0
    size_mcse: float = 0.0
    critical_value_mcse: float = 0.0
    #: replicates of the simulation, and its 95 % confidence interval of N; 0 and None where all is exact
    replicates: int = 0
    sample_size_interval: tuple[int, int] | None = None
    #: a study with one draw less and as many, in YAML, for `mcdiv run`; "" where no study has the test
    scenario: str = ""
    #: N, power and its MCSE from half to twice so many draws; empty where no curve was asked for
    curve: tuple[tuple[int, float, float], ...] = ()

    def draw(self) -> Figure:
        """The picture of `mcdiv plan --power --plot`: powers around the planned N. It needs a curve."""
        from mcdiv.results.plan_picture import PlannedCurve, draw

        if not self.curve:
            raise ValueError("there is no curve to draw: give curve=True to plan_power")
        planned = PlannedCurve(label=self.statistic, sample_size=self.sample_size, points=self.curve)
        goal = f"a power of {self.wanted_power:g}, for a size of at most {self.alpha:g}"
        return draw([planned], goal=goal, wanted=[self.wanted_power], label="power")

    def __repr__(self) -> str:
        """The answer on one line."""
        said = f"{self.sample_size:,} draws from {self.alternative} against {self.reference}"
        return f"<mcdiv.PowerPlan {said}: power {self.wanted_power:g} of '{self.statistic}'>"


def plan_power(
    reference: str | float | Mapping[str, Any] | ArrayLike,
    alternative: str | float | Mapping[str, Any] | ArrayLike,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    statistic: str = "g",
    seed: int = 0,
    curve: bool = False,
) -> PowerPlan:
    """How many draws an exact test against a known reference needs to reject it, where an alternative is true.

    The power of an exact test goes up and down with N. The answer is the smallest N from which on it is at least
    `power` for every larger N that was looked at. Where outcomes cannot be listed, N is simulated: the root of a curve
    fitted to powers near it.

    Parameters
    ----------
    reference, alternative : float, mapping, array_like of shape (K,), or str
        The pmf that is tested, and the one that draws come from: a coin's P(heads), a distribution as a scenario has
        it, or a pmf.
    alpha : float
        The largest size of the test: it rejects where the statistic exceeds the smallest attainable value that is
        exceeded with probability at most `alpha` under the reference.
    power : float
        The least probability of rejecting under the alternative.
    statistic : {"g", "pearson", "kl", "js", "psi", "tv"}
        As for `mcdiv.test`.
    seed : int
        Of the simulation, where there is one.
    curve : bool
        Whether `.curve` has powers around N, for `.draw()`.

    Returns
    -------
    PowerPlan
        With `.sample_size`, `.power` there and one draw before, and `.verified_to`, all of them exact; or, where it is
        simulated, with `.sample_size_interval`, `.replicates` and `.mcse`.

    Raises
    ------
    ValueError
        An argument does not fit, both distributions are the same, or the power is not reached with 10⁹ draws; the
        message says what is reached.

    Notes
    -----
    Why the first N with the power is no answer: Chernick and Liu (2002), The saw-toothed behavior of power versus
    sample size and software solutions.

    Examples
    --------
    >>> plan_power([0.5, 0.5], [0.8, 0.2]).sample_size
    23
    """
    called = {"truth": "alternative", "model": "reference"}
    return planned_power(
        reference,
        alternative,
        alpha=alpha,
        power=power,
        statistic=statistic,
        seed=seed,
        curve=curve,
        called=called,
        names=("alpha", "power", "seed"),
    )


def planned_power(
    reference: Any,
    alternative: Any,
    *,
    alpha: Any,
    power: Any,
    statistic: Any,
    seed: Any,
    curve: bool,
    called: Mapping[str, str],
    names: tuple[str, str, str],
) -> PowerPlan:
    """The same, where messages call the distributions what `called` says, and alpha, power and seed by these names."""
    wanted = ((alpha, _PROBABILITY), (power, _PROBABILITY), (seed, SEED))
    for name, (given, domain) in zip(names, wanted, strict=True):
        for _, message in domain.problems(given):
            raise ScenarioError([f"{name}: {message}"])
    try:
        chosen = statistic_named(statistic).name
    except ValueError as error:
        raise ScenarioError([str(error)]) from None
    drawn, tested = pair_from_options(alternative, reference, called, command="plan")
    p, q = drawn.pmf(), tested.pmf()
    if np.array_equal(p, q):
        raise ScenarioError([f"{called['truth']} and {called['model']} are the same: there is nothing to notice"])
    if (q[p > 0] == 0).any() and chosen not in INFINITE:
        expected = f"expected one of {', '.join(INFINITE)}, which are infinite then"
        raise ScenarioError([f"{chosen}: {called['model']} lacks a category that can be drawn; {expected}"])
    question = PowerQuestion(
        statistic=chosen,
        reference=q,
        alternative=p,
        alpha=float(_PROBABILITY.parse(alpha)),
        power=float(_PROBABILITY.parse(power)),
    )
    found, start = smallest_for_power(question), int(SEED.parse(seed))
    if not found.draws and ((found.verified_to or 0) >= MAX_DRAWS or np.count_nonzero(q) == 1):
        raise _not_reached(question, found.verified_to or 0, rounded(Measured(value=found.value, mcse=0.0)))
    labels = (tested.label, drawn.label)
    plan = _exact(question, found, *labels) if found.draws else _simulated(question, found, start, *labels)
    study = study_of_power(question, drawn, tested, plan.sample_size, listed=not plan.replicates)
    points = power_curve(question, plan.sample_size, start if plan.replicates else None) if curve else ()
    return replace(plan, scenario="" if study is None else write_text(study), curve=points)


def _exact(question: PowerQuestion, found: Found, reference: str, alternative: str) -> PowerPlan:
    there = power_at(question, found.draws)
    return PowerPlan(
        sample_size=found.draws,
        power=there.power,
        power_before=found.before,
        size=there.size,
        critical_value=there.critical_value,
        verified_to=found.verified_to or found.draws,
        guess=guessed_draws(question),
        statistic=question.statistic,
        alpha=question.alpha,
        wanted_power=question.power,
        reference=reference,
        alternative=alternative,
    )


def _simulated(question: PowerQuestion, found: Found, seed: int, reference: str, alternative: str) -> PowerPlan:
    simulation, guess = SimulatedPower(question, seed), guessed_draws(question)
    there = root(question, simulation, guess or 2 * (found.verified_to or 8))
    if not there.draws:
        raise _not_reached(question, there.low, rounded(Measured(value=there.value, mcse=there.mcse)))
    try:
        critical = simulation.critical_value(there.draws)
    except ValueError as error:
        raise ScenarioError([f"alpha: {error}"]) from None
    return PowerPlan(
        sample_size=there.draws,
        power=there.value,
        power_before=there.before,
        size=critical.alarm_rate.value,
        critical_value=critical.value.value,
        verified_to=None,
        guess=guess,
        statistic=question.statistic,
        alpha=question.alpha,
        wanted_power=question.power,
        mcse=there.mcse,
        size_mcse=critical.alarm_rate.mcse,
        critical_value_mcse=critical.value.mcse,
        replicates=there.replicates,
        sample_size_interval=(there.low, there.high),
        reference=reference,
        alternative=alternative,
    )


def _not_reached(question: PowerQuestion, draws: int, power: str) -> ScenarioError:
    reached = f"with {counted(draws, 'draw')} the power is {power}" if draws else "there is no power"
    return ScenarioError([f"{reached}, not {question.power:g}; no plan goes beyond 10^9 draws"])
