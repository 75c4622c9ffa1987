"""`mcdiv fixtures`: its options, and what it prints."""

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option


@click.command()
@click.option("-o", "--output", metavar="DIR", help="Write a JSON file of each case, and index.json with the formulas.")
@json_option
def fixtures(output: str | None, as_json: bool) -> None:
    """Golden values for other libraries to test against.

    Pairs of pmfs, each with what goes wrong with it; entropy, cross-entropy, divergences and gradients to 30 digits.
    Without --output their list. An existing file is never overwritten.

    mcdiv fixtures -o golden
    """
    from mcdiv.api.fixtures import fixtures as fixtures_of

    with console.plain_errors():
        cases = fixtures_of(output)
    if as_json:
        console.print_json(cases)
        return
    if output is None:
        lines = [(name, str(case["categories"]), case["trap"]) for name, case in cases.items()]
        console.print_table(None, ("case", "categories", "trap"), lines)
    else:
        console.echo(f"wrote {output}/: index.json and {len(cases)} cases")
