"""`mcdiv plan --power` from Python: how many draws an exact test needs to notice a difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mcdiv.core.domains import Domain
from mcdiv.core.number_format import counted, figure
from mcdiv.errors import ScenarioError
from mcdiv.planning.power import INFINITE, PowerQuestion, guessed_draws, power_at, smallest_for_power
from mcdiv.results.loading import pair_from_options
from mcdiv.significance.statistics import statistic_named

if TYPE_CHECKING:
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
    #: the probability that it rejects under the reference with N draws: at most alpha
    size: float
    #: the test rejects where the statistic is larger than this
    critical_value: float
    #: the largest N up to which every one was looked at, and has the power
    verified_to: int
    #: N by the noncentral χ² law of many draws; None where the statistic has none
    guess: int | None
    #: what was asked
    statistic: str
    alpha: float
    wanted_power: float
    #: labels of the distributions
    reference: str
    alternative: str

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
) -> PowerPlan:
    """How many draws an exact test against a known reference needs to reject it, where an alternative is true.

    The power of an exact test goes up and down with N. The answer is the smallest N from which on it is at least
    `power` for every larger N that was looked at.

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

    Returns
    -------
    PowerPlan
        With `.sample_size`, `.power` there and one draw before, and `.verified_to`. All values are exact.

    Raises
    ------
    ValueError
        An argument does not fit, both distributions are the same, or the power is not reached with as many draws as
        outcomes can be listed for; the message says what is reached.

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
        reference, alternative, alpha=alpha, power=power, statistic=statistic, called=called, names=("alpha", "power")
    )


def planned_power(
    reference: Any,
    alternative: Any,
    *,
    alpha: Any,
    power: Any,
    statistic: Any,
    called: Mapping[str, str],
    names: tuple[str, str],
) -> PowerPlan:
    """The same, where messages call the distributions what `called` says, and alpha and power by these names."""
    for name, given in zip(names, (alpha, power), strict=True):
        for _, message in _PROBABILITY.problems(given):
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
    found = smallest_for_power(question)
    if not found.draws:
        most = found.verified_to or 0
        reached = f"with {counted(most, 'draw')} the power is {figure(found.value)}" if most else "there is no power"
        said = f"{reached}, not {question.power:g}; outcomes of larger samples cannot be listed"
        guess = guessed_draws(question)
        if guess is not None and guess > most:
            said += f". About {guess:,} by the χ² law of many draws; 'test: {{null: model}}' in a scenario simulates it"
        raise ScenarioError([said])
    there = power_at(question, found.draws)
    return PowerPlan(
        sample_size=found.draws,
        power=there.power,
        power_before=found.before,
        size=there.size,
        critical_value=there.critical_value,
        verified_to=found.verified_to or found.draws,
        guess=guessed_draws(question),
        statistic=chosen,
        alpha=question.alpha,
        wanted_power=question.power,
        reference=tested.label,
        alternative=drawn.label,
    )
