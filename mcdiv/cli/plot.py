"""`mcdiv plot`: the pictures of finished results, drawn anew from their files."""

import sys

import click

from mcdiv.cli import console


@click.command()
@click.argument("results", metavar="RESULTS")
@click.option("--only", multiple=True, metavar="NAME", help="This picture (mcdiv list plots). Repeatable, or a,b,c.")
@click.option("--format", "kind", default="svg", show_default=True, metavar="KIND", help="svg, png or pdf.")
@click.option("--style", default="paper", show_default=True, metavar="STYLE", help="paper, or slides: larger letters.")
@click.option("-o", "--output", metavar="DIR", help="Folder for the files. Default: RESULTS/plots.")
def plot(results: str, only: tuple[str, ...], kind: str, style: str, output: str | None) -> None:
    """Draw the pictures of a finished run again.

    RESULTS is the run's folder, such as results/fair. Everything is read from its CSV files, nothing simulated.
    Pictures of the same names are replaced. Exit code 1: a picture could not be drawn.

    mcdiv plot results/fair --only distribution --format pdf --style slides
    """
    from mcdiv.results import pictures

    names = [name.strip() for text in only for name in text.split(",")]
    with console.plain_errors():
        drawn = pictures.plot(results, only=names, kind=kind, style=style, out=output)
    for name in drawn.empty:
        console.warn(f"{name}: these results have nothing to draw")
    for line in drawn.failures:
        console.warn(line)
    if drawn.files:
        console.echo(f"wrote {drawn.folder}/: {', '.join(drawn.files)}")
    if drawn.failures:
        sys.exit(console.FAILED)
    if not drawn.files:
        sys.exit(console.BAD)
