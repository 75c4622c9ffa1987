"""`python -m benchmarks.agreement`: a million z-scores of samplers; the figures go into docs/reliability.md.

It takes about ten minutes; `python -m benchmarks.agreement 0.01` does a hundredth of it.
"""

import sys
from pathlib import Path

import numpy as np
from scipy import stats

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))  # tests make some thousands of the same

from standard_scores import SAMPLERS, z_scores  # noqa: E402

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- agreement -->", "<!-- end of agreement -->"
#: z-scores of each sampler, and how many pmfs they are of
SCORES, PMFS = 170_000, 340
#: what the mean of z² and the Kolmogorov–Smirnov test have to be
MEAN_SQUARE, LEAST_P = (0.99, 1.01), 1e-4


def main(share: float = 1.0) -> bool:
    """Make that share of the million, and tell; whether every sampler's z are as they should be."""
    rows, fine = [], True
    for name in SAMPLERS:
        found = z_scores(name, max(1, round(share * SCORES)), max(1, round(share * PMFS)))
        square, p = float((found**2).mean()), float(stats.kstest(found, "norm").pvalue)
        fine = fine and MEAN_SQUARE[0] <= square <= MEAN_SQUARE[1] and p > LEAST_P
        rows.append(f"| {name} | {found.size:,} | {square:.4f} | {p:.2g} | {np.abs(found).max():.2f} |")
        print(rows[-1], flush=True)
    if share >= 1:
        table = "\n".join(["| sampler | z | mean z² | KS p | largest z |", "|---|---:|---:|---:|---:|", *rows])
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    return fine


if __name__ == "__main__":
    sys.exit(0 if main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0) else 1)
