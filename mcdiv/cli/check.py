"""`mcdiv check`: every problem of scenarios, and what they will cost."""

import sys

import click

from mcdiv.cli import console
from mcdiv.cli.options import plugin_option, set_option


def read_precisions(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """By measure, what was written as MEASURE=NUMBER."""
    pairs = [text.partition("=") for text in given]
    for (measure, equals, number), text in zip(pairs, given, strict=True):
        if not (measure and equals and number):
            raise click.BadParameter(f"expected MEASURE=NUMBER, such as bias=0.001, got {text!r}")
    names = [measure for measure, _, _ in pairs]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise click.BadParameter(f"{twice[0]} is given twice")
    return {measure.strip(): number for measure, _, number in pairs}


@click.command()
@click.argument("scenarios", nargs=-1, metavar="SCENARIO...")
@set_option
@plugin_option
@click.option(
    "--mcse",
    "precisions",
    multiple=True,
    metavar="MEASURE=NUMBER",
    callback=read_precisions,
    help="Say how many replicates this Monte Carlo standard error takes: bias=0.001, coverage=0.005. Repeatable.",
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of scenarios, for editors, and stop.")
def check(
    scenarios: tuple[str, ...],
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    precisions: dict[str, str],
    schema: bool,
) -> None:
    """Check scenarios without running them, and estimate what they will cost.

    Every problem is reported at once, with its line. Times are for one core of this machine, from trials of a few
    small blocks. With --mcse, how many replicates a precision takes: exactly where all outcomes are listed, else from
    1,000 replicates; in the unit of the measure.
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
            checked = check_scenario(source, settings=settings, mcse=precisions)
        except ScenarioError as error:
            console.warn("\n".join(error.problems))
            bad = True
        else:
            console.echo(f"{source}: fine; {checked}")
    sys.exit(console.BAD if bad else console.FINE)
