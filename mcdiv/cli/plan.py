"""`mcdiv plan`: its options, and what it prints."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, plugin_option

if TYPE_CHECKING:
    from mcdiv.api.plan import SampleSizePlan
    from mcdiv.api.plan_power import PowerPlan


@click.command()
@click.option("--truth", required=True, metavar="DIST", help="P: a coin's P(heads) such as 0.5, or 'zipf: {k: 100}'.")
@click.option("--model", metavar="DIST", help="Q, the same way.")
@click.option("--estimand", default="entropy", show_default=True, metavar="NAME", help="From mcdiv list estimands.")
@click.option("-e", "--estimator", "estimators", multiple=True, metavar="NAME", help="Default: plugin. Repeatable.")
@click.option("--within", metavar="SIZE", help="Goal: an error of at most SIZE, with probability --confidence.")
@click.option("--relative", metavar="SHARE", help="Goal: the same for an error of this share of the true value.")
@click.option("--rmse", metavar="SIZE", help="Goal: an RMSE of at most SIZE.")
@click.option("--bias", metavar="SIZE", help="Goal: a bias of at most SIZE, whatever its sign.")
@click.option(
    "--width", metavar="SIZE", help="Goal: intervals of level --confidence with a mean width of at most SIZE."
)
@click.option("--power", metavar="SHARE", help="Goal: a test against --against that rejects it so often.")
@click.option(
    "--against", metavar="DIST", help="For --power: the known distribution that the draws are tested against."
)
@click.option(
    "--alpha", default="0.05", show_default=True, metavar="SHARE", help="For --power: the test's largest size."
)
@click.option(
    "--statistic", default="g", show_default=True, metavar="NAME", help="For --power: g, pearson, kl, js, psi or tv."
)
@click.option("--confidence", default="0.95", show_default=True, metavar="SHARE", help="Between 0 and 1.")
@click.option(
    "--interval", default="jackknife", show_default=True, metavar="NAME", help="For --width; from mcdiv list intervals."
)
@click.option("--ratio", metavar="R", help="Q is known through draws only, R times as many as from P.")
@click.option("-u", "--units", default="nats", show_default=True, help="nats, bits or bans.")
@plugin_option
@json_option
def plan(
    truth: str,
    model: str | None,
    estimand: str,
    estimators: tuple[str, ...],
    confidence: str,
    interval: str,
    ratio: str | None,
    units: str,
    power: str | None,
    against: str | None,
    alpha: str,
    statistic: str,
    plugins: tuple[str, ...],
    as_json: bool,
    **sizes: str | None,
) -> None:
    """Say how many draws a goal takes: the smallest N that reaches it, as every larger N does.

    Values are exact, and for each N the table says how it is known that the goal stays reached.

    mcdiv plan --truth 0.5 --within 0.01
    """
    from mcdiv.api.plan import plans
    from mcdiv.results.loading import OPTIONS

    if (power is None) != (against is None):
        raise click.UsageError("--power and --against go together.")
    if power is not None:
        if model or estimators or ratio or any(size is not None for size in sizes.values()):
            raise click.UsageError("--power is a goal of its own: leave out --model, -e, --ratio and other goals.")
        _plan_power(truth, against, alpha, power, statistic, as_json=as_json)
        return
    with console.plain_errors():
        found = plans(
            estimand,
            estimators,
            truth=truth,
            model=model,
            sizes=sizes,
            confidence=confidence,
            interval=interval,
            ratio=ratio,
            units=units,
            called=OPTIONS,
        )
    if as_json:
        console.print_json([_as_record(each) for each in found])
    else:
        _print(found)


def _plan_power(truth: str, against: str | None, alpha: str, power: str, statistic: str, *, as_json: bool) -> None:
    from mcdiv.api.plan_power import planned_power

    called = {"truth": "--truth", "model": "--against"}
    with console.plain_errors():
        found = planned_power(
            against,
            truth,
            alpha=alpha,
            power=power,
            statistic=statistic,
            called=called,
            names=("--alpha", "--power"),
        )
    if as_json:
        console.print_json(asdict(found))
    else:
        _print_power(found)


def _print_power(found: "PowerPlan") -> None:
    from mcdiv.core.number_format import figure

    console.echo(f"draws from {found.alternative}, tested against {found.reference}")
    console.echo(f"goal: a power of {found.wanted_power:g}, for a size of at most {found.alpha:g}")
    console.echo("")
    header = ("statistic", "N", "power at N", "at N − 1", "size at N", "rejects above", "large-sample guess")
    line = (
        found.statistic,
        f"{found.sample_size:,}",
        figure(found.power),
        figure(found.power_before),
        figure(found.size),
        figure(found.critical_value),
        "–" if found.guess is None else f"{found.guess:,}",
    )
    console.print_table(None, header, [line])
    console.echo(
        f"Every N from {found.sample_size:,} to {found.verified_to:,} was computed and has the power; larger ones were "
        "not all looked at."
    )


def _print(found: "list[SampleSizePlan]") -> None:
    from mcdiv.core.number_format import amount, figure

    first = found[0]
    model = f", Q = {first.model}" if first.model else ""
    unit = "" if first.units == "1" else f" {first.units}"
    console.echo(f"{first.estimand} of P = {first.truth}{model}: {amount(figure(first.true_value), first.units)}")
    console.echo(f"goal: {first.goal}")
    console.echo("")
    sampled = first.model_sample_size is not None
    measure = first.measure if first.measure == "probability" or not unit else f"{first.measure},{unit}"
    header = ("estimator", "N", *(("M",) if sampled else ()), f"{measure} at N", "at N − 1", "large-sample guess")
    lines = [
        (
            each.estimator,
            f"{each.sample_size:,}",
            *((f"{each.model_sample_size:,}",) if sampled else ()),
            figure(each.value),
            figure(each.value_before),
            "–" if each.guess is None else f"{each.guess:,}",
        )
        for each in found
    ]
    console.print_table(None, header, lines)
    for each in found:
        console.echo(how_known(each))


def how_known(found: "SampleSizePlan") -> str:
    """How it is known that the goal stays reached."""
    if found.proved:
        return f"{found.estimator}: every larger N reaches the goal too (proved)."
    return (
        f"{found.estimator}: every N from {found.sample_size:,} to {found.verified_to:,} was computed and reaches the "
        "goal; larger ones were not all looked at."
    )


def _as_record(found: "SampleSizePlan") -> dict[str, Any]:
    """The fields of a plan; null where there is no number."""
    return {
        key: None if isinstance(value, float) and math.isnan(value) else value for key, value in asdict(found).items()
    }
