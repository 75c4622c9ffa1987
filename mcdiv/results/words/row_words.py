"""What sentences say of a single row: the estimator's name, whether it has a bias, what its figures leave out."""

import math

from mcdiv.core.number_format import amount, percent
from mcdiv.core.rare_events import share_bound
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import unit_of
from mcdiv.estimators.registry import find


def display_name(row: Row) -> str:
    """An estimator as a sentence calls it: Miller–Madow where its name is its authors', else its label."""
    task = row.task
    if task.name == "plugin":
        return "the plug-in"
    entry = find(task.estimand, task.name, task.design)
    parts = task.name.split("_")
    if entry is None or task.parameters or not all(part.capitalize() in entry.card.source for part in parts):
        return task.label
    authors = "–".join(part.capitalize() for part in parts if not part.isdigit())
    return " ".join([authors, *(part for part in parts if part.isdigit())])


def with_unit(size: str, row: Row, units: str) -> str:
    """A size in the unit of what is estimated, if that has one."""
    return amount(size, unit_of(row.task.estimand, units))


def left_out(row: Row) -> str:
    """How many estimates a bias leaves out; none of a simulation is no proof that there are none."""
    shares = (("infinite_share", "infinite"), ("undefined_share", "undefined"))
    parts = [
        f"the {percent(row.value(share))} of its estimates that are {what}"
        for share, what in shares
        if row.value(share) > 0
    ]
    if parts:
        return f" (not counting {' and '.join(parts)})"
    bound = row.bound("infinite_share")
    if math.isnan(bound) or row.task.design != "model_sampled":
        return ""
    return f" (none of {row.replicates:,} estimates is infinite: with 95 % confidence, at most {percent(bound)} are)"


def doubt(row: Row) -> str:
    """That a simulated bias may lack what rare samples add to it."""
    if "bias" in row.exact or not row.rare_events:
        return ""
    if row.constant:
        return f" ({row.replicates:,} replicates all agree, and show nothing of samples rarer than {_rarest(row)})"
    return " (the MCSE rests on too few rare events to be relied on)" if "bias" in row.rare_events else ""


def _rarest(row: Row) -> str:
    """The 95 % bound of the probability of what no replicate showed."""
    return percent(share_bound(0, row.replicates))


def never_finite(row: Row, symbol: str) -> str:
    """Whether all samples give no finite estimate, or all replicates did."""
    if not row.simulated or (row.value("infinite_share") + row.value("undefined_share") == 1 and row.exact):
        return f"gives no finite estimate of {symbol}"
    among = f"{row.replicates:,} replicates"
    return f"gave no finite estimate of {symbol} in {among} (95 % bound of the share that is finite: {_rarest(row)})"


def fails(row: Row) -> bool:
    """Whether some of its estimates are infinite or undefined."""
    return row.value("infinite_share") > 0 or row.value("undefined_share") > 0


def why_infinite(row: Row) -> str:
    """Which of the two gives weight to what the other excludes."""
    if row.task.estimand == "jeffreys_divergence":
        return "one of P and Q gives weight to a category that the other excludes"
    return "P gives weight to a category that Q excludes"


def negligible(row: Row) -> bool:
    """No bias: exactly, or as far as the simulation can see."""
    if "bias" in row.exact:
        return row.unbiased
    simulated = row.simulated["bias"]
    return simulated.value == 0 or abs(simulated.value) <= 2 * simulated.mcse
