"""`mcdiv explain` from Python: the derivation of the identity for one truth and one model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcdiv.core.units import Units, nats_per
from mcdiv.lessons.explain import derivation
from mcdiv.lessons.explain.derivation import Explanation
from mcdiv.lessons.explain.pages import FORMATS
from mcdiv.results.loading import ARGUMENTS, pair_from_options

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Derivation:
    """The derivation of H(P, Q) = KL(P‖Q) + H(P) for one truth and one model: steps, numbers, and how it is written."""

    #: the steps with their numbers, and what is out of the ordinary
    explanation: Explanation

    @property
    def text(self) -> str:
        """For a terminal; `str()` gives the same."""
        return FORMATS["text"](self.explanation)

    @property
    def markdown(self) -> str:
        """For notes, issues and slides."""
        return FORMATS["markdown"](self.explanation)

    @property
    def html(self) -> str:
        """A page that needs no other file and no network."""
        return FORMATS["html"](self.explanation)

    def __str__(self) -> str:
        """The same as `.text`."""
        return self.text

    def __repr__(self) -> str:
        """Whose derivation it is, on one line."""
        return f"<mcdiv.Derivation for P = {self.explanation.truth}, Q = {self.explanation.model}>"

    def _repr_markdown_(self) -> str:
        """As a notebook shows it."""
        return self.markdown


def explain(
    truth: str | float | Mapping[str, Any] | ArrayLike,
    model: str | float | Mapping[str, Any] | ArrayLike,
    *,
    units: Units = "bits",
) -> Derivation:
    """Derive H(P, Q) = KL(P‖Q) + H(P) step by step, with your numbers.

    Parameters
    ----------
    truth, model : float, mapping, array_like of shape (K,), or str
        P and Q over the same categories: a coin's P(heads), a distribution as a scenario has it (`{"zipf": {"k": 100}}`
        or the text "zipf: {k: 100}"), or a pmf.
    units : {"nats", "bits", "bans"}

    Returns
    -------
    Derivation
        With `.text`, `.markdown` and `.html`.

    Raises
    ------
    ScenarioError
        A distribution does not hold together, or the two have different categories; `.problems` has a line for
        everything wrong.
    ValueError
        The units do not exist.

    Examples
    --------
    >>> print(explain(0.7, 0.5).text.split("\\n")[0])
    H(P, Q) = KL(P‖Q) + H(P) for P = coin(p=0.7), Q = coin(p=0.5)
    """
    return derive(truth, model, units, ARGUMENTS)


def derive(truth: Any, model: Any, units: str, called: Mapping[str, str]) -> Derivation:
    """The same, where messages call the arguments what `called` says."""
    nats_per(units)
    return Derivation(explanation=derivation.explain(*pair_from_options(truth, model, called), units))
