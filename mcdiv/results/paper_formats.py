"""A table for a paper in the formats that papers are written in: pandas writes LaTeX, HTML and CSV."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mcdiv.core.escapes import markdown
from mcdiv.results.csv_tables import to_csv
from mcdiv.results.paper_latex import (
    HEAD_LINES,
    PAGE_LINES,
    blocks_of_columns,
    column_format,
    evenly,
    floats,
    latex,
    width,
)
from mcdiv.results.paper_table import NAMES, PaperCell, PaperTable

if TYPE_CHECKING:
    import pandas as pd

#: what a share with a bound was in the replicates
_BOUNDED = {"<": "0", ">": "1"}


def frame(table: PaperTable, mcse: str = "parentheses") -> pd.DataFrame:
    """As a DataFrame of texts; a column for each N, named by the number."""
    import pandas as pd

    heads = [*table.keys, *(f"{size}" for size in table.sizes)]
    lines = [[*(line.headings[key] for key in table.keys), *_texts(line.cells, mcse)] for line in table.lines]
    return pd.DataFrame(lines, columns=heads)


def as_csv(table: PaperTable, mcse: str = "parentheses") -> str:
    """As CSV: whose a line is, in the columns of performance.csv, and for each N the value, its MCSE, and its notes."""
    import pandas as pd

    whose = {name: [line.names[name] for line in table.lines] for name in NAMES}
    columns = {name: texts for name, texts in whose.items() if any(texts)}
    for i, size in enumerate(table.sizes):
        cells = [line.cells[i] or PaperCell(value="") for line in table.lines]
        columns[f"N={size}"] = [_BOUNDED.get(cell.value[:1], _plain(cell.value)) for cell in cells]
        if mcse != "none" and any(cell.error for cell in cells):
            columns[f"N={size} mcse"] = [_plain(cell.error) for cell in cells]
        notes = [(_plain(cell.value) if cell.value[:1] in _BOUNDED else "") + cell.mark for cell in cells]
        if any(notes):
            columns[f"N={size} note"] = notes
    return to_csv(pd.DataFrame(columns))


def as_markdown(table: PaperTable, mcse: str = "parentheses") -> str:
    """As a table of GitHub's Markdown, below its caption, above its notes."""
    texts, keys = _grouped(frame(table, mcse), len(table.keys)), len(table.keys)
    heads = [*table.keys, *(f"{table.head.removesuffix('N')}N = {size:,}" for size in table.sizes[:1])]
    heads += [f"N = {size:,}" for size in table.sizes[1:]]
    rules = ["---"] * keys + ["---:"] * len(table.sizes)
    lines = [
        f"| {' | '.join(line)} |" for line in ([markdown(head) for head in heads], rules, *_escaped(texts, markdown))
    ]
    return (
        "\n\n".join([markdown(table.caption), "\n".join(lines), *(markdown(note) for note in table.notes[mcse])]) + "\n"
    )


def as_html(table: PaperTable, mcse: str = "parentheses") -> str:
    """As a table of HTML with caption and two lines of head, for a page of one's own; the notes below."""
    from html import escape

    styled = _headed(table, _grouped(frame(table, mcse), len(table.keys)), escape).style.hide(axis="index")
    text = styled.set_caption(escape(table.caption)).to_html(exclude_styles=True)
    return text + "".join(f"<p>{escape(note)}</p>\n" for note in table.notes[mcse])


def as_latex(table: PaperTable, mcse: str = "parentheses") -> str:
    r"""As a `table` of LaTeX with the rules of the package booktabs; caption and notes in `\caption`.

    What is wider than a page is cut into blocks of columns, one below the other, in a small font; what is longer goes
    on in a second `table` of the same number.
    """
    texts, keys = frame(table, mcse), len(table.keys)
    heads = [*table.keys, *(f"{size:,}" for size in table.sizes)]
    widths = [max(map(width, [head, *texts.iloc[:, i]])) for i, head in enumerate(heads)]
    columns = blocks_of_columns(widths[:keys], widths[keys:])
    tabulars = []
    for lines in evenly(len(texts), math.ceil(len(texts) / (PAGE_LINES - HEAD_LINES))):
        for some in columns:
            part = replace(table, sizes=tuple(table.sizes[i] for i in some))
            chosen = texts.iloc[list(lines), [*range(keys), *(keys + i for i in some)]]
            tabulars.append((_tabular(part, chosen, column_format(widths[:keys], len(some))), len(lines)))
    return floats(tabulars, latex(" ".join([table.caption, *table.notes[mcse]])))


def _tabular(table: PaperTable, texts: pd.DataFrame, columns: str) -> str:
    styled = _headed(table, _grouped(texts, len(table.keys)), latex).style.hide(axis="index")
    return styled.to_latex(column_format=columns, hrules=True, multicol_align="c", sparse_columns=True)


FORMATS: Mapping[str, Callable[[PaperTable, str], str]] = {
    "latex": as_latex,
    "markdown": as_markdown,
    "html": as_html,
    "csv": as_csv,
}
#: by the suffix of a file
SUFFIXES = {".tex": "latex", ".md": "markdown", ".html": "html", ".csv": "csv"}


def _texts(cells: Iterable[PaperCell | None], mcse: str) -> list[str]:
    return ["" if cell is None else _text(cell, mcse) for cell in cells]


def _text(cell: PaperCell, mcse: str) -> str:
    error = {"parentheses": f" ({cell.error})", "pm": f" ± {cell.error}", "none": ""}[mcse] if cell.error else ""
    return f"{cell.value}{error}{cell.mark}"


def _plain(text: str) -> str:
    """A number as a file of data has it."""
    return "" if text == "–" else text.replace("−", "-").replace("∞", "inf")


def _grouped(texts: pd.DataFrame, keys: int) -> pd.DataFrame:
    """Without what is the same as in the line above, but for the last key."""
    shown, above = texts.copy(), None
    for i, line in enumerate(texts.itertuples(index=False, name=None)):
        same = 0
        while above is not None and same < keys - 1 and line[same] == above[same]:
            shown.iloc[i, same] = ""
            same += 1
        above = line
    return shown


def _escaped(texts: pd.DataFrame, escape: Callable[[str], str]) -> list[list[str]]:
    return [[escape(text) for text in line] for line in texts.itertuples(index=False, name=None)]


def _headed(table: PaperTable, texts: pd.DataFrame, escape: Callable[[str], str]) -> pd.DataFrame:
    """Escaped, below two lines of head: what is measured, above the sample sizes."""
    import pandas as pd

    heads = [("", escape(key)) for key in table.keys] + [(escape(table.head), f"{size:,}") for size in table.sizes]
    return pd.DataFrame(_escaped(texts, escape), columns=pd.MultiIndex.from_tuples(heads))
