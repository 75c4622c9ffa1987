"""`mcdiv policy` from Python: what one draw says of KL(P‖Q) and of its gradient, for every estimator and placement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mcdiv.core.arrays import Pmf, as_pmf
from mcdiv.core.domains import NONNEGATIVE, WHOLE, Domain
from mcdiv.core.labels import Distributed, check_fill, matched
from mcdiv.core.log_ratios import kl_terms
from mcdiv.policies.descent import descend
from mcdiv.policies.rows import GradientRow, ValueRow, gradient_rows, value_rows
from mcdiv.policies.words import markdown, sentences
from mcdiv.scenario.plugins import load_plugins

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PolicyLab:
    """What one draw says of KL(P‖Q) and of its gradient in the logits of P, exactly, for each estimator."""

    #: P, Q, and the pmf that is drawn from, shape (K,) each; the last is P where the draws are from the policy
    policy: Pmf
    reference: Pmf
    drawn_from: Pmf
    #: whether the draws are from the policy, whatever that becomes
    on_policy: bool
    #: ε, where weights are also clipped to [1 − ε, 1 + ε]
    clip: float | None
    #: KL(P‖Q) and KL(Q‖P), in nats
    kl_divergence: float
    reverse_kl_divergence: float
    #: the rows of `values` and of `gradients`
    value_rows: tuple[ValueRow, ...]
    gradient_rows: tuple[GradientRow, ...]

    @property
    def values(self) -> pd.DataFrame:
        """Mean, bias and sd of one draw by estimator and weight, in nats; and how often it is infinite or undefined."""
        import pandas as pd

        return pd.DataFrame.from_records([_fields(row, _VALUE_COLUMNS) for row in self.value_rows])

    @property
    def gradients(self) -> pd.DataFrame:
        """A row for each estimator, placement and weight: its expected gradient, how it compares, and a verdict."""
        import pandas as pd

        rows = self.gradient_rows
        names = pd.DataFrame.from_records([_fields(row, _NAME_COLUMNS) for row in rows])
        means = np.array([row.comparison.mean for row in rows])
        vectors = pd.DataFrame(means, columns=[f"gradient_{k}" for k in range(means.shape[1])])
        return pd.concat([names, vectors, pd.DataFrame.from_records(list(map(_findings, rows)))], axis=1)

    def steps(self, steps: int = 100, rate: float = 1.0) -> pd.DataFrame:
        """Where gradient descent on each expected gradient ends: KL there, the pmf, and whether it is at the reference.

        Draws from the policy are from what it has become; those from another pmf stay so.
        """
        import pandas as pd

        number, speed = int(_number("steps", steps, _STEPS)), _number("rate", rate, _RATE)
        drawn = None if self.on_policy else self.drawn_from
        records = []
        for row in self.gradient_rows:
            end = descend(row.entry, self.policy, self.reference, drawn, steps=number, rate=speed)
            record = {"steps": end.steps, "kl_divergence": end.kl_divergence, "ends": end.ends}
            policy = {f"policy_{k}": float(share) for k, share in enumerate(end.policy)}
            records.append(_fields(row, _NAME_COLUMNS) | record | policy)
        return pd.DataFrame.from_records(records)

    def draw(self) -> Figure:
        """The map of `mcdiv policy --plot`: gradients of coins by policy and reference; a ValueError for other pmfs."""
        from mcdiv.results.coin_map_picture import draw

        if self.policy.size != 2:
            raise ValueError(f"draw: the map is of coins, and the policy has {self.policy.size:,} categories")
        drawn = None if self.on_policy else self.drawn_from
        return draw(self.gradient_rows, self.policy, self.reference, drawn, self.clip)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Which rows are right, and what of the three pmfs matters, in sentences."""
        return tuple(sentences(self.policy, self.reference, self.drawn_from, self.value_rows, self.gradient_rows))

    def markdown(self) -> str:
        """A block of Markdown for a review: which rows are right."""
        return markdown(self.policy, self.reference, self.drawn_from, self.clip, self.gradient_rows)

    def __repr__(self) -> str:
        """KL, and how many of the rows are exact here."""
        right = sum(row.exact_here for row in self.gradient_rows)
        said = f"KL(P‖Q) = {self.kl_divergence:.6g} nats, {right} of {len(self.gradient_rows)} gradients exact"
        return f"<mcdiv.PolicyLab: {said}>"


_STEPS = Domain(expected="a whole number from 0 to 10^6", accepts=lambda x: WHOLE.accepts(x) and x <= 10**6, whole=True)
_RATE = Domain(expected="a number above 0 and up to 10^6", accepts=lambda x: 0 < x <= 10**6)
_VALUE_COLUMNS = ("estimator", "weight", "mean", "bias", "sd", "infinite_share", "undefined_share")
_NAME_COLUMNS = ("estimator", "placement", "weight", "clipped")


