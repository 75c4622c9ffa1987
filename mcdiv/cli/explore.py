"""`mcdiv explore`: write the explorer of a coin as one page."""

from fractions import Fraction

import click

from mcdiv.cli import console


def _probability(_: click.Context, __: click.Parameter, text: str) -> float:
    """A decimal or a fraction in [0, 1]."""
    try:
        given = Fraction(text.replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        given = Fraction(-1)
    if not 0 <= given <= 1:
        raise click.BadParameter(f"expected a probability such as 0.7 or 1/3, got {text!r}")
    return float(given)


@click.command()
@click.option(
    "--truth", default="0.7", callback=_probability, show_default=True, metavar="P", help="The coin's P(heads)."
)
@click.option("--model", default="0.5", callback=_probability, show_default=True, metavar="Q", help="The model's.")
@click.option("-n", "--sample-size", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Flips.")
@click.option("-u", "--units", type=click.Choice(["nats", "bits"]), default="nats", show_default=True)
@click.option("-o", "--output", default="explorer.html", show_default=True, metavar="FILE", help="Never overwritten.")
def explore(truth: float, model: float, sample_size: int, units: str, output: str) -> None:
    """Write an interactive page: sliders for the truth, the model and the flips.

    One file that opens without a network. For lectures: docs/lecture.md.
    """
    from mcdiv.api import explore as exploring

    with console.plain_errors():
        exploring.explore(truth, model, sample_size, units=units, out=output)
    console.echo(f"wrote {output}; open it in any browser")
