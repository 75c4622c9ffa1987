"""The table of infinite, undefined, failed and imprecise estimates."""

from typing import Any

import pandas as pd

from mcdiv.core.number_format import percent
from mcdiv.estimands.contract import symbol_of
from mcdiv.results.report.html_table import (
    EMPTY,
    MAX_LINES,
    Cell,
    Column,
    HtmlTable,
    Line,
    count,
    without_empty_columns,
)

#: kinds of estimates that no measure covers
_LOST = {"infinite", "undefined", "exception"}


def about_problems(problems: pd.DataFrame) -> list[str]:
    """What the rows of the table are, as far as there are such rows."""
    kinds = set(problems["kind"])
    told = []
    if kinds & _LOST:
        told.append("The measures above cover only the finite estimates; the others are counted here.")
    if kinds - _LOST:
        told.append("The message says what is wrong with a simulated number.")
    if problems["replay"].notna().any():
        told.append(
            "The command in the last column shows the counts of the first such estimate, and the exception if one was "
            "raised; replace RESULTS by the results folder."
        )
    return told


def problems_table(problems: pd.DataFrame) -> HtmlTable:
    """Infinite, undefined, failed and imprecise estimates, each with the command that shows it again."""
    heads = {"truth": "P", "model": "Q", "sample_size": "N", "model_sample_size": "M", "estimand": "estimand"}
    heads |= {"estimator": "estimator", "kind": "what", "replicates": "replicates", "share": "share"}
    heads |= {"first_replicate": "first", "message": "message", "replay": "command to show it"}
    names = [name for name in heads if name in problems.columns]
    numbers = ("sample_size", "model_sample_size", "replicates", "share", "first_replicate")
    shown = problems[names].head(MAX_LINES)

    def cell(name: str, value: Any) -> Cell:
        if pd.isna(value):
            return EMPTY
        if name == "share":
            return Cell(text=percent(float(str(value))), key=float(str(value)))
        if name in numbers:
            return Cell(text=f"{int(str(value)):,}", key=float(str(value)))
        text = symbol_of(str(value)) if name == "estimand" else str(value)
        return Cell(text=text, key=text, code=name in ("replay", "message"))

    lines = [
        Line(cells=[cell(name, value) for name, value in zip(names, row, strict=True)])
        for row in shown.itertuples(index=False, name=None)
    ]
    columns = [Column(head=heads[name], number=name in numbers) for name in names]
    caption = f"{count(len(problems), 'row')} of problems"
    more = len(problems) - len(shown)
    return without_empty_columns(HtmlTable(name="problems", caption=caption, columns=columns, lines=lines, more=more))
