"""`mcdiv explain`: its options, and where the explanation goes."""

from pathlib import Path

import click

from mcdiv.cli import console
from mcdiv.cli.options import DIST

#: written out, as nothing is loaded before a command needs it
_FORMATS, _UNITS = ["text", "markdown", "html"], ["nats", "bits", "bans"]


@click.command()
@click.option("--truth", required=True, metavar="DIST", help=f"P: {DIST}.")
@click.option("--model", required=True, metavar="DIST", help="Q, the same way.")
@click.option(
    "-u", "--units", type=click.Choice(_UNITS), default="bits", show_default=True, help="Unit of information."
)
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="How to write it."
)
@click.option("-o", "--output", metavar="FILE", help="Write it here; an existing file is never overwritten.")
def explain(truth: str, model: str, units: str, form: str, output: str | None) -> None:
    """Derive H(P, Q) = KL(P‖Q) + H(P) step by step, with your numbers.

    Where something is infinite or zero it says what happened and why.

    mcdiv explain --truth 0.7 --model 0.5
    """
    from mcdiv.api.explain import derive
    from mcdiv.files.disk import raise_if_exists, write_new
    from mcdiv.results.loading import OPTIONS

    with console.plain_errors():
        if output:
            raise_if_exists(Path(output))
        text = getattr(derive(truth, model, units, OPTIONS), form)
        if output:
            write_new(Path(output), text)
    console.echo(f"wrote {output}" if output else text.rstrip("\n"))
