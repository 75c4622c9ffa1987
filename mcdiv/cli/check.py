"""`mcdiv check`: every problem of scenarios, and what they will cost."""

import sys

import click

from mcdiv.cli import console
from mcdiv.cli.options import plugin_option, set_option


@click.command()
@click.argument("scenarios", nargs=-1, metavar="SCENARIO...")
@set_option
@plugin_option
@click.option("--schema", is_flag=True, help="Print the JSON Schema of scenarios, for editors, and stop.")
def check(scenarios: tuple[str, ...], settings: tuple[str, ...], plugins: tuple[str, ...], schema: bool) -> None:
    """Check scenarios without running them, and estimate what they will cost.

    Every problem is reported at once, with its line. Times are for one core of this machine, from trials of a few
    small blocks.
    """
    from mcdiv.api.check import check as check_scenario
    from mcdiv.api.check import scenario_schema
    from mcdiv.errors import ScenarioError

    if schema:
        console.print_json(scenario_schema())
        return
    if not scenarios:
        raise click.UsageError("Missing argument 'SCENARIO...'.")
    bad = False
    for source in scenarios:
        try:
            checked = check_scenario(source, settings=settings)
        except ScenarioError as error:
            console.warn("\n".join(error.problems))
            bad = True
        else:
            console.echo(f"{source}: fine; {checked}")
    sys.exit(console.BAD if bad else console.FINE)
