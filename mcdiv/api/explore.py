"""`mcdiv explore` from Python: the explorer of a coin as one page."""

from __future__ import annotations

from pathlib import Path

from mcdiv.core.catalogue import quoted
from mcdiv.core.domains import PROBABILITY, Domain
from mcdiv.files import disk
from mcdiv.results.explorer import MAX_FLIPS, UNITS, explorer_page

FLIPS = Domain(expected=f"a whole number from 1 to {MAX_FLIPS:,}", accepts=lambda x: 1 <= x <= MAX_FLIPS, whole=True)


def explore(
    truth: float = 0.7,
    model: float = 0.5,
    sample_size: int = 100,
    *,
    units: str = "nats",
    out: str | Path = "explorer.html",
) -> Path:
    """Write an interactive page of one coin: sliders for the truth, the model and the flips.

    Parameters
    ----------
    truth, model : float
        P(heads) of the coin and of the model that the page opens with.
    sample_size : int
        Flips of one experiment, from 1 to 10,000.
    units : {"nats", "bits"}
    out : str or Path
        The file, which must not exist yet. It opens in any browser, without a network.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ValueError
        A value is outside its range; the message names it.
    StoreError
        The file exists already or cannot be written.
    """
    for name, value in (("truth", truth), ("model", model)):
        for _, message in PROBABILITY.problems(value):
            raise ValueError(f"{name}: {message}")
    for _, message in FLIPS.problems(sample_size):
        raise ValueError(f"sample_size: {message}")
    if not isinstance(units, str) or units not in UNITS:
        raise ValueError(f"units: expected nats or bits, got {quoted(units)}")
    target = disk.as_path("out", out)
    disk.write_new(target, explorer_page(float(truth), float(model), int(sample_size), units))
    return target
