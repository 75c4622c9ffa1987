"""`mcdiv fit`: its options, and what it prints."""

import sys
from typing import TYPE_CHECKING

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, name_option, named, own_folder

if TYPE_CHECKING:
    from mcdiv.lessons.fit.run import Fitted


@click.command()
@click.argument("scenario", metavar="SCENARIO")
@click.option("-o", "--output", default="results", show_default=True, help="Folder; results go to OUTPUT/<name>/.")
@name_option
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a value of the scenario, such as learning.steps=500. Repeatable.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing.")
@json_option
def fit(scenario: str, output: str, name: str | None, settings: tuple[str, ...], quiet: bool, as_json: bool) -> None:
    """Learn the model from N draws by minimising cross-entropy.

    Shows step by step that cross-entropy and KL fall together, always H(P) apart, and what finite data change: the
    minimiser is the observed frequencies, and the floor of the loss is their entropy. The scenario's key `learning`
    says how; its model is where learning starts. Results go beside those of mcdiv run. Exit code 1: the picture
    could not be drawn.

    mcdiv fit learning
    """
    from mcdiv.lessons.fit import run

    with console.plain_errors():
        own = own_folder(click.get_current_context(), name)
        fitted = run.fit(scenario, settings=named(settings, name), out=output, own_name=own)
    if as_json:
        console.print_json(_as_record(fitted))
    elif not quiet:
        _print(fitted)
    for line in fitted.failures:
        console.warn(line)
    if fitted.failures:
        sys.exit(console.FAILED)


def _print(fitted: "Fitted") -> None:
    from mcdiv.lessons.fit import words

    scenario, tolerance = fitted.scenario, fitted.recipe.tolerance
    for text in (scenario.title, scenario.question):
        if text:
            console.echo(text)
    lines = words.lines(fitted.fits, scenario.units, tolerance)
    caption = words.caption(fitted.fits, scenario.units, tolerance)
    console.print_table(caption, words.HEADER, lines)
    for sentence in words.sentences(fitted.fits, scenario.units, tolerance):
        console.echo(sentence)
    drawn = ", plots/learning.png and .svg" if scenario.plots != () and not fitted.failures else ""
    console.echo(f"wrote {fitted.folder}/: learning.csv, learning_summary.csv{drawn}")


def _as_record(fitted: "Fitted") -> dict[str, object]:
    from mcdiv.results.tables import to_records

    return {
        "name": fitted.scenario.name,
        "seed": fitted.scenario.seed,
        "folder": str(fitted.folder),
        "fits": to_records(fitted.summary),
    }
