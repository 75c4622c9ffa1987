"""`mcdiv list`, `mcdiv show` and `mcdiv new`: the names there are, their cards, and a scenario to start from."""

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, plugin_option

LISTS = [
    *("estimators", "intervals", "distributions", "estimands", "measures", "scenarios", "data", "readers", "plots"),
    "slips",
]


@click.command("list")
@click.argument("what", type=click.Choice(LISTS))
@plugin_option
@json_option
def list_(what: str, plugins: tuple[str, ...], as_json: bool) -> None:
    """List the names to choose from."""
    from mcdiv.api import cards
    from mcdiv.core import pictures

    entries = cards.listing(what)
    if as_json:
        console.print_json(entries)
        return
    console.print_listing(entries)
    if what == "plots":
        console.echo(f"A fit has a picture of its own, {pictures.OF_A_FIT}: {pictures.FIT} draws it.")


@click.command()
@click.argument("name")
@plugin_option
@json_option
def show(name: str, plugins: tuple[str, ...], as_json: bool) -> None:
    """Show the card of one name.

    An entry of any list, such as an estimator, a measure, a reader or a slip, or a shipped scenario.
    """
    from mcdiv.api import catalogue

    with console.plain_errors():
        card = catalogue.show(name)
    if as_json:
        console.print_json(card)
        return
    width = max(len(key) for key in card)
    for key, text in card.items():
        lines = text.split("\n")
        console.echo(f"{key:<{width}}  " + f"\n{'':<{width}}  ".join(lines))


@click.command()
@click.argument("path", metavar="FILE")
@click.option("--from", "source", default=None, metavar="NAME", help="Start from a shipped scenario.")
def new(path: str, source: str | None) -> None:
    """Write a scenario file to start from.

    An existing file is never overwritten.
    """
    from mcdiv.api import catalogue

    with console.plain_errors():
        written = catalogue.new(path, source=source)
    console.echo(f"wrote {written}; run it with: mcdiv run {written}")
