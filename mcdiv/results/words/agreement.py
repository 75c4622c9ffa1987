"""What a run says whose simulated and exact values lie farther apart than chance can explain."""

import pandas as pd

from mcdiv.core.number_format import counted
from mcdiv.estimands.contract import symbol_of

#: what problems.csv calls such a row
DISAGREEMENT = "disagreement"


def disagreement(problems: pd.DataFrame) -> str:
    """The sentence, from the table of problems; empty where there is none."""
    disagreeing = problems[problems["kind"] == DISAGREEMENT]
    if disagreeing.empty:
        return ""
    first = disagreeing.iloc[0]
    model = "" if pd.isna(first["model"]) else f", Q = {first['model']}"
    where = f"P = {first['truth']}{model}, N = {int(first['sample_size']):,}"
    return (
        f"Simulated and exact values disagree in {counted(len(disagreeing), 'row')} of this run. {first['estimator']} "
        f"of {symbol_of(first['estimand'])} at {where}: {first['message']}. Do not rely on the results, and "
        "please report this."
    )
