"""`mcdiv report`: the page of finished results, made anew from their files."""

import click

from mcdiv.cli import console
from mcdiv.cli.options import plugin_option


@click.command()
@click.argument("results", metavar="RESULTS")
@click.option("-o", "--output", metavar="FILE", help="Write it here instead; an existing file is never overwritten.")
@click.option("--methods", is_flag=True, help="Print the methods section of a paper instead.")
@plugin_option
def report(results: str, output: str | None, plugins: tuple[str, ...], *, methods: bool) -> None:
    """Write the page of a finished run again.

    RESULTS is the run's folder, such as results/fair. Everything is read from its CSV files, nothing simulated.
    If the run used --plugin, give the same files here: they hold its estimators.
    """
    from mcdiv.results import pages
    from mcdiv.results.methods import methods as methods_of

    if methods:
        with console.plain_errors():
            if output is not None:
                raise click.UsageError("Give either --methods or -o.")
            text = methods_of(results, plugins=plugins)
        console.echo(text.rstrip("\n"))
        return
    with console.plain_errors():
        written = pages.report(results, out=output or None, plugins=plugins)
    console.echo(f"wrote {written}; open it in any browser")
