"""`mcdiv exact`: exact bias, sd and RMSE of a scenario or of options."""

import click

from mcdiv.cli import console
from mcdiv.cli.options import DIST, json_option, plugin_option, set_option
from mcdiv.cli.run_output import print_exact


@click.command()
@click.argument("source", required=False, metavar="[SCENARIO]")
@click.option("--truth", metavar="DIST", help=f"P: {DIST}.")
@click.option("--model", metavar="DIST", help="Q, the same way.")
@click.option("-n", "--sample-size", "sizes", multiple=True, metavar="N", help="Draws from P. Repeatable.")
@click.option(
    "-m",
    "--model-sample-size",
    "model_sizes",
    multiple=True,
    metavar="M",
    help="Draws from Q, if Q is sampled. Repeatable.",
)
@click.option("-e", "--estimator", "estimators", multiple=True, metavar="NAME", help="Default: plugin. Repeatable.")
@click.option("--estimand", "estimands", multiple=True, metavar="NAME", help="Default: all the usual. Repeatable.")
@click.option("-u", "--units", default=None, help="nats, bits or bans.")
@set_option
@plugin_option
@json_option
def exact(
    source: str | None,
    truth: str | None,
    model: str | None,
    sizes: tuple[str, ...],
    model_sizes: tuple[str, ...],
    estimators: tuple[str, ...],
    estimands: tuple[str, ...],
    units: str | None,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compute exact bias, sd and RMSE, without simulation.

    For a scenario, or for options; nothing is written.

    mcdiv exact --truth 0.5 --model 0.6 -n 10 -e plugin -e miller_madow
    """
    from mcdiv.api.exact import exact_results
    from mcdiv.results.loading import OPTIONS

    with console.plain_errors():
        if (source is None) == (truth is None):
            raise click.UsageError("Give either a SCENARIO or --truth.")
        if source is not None and (model or sizes or model_sizes or estimators or estimands):
            raise click.UsageError("--model, -n, -m, -e and --estimand need --truth; with a SCENARIO use --set.")
        results = exact_results(
            source,
            truth=truth,
            model=model,
            sample_sizes=sizes,
            model_sample_sizes=model_sizes,
            estimators=estimators,
            estimands=estimands,
            units=units,
            settings=settings,
            called=OPTIONS,
        )
    if as_json:
        console.print_json(results.records())
        return
    print_exact(results)
