"""`mcdiv plot`: the pictures of finished results, drawn anew from their files."""

import sys
from typing import Any

import click

from mcdiv.cli import console
from mcdiv.cli.options import selection_options


@click.command()
@click.argument("results", metavar="RESULTS")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--only", multiple=True, metavar="NAME", help="The same as NAME. Repeatable, or a,b,c.")
@click.option(
    "--measure", default="", metavar="NAME", help="Draw pictures of any measure, such as heatmap, of this one."
)
@selection_options
@click.option("--split", is_flag=True, help="A file for each panel, such as bias-1.svg and bias-2.svg.")
@click.option("--format", "kind", default="svg", show_default=True, metavar="KIND", help="svg, png or pdf.")
@click.option(
    "--style", default="paper", show_default=True, metavar="STYLE", help="paper, slides (16:9) or slides-dark."
)
@click.option("-o", "--output", metavar="DIR", help="Folder for the files. Default: RESULTS/plots.")
def plot(
    results: str,
    names: tuple[str, ...],
    only: tuple[str, ...],
    kind: str,
    output: str | None,
    **look: Any,
) -> None:
    """Draw the pictures of a finished run again.

    RESULTS is the run's folder, such as results/fair; NAME is a picture (mcdiv list plots), all that a run draws by
    itself if left out.
    Everything is read from the run's CSV files, nothing simulated. Pictures of the same names are replaced. A picture
    says what of the study it does not show. Exit code 1: a picture could not be drawn.

    mcdiv plot results/fair bias rmse --estimand entropy --style slides --split --format pdf
    """
    from mcdiv.results import pictures

    chosen = [name.strip() for text in (*names, *only) for name in text.split(",")]
    with console.plain_errors():
        drawn = pictures.draw_files(results, chosen, kind, pictures.Look(**look), output)
    for name in drawn.empty:
        console.warn(pictures.nothing_to_draw(name))
    for line in drawn.failures:
        console.warn(line)
    if drawn.files:
        console.echo(f"wrote {drawn.folder}/: {', '.join(drawn.files)}")
    if drawn.failures:
        sys.exit(console.FAILED)
    if not drawn.files:
        sys.exit(console.BAD)
