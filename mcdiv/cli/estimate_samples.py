"""How `mcdiv estimate` prints many samples: a table with a row for each, and what limits trust in how many."""

import math
from typing import TYPE_CHECKING

from mcdiv.cli import console

if TYPE_CHECKING:
    import pandas as pd

    from mcdiv.observed.estimates import Line
    from mcdiv.observed.group import Group

#: samples from which on they are printed as one table, and rows of it on the screen
MANY, MAX_ROWS = 11, 100


def print_samples(groups: "list[Group]", sort: str | None) -> None:
    """One table for each estimand, then sentences."""
    from mcdiv.observed.by_sample import sentences_of_many, table_by_sample
    from mcdiv.observed.quote import quotes

    console.echo(f"read as {groups[0].observed.read_as}")
    for estimand in dict.fromkeys(line.estimand for line in groups[0].lines):
        _print_table(groups, estimand, table_by_sample(groups, estimand, sort))
    for sentence in sentences_of_many(groups):
        console.echo(sentence)
    if all(group.advice is None for group in groups):
        last = dict.fromkeys(sentence for group in groups for sentence in quotes(group))
    else:
        last = dict.fromkeys(f"{group.observed.group}: {said}" for group in groups for said in quotes(group))
    for sentence in last:
        console.echo(sentence)
    console.echo("")


def _print_table(groups: "list[Group]", estimand: str, table: "pd.DataFrame") -> None:
    from mcdiv.estimands.contract import symbol_of, units_of

    estimators = [name for name in table.columns if name not in ("group", "sample_size", "categories_seen", "coverage")]
    units = units_of([estimand], groups[0].units)
    caption = f"{symbol_of(estimand)}, {units if units == 'no unit' else f'in {units}'}"
    header = ("sample", "N", "seen", "C", *estimators, "largest SE")
    lines = []
    for place, row in zip(table.index[:MAX_ROWS], table.head(MAX_ROWS).to_dict("records"), strict=True):
        known = {line.estimator: line for line in groups[place].lines if line.estimand == estimand}
        errors = [line.standard_error for line in known.values() if not math.isnan(line.standard_error)]
        cells = [_cell(known[name]) if name in known else "–" for name in estimators]
        coverage = "–" if math.isnan(row["coverage"]) else f"{100 * row['coverage']:.1f} %"
        size = "–" if math.isnan(row["sample_size"]) else f"{row['sample_size']:,}"
        largest = f"{max(errors):.2g}" if errors else "–"
        lines.append((row["group"], size, f"{row['categories_seen']:,}", coverage, *cells, largest))
    console.print_table(caption, header, lines)
    if (left := len(table) - MAX_ROWS) > 0:
        console.echo(f"{left:,} more groups; use --output for a table of all, or --json\n")


def _cell(line: "Line") -> str:
    """The estimate to the digits that its standard error supports."""
    from mcdiv.core.number_format import rounded
    from mcdiv.core.performance import Measured

    return rounded(Measured(value=line.value, mcse=line.standard_error)).partition(" ± ")[0]


def check_picture(path: str) -> None:
    """That a picture can be written there; a ScenarioError says why not."""
    from mcdiv.observed.pictures_of_tests import check_picture

    check_picture(path)


def write_samples(groups: "list[Group]", sort: str | None, path: str) -> None:
    """Draw the samples into a new file."""
    from pathlib import Path

    import pandas as pd

    from mcdiv.files.disk import replace_file
    from mcdiv.observed.by_sample import table_by_sample
    from mcdiv.observed.groups import rows
    from mcdiv.results.plots.rendering import render
    from mcdiv.results.sample_picture import draw

    order = table_by_sample(groups, groups[0].lines[0].estimand, sort)["group"].tolist()
    figure = draw(pd.DataFrame.from_records([row for group in groups for row in rows(group)]), order)
    place = Path(path)
    replace_file(place.parent, place.name, render(figure, place.suffix.removeprefix(".")), new=True)
