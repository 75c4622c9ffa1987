"""Random pmfs of every family at the ends of what their parameters may be, and studies of them."""

from random import Random
from typing import Any

TINY = [5e-324, 2.9e-322, 1e-320, 2.3e-308, 1e-302, 1e-300, 1e-154, 1e-17]
SHARES = [0, *TINY, 1e-10, 0.5, 1 - 1e-10, 1 - 2**-53, 1]
POSITIVE = [*TINY, 1e-10, 0.5, 1, 745, 1e10, 1e154, 1e300, 9e307]
SIZES = [1, 2, 3, 5, 120]


def pmf(draw: Random, k: int, *, alone: bool = True) -> dict[str, Any]:
    """A distribution over k categories, as a scenario writes it."""
    any_of = draw.choice
    found: dict[str, Any] = {
        "uniform": k,
        "zipf": {"k": k, "s": any_of([0, *POSITIVE])},
        "geometric": {"k": k, "ratio": any_of(SHARES)},
        "power_law": {"k": k, "s": any_of([0, *POSITIVE]), "cutoff": any_of(POSITIVE)},
        "two_level": {"k": k, "share": any_of(SHARES), "mass": any_of(SHARES)},
        "spike_and_slab": {"k": k, "spike": any_of(SHARES)},
        "softmax": {
            "logits": [any_of([0, 1, -1]) * any_of(POSITIVE) for _ in range(k)],
            "temperature": any_of(POSITIVE),
        },
        "dirichlet": {"k": k, "alpha": any_of(POSITIVE), "seed": draw.randrange(9)},
        "categorical": [1, *(any_of([0, *TINY]) for _ in range(k - 1))],
        "counts": {"values": [2**52, *(any_of([0, 1, 2**40]) for _ in range(k - 1))]},
    }
    found |= {"coin": any_of(SHARES)} if k == 2 else {}
    weight = any_of(SHARES)
    if alone:
        parts = [{"weight": w, **pmf(draw, k, alone=False)} for w in (weight, 1 - weight)]
        found["mixture"] = parts
    name = any_of(list(found))
    return {name: found[name]}


def study(seed: int) -> dict[str, Any]:
    """Changes that make a study of such pmfs of the small scenario."""
    draw = Random(seed)
    k = draw.choice(SIZES)
    truth = pmf(draw, k)
    model = draw.choice([None, truth, {"uniform": k}, pmf(draw, k)])
    sampled = model is not None and draw.random() < 1 / 3
    return {
        "truth": truth,
        "model": model,
        "model_sample_sizes": [draw.choice([1, 9])] if sampled else None,
        "estimators": draw.sample(["plugin", "miller_madow", "chao_shen", "james_stein", "laplace", "jackknife"], 3),
        "sample_sizes": [draw.choice([1, 2, 5, 12])],
        "replicates": draw.choice([1, 150]),
        "mode": draw.choice(["both", "both", "exact", "monte_carlo"]),
        "intervals": draw.choice([None, None, ["delta"], [{"bayes": {"alpha": 1, "draws": 100}}]]),
    }