def policy(
    policy: Distributed,
    reference: Distributed,
    drawn_from: Distributed | None = None,
    clip: float | None = None,
    *,
    normalise: bool = False,
    fill: float | None = None,
    plugins: Sequence[str | Path] = (),
) -> PolicyLab:
    """What one draw says of KL(P‖Q) and of its gradient in the logits of P: exact, for every estimator in use.

    Parameters
    ----------
    policy, reference : array_like, shape (K,)
        P, which is trained, and Q; each sums to 1. Two of pandas, or two dicts, are paired by their labels.
    drawn_from : array_like, shape (K,), optional
        The pmf O that draws are from, as the policy some updates ago; the policy itself if left out.
    clip : float, optional
        ε >= 0: adds rows with the weight p/o clipped to [1 − ε, 1 + ε].
    normalise : bool
        Divide each pmf by its sum first, whatever that is.
    fill : {None, 0}
        With 0, a category that only some of those with labels have is impossible in the others; else it is an error.
    plugins : sequence of str or Path
        Python files with gradient estimators of your own; they are run.

    Returns
    -------
    PolicyLab
        `.values`, `.gradients` as DataFrames; `.steps()`, `.sentences`, `.markdown()`. In `.gradients`, relative_error
        and cosine are those of the expected gradient against ∇KL(P‖Q), NaN where undefined; `draws` is how many make
        the trace of the covariance as small as one draw of the best exact estimator does, 0 for the exact sum and ∞
        for what is biased.

    Raises
    ------
    ValueError
        A pmf is none, lengths or labels differ, or the clip is negative; the message names the argument.

    Notes
    -----
    k1 = ln(p/q), k2 = ½ k1², k3 = q/p − 1 − ln(q/p) (Schulman, 2020, Approximating KL divergence). In the loss a
    framework differentiates w k, in the reward k is a number. A weight w = p/o that is detached has no gradient; a
    clipped one has none where it is clipped. A verdict is a claim about the estimator for all P, Q and O.

    Examples
    --------
    >>> lab = policy([0.5, 0.3, 0.2], [0.7, 0.2, 0.1])
    >>> values = lab.values[lab.values["weight"] == "none"].set_index("estimator")
    >>> [f"{name}: {row.bias:.4f} ± {row.sd:.4f}" for name, row in values.iterrows()]
    ['k1: 0.0000 ± 0.4399', 'k2: 0.0090 ± 0.0705', 'k3: 0.0000 ± 0.0507', 'exact: 0.0000 ± 0.0000']
    >>> found = lab.gradients.set_index(["estimator", "placement", "weight"])
    >>> found.loc[("k3", "loss", "none"), "verdict"]
    'gradient of the other divergence on-policy only'
    """
    load_plugins(plugins)
    check_fill(fill)
    given = {"policy": policy, "reference": reference} | ({} if drawn_from is None else {"drawn_from": drawn_from})
    pmfs = {
        name: _pmf(name, values, normalise=normalise)
        for name, values in matched(given, fill=fill, hint="add it with 0, or say fill=0").items()
    }
    return lab_of(pmfs["policy"], pmfs["reference"], pmfs.get("drawn_from"), clip)


def lab_of(p: Pmf, q: Pmf, o: Pmf | None, clip: Any) -> PolicyLab:
    """The same of pmfs that are checked, but for their lengths."""
    for name, other in (("reference", q), ("drawn_from", o)):
        if other is not None and other.size != p.size:
            raise ValueError(f"policy has {p.size} categories, {name} has {other.size}; they must be the same")
    bound = None if clip is None else _number("clip", clip, NONNEGATIVE)
    # The last digit of a sum may be off, and a gradient is exact for what sums to 1.
    p, q = p / p.sum(), q / q.sum()
    drawn = p if o is None else o / o.sum()
    return PolicyLab(
        policy=p,
        reference=q,
        drawn_from=drawn,
        on_policy=o is None,
        clip=bound,
        kl_divergence=float(kl_terms(p, q).sum()),
        reverse_kl_divergence=float(kl_terms(q, p).sum()),
        value_rows=tuple(value_rows(p, q, drawn, bound)),
        gradient_rows=tuple(gradient_rows(p, q, drawn, bound)),
    )


def _pmf(name: str, values: Any, *, normalise: bool) -> Pmf:
    found = as_pmf(values, name=name, normalise=normalise)
    if found.ndim != 1:
        raise ValueError(f"{name}: expected one pmf, shape (K,), got shape {found.shape}")
    return found


def _number(name: str, value: Any, domain: Domain) -> float:
    for _, message in domain.problems(value):
        raise ValueError(f"{name}: {message}")
    return float(domain.parse(value))


def _fields(row: ValueRow | GradientRow, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _findings(row: GradientRow) -> dict[str, Any]:
    return {
        "relative_error": row.comparison.relative_error,
        "cosine": row.comparison.cosine,
        "trace_covariance": row.trace_covariance,
        "verdict": row.verdict,
        "draws": row.draws,
        "infinite_share": row.infinite_share,
    }
