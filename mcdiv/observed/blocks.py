"""What blocks of successive draws say: their entropies by length, what the draws before tell, and how far N goes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import entr

from mcdiv.core.arrays import Counts
from mcdiv.core.number_format import amount, counted, figure
from mcdiv.core.units import Units, nats_per
from mcdiv.files.counts.blocks import block_numbers
from mcdiv.observed.question import Observed

#: lengths of blocks that are said
_SHOWN = 8


def block_sentences(observed: Observed) -> Iterator[str]:
    """What X and Y are, the entropies of blocks, and what the number of draws means for them."""
    sequence, order, shape = observed.sequence, observed.order, observed.sample.shape
    assert sequence is not None and order is not None and shape is not None
    counts = observed.sample.counts[0]
    size, blocks = shape[1], int(counts.sum())
    before = "the draw" if order == 1 else f"the {order:,} draws"
    yield (
        f"X is {before} before and Y the next one: H(P) is the entropy of {order + 1:,} successive draws, H(Y|X) that "
        f"of a draw given {before} before, and I(X; Y) what {before} before {'says' if order == 1 else 'say'} of it."
    )
    unit = observed.scenario.units
    values = [figure(each / nats_per(unit)) for each in block_entropies(sequence, size, min(order + 1, _SHOWN))]
    lengths = ", ".join(f"{length}: {value}" for length, value in enumerate(values, start=1))
    yield f"Plug-in entropies of blocks by their length, in {unit}: {lengths}."
    seen, once = int((counts > 0).sum()), int((counts == 1).sum())
    possible = f" of {figure(float(size) ** (order + 1))} possible" if size ** (order + 1) < 10**15 else ""
    yield (
        f"{counted(blocks, 'block')} of {order + 1:,} draws, {seen:,} different{possible}; "
        f"{counted(once, 'block was', 'blocks were')} seen once. {_bias(seen, shape[0], blocks, unit)}"
    )
    yield (
        "Blocks overlap, and successive draws may depend on each other. Standard errors and intervals are those of "
        "independent blocks, and can be too small or too large."
    )


def _bias(seen: int, values: int, blocks: int, unit: Units) -> str:
    """How far the plug-in of H(Y|X) is too low: the difference of the leading terms of two entropies (Miller 1955)."""
    if seen == values:
        return (
            "One category only follows on each value of X, so the plug-in of H(Y|X) is 0. Where X has many values, "
            "that is because there are too few draws: take fewer before."
        )
    low = amount(figure((seen - values) / (2 * blocks) / nats_per(unit)), unit)
    return (
        f"Where N is large, the plug-in of H(Y|X) is too low by about (S − S_X)/2N = {low}, S and S_X being how many "
        "blocks and values of X were seen; where many blocks were seen once, it is too low by far more: take fewer "
        "draws before."
    )


def block_entropies(sequence: Counts, categories: int, longest: int) -> list[float]:
    """Plug-in entropies in nats of all blocks of 1, 2, … successive draws."""
    found = []
    for length in range(1, longest + 1):
        numbers = block_numbers(sequence, categories, length)
        times = np.bincount(numbers[numbers >= 0])
        found.append(float(entr(times / times.sum()).sum()))
    return found
