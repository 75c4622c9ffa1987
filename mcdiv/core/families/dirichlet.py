"""Random pmfs: drawn from a Dirichlet law, the same for the same seed."""

from typing import Annotated

import numpy as np
from numpy.random import SFC64, Generator, SeedSequence

from mcdiv.core.arrays import Pmf
from mcdiv.core.distributions import distribution
from mcdiv.core.domains import ALPHABET, POSITIVE, WHOLE, Number
from mcdiv.core.families.named import normalised


@distribution
def dirichlet(k: Annotated[int, ALPHABET], alpha: Annotated[Number, POSITIVE], seed: Annotated[int, WHOLE] = 1) -> Pmf:
    """A random pmf, drawn from the symmetric Dirichlet law with α per category: the same for the same seed."""
    generator = Generator(SFC64(SeedSequence(seed)))
    # A gamma variate of shape α is one of shape α + 1 times U^(1/α): in logarithms, where a small α underflows.
    shape = max(float(alpha), 1e-300)  # below, all is in one category anyway
    logs = np.log(generator.standard_gamma(shape + 1, k)) - generator.standard_exponential(k) / shape
    return normalised(np.exp(logs - logs.max()))


@distribution(may_refuse=True)
def dirichlet_with_zeros(
    k: Annotated[int, ALPHABET],
    alpha: Annotated[Number, POSITIVE],
    zeros: Annotated[int, WHOLE],
    seed: Annotated[int, WHOLE] = 1,
) -> Pmf:
    """A random pmf with structural zeros: the last `zeros` categories never occur, the others are as in `dirichlet`."""
    if zeros >= k:
        raise ValueError(f"expected fewer zeros than there are categories ({k}), got {zeros}")
    return np.append(dirichlet(k - zeros, alpha, seed), np.zeros(zeros))
