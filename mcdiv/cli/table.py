"""`mcdiv table`: a measure of finished results as a paper prints it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcdiv.cli import console
from mcdiv.cli.options import selection_options

if TYPE_CHECKING:
    from mcdiv.results.selection import Selection


@click.command()
@click.argument("results", metavar="RESULTS")
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME",
    default=("bias",),
    show_default="bias",
    help="From mcdiv list measures. Repeatable.",
)
@selection_options
@click.option("--simulated", is_flag=True, help="Simulated values, also where the exact value is known.")
@click.option("--mcse", default="parentheses", show_default=True, metavar="HOW", help="parentheses, pm (±) or none.")
@click.option(
    "--format", "kind", metavar="KIND", help="latex, markdown, html or csv. Default: by the suffix of -o, or markdown."
)
@click.option("-o", "--output", metavar="FILE", help="Write the table; an existing file is never overwritten.")
def table(
    results: str,
    measures: tuple[str, ...],
    selection: "Selection",
    kind: str | None,
    mcse: str,
    output: str | None,
    *,
    simulated: bool,
) -> None:
    """Print a measure of a finished run as a table for a paper: estimators × N, rounded by the MCSE.

    RESULTS is the run's folder, such as results/fair. Exact values have no standard error. LaTeX needs only the package
    booktabs; a table wider than a page is cut into blocks. The numbers to compute with are in performance.csv.

    mcdiv table results/fair --measure rmse --estimand entropy --format latex -o rmse.tex
    """
    from mcdiv.files.disk import raise_if_exists, write_new
    from mcdiv.results.paper_formats import FORMATS, SUFFIXES
    from mcdiv.results.table import check_choices, made

    with console.plain_errors():
        kind = kind or SUFFIXES.get(Path(output or "").suffix.lower(), "markdown")
        check_choices(kind, mcse)
        if output is not None:
            raise_if_exists(Path(output))
        text = FORMATS[kind](made(results, measures, selection, simulated=simulated), mcse)
        if output is not None:
            write_new(Path(output), text)
    console.echo(text.rstrip("\n") if output is None else f"wrote {output}")
