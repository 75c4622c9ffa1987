"""`mcdiv plan`: its options, and what it prints."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.options import DIST, json_option, plugin_option, reading_options_of
from mcdiv.cli.picture_file import check_picture, write_picture

if TYPE_CHECKING:
    from mcdiv.api.plan_power import PowerPlan
    from mcdiv.api.sample_size_plan import SampleSizePlan
    from mcdiv.files.counts import Reading


#: how a FILE is read; it holds one pmf, or the counts of one sample, which are taken as shares
_READING = (
    *("column", "weights", "text", "bytes", "symbols", "layout", "samples", "ignore", "missing", "spectrum"),
    *("normalise", "logprobs", "logits"),
)


@click.command()
@click.option("--truth", required=True, metavar="DIST|FILE", help=f"P: {DIST}; or a FILE.")
@click.option("--model", metavar="DIST|FILE", help="Q, the same way.")
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
    "--against", metavar="DIST|FILE", help="For --power: the known distribution that the draws are tested against."
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
@click.option("--seed", default="0", show_default=True, metavar="SEED", help="Of the simulation, where there is one.")
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the study that checks the plan, for mcdiv run.")
@click.option("--plot", metavar="FILE", help="Draw values around the plan: .svg, .png or .pdf.")
@reading_options_of(*_READING)
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
    seed: str,
    plot: str | None,
    plugins: tuple[str, ...],
    reading: "Reading",
    as_json: bool,
    as_yaml: bool,
    **sizes: str | None,
) -> None:
    """Say how many draws a goal takes: the smallest N that reaches it, as every larger N does.

    Values are exact where outcomes can be listed or summed over; otherwise N is simulated, and has an interval. A
    sentence says how it is known that the goal stays reached.

    mcdiv plan --truth 0.5 --within 0.01
    """
    from mcdiv.api.plans import plans
    from mcdiv.api.sample_size_plan import draw_plans
    from mcdiv.results.loading import OPTIONS

    if (power is None) != (against is None):
        raise click.UsageError("--power and --against go together.")
    if power is not None:
        if model or estimators or ratio or any(size is not None for size in sizes.values()):
            raise click.UsageError("--power is a goal of its own: leave out --model, -e, --ratio and other goals.")
        asked = {"alpha": alpha, "power": power, "statistic": statistic, "seed": seed}
        _plan_power({"truth": truth, "against": against}, reading, asked, plot, as_json=as_json, as_yaml=as_yaml)
        return
    if sum(size is not None for size in sizes.values()) != 1:
        raise click.UsageError(
            "give one goal: --within, --relative, --rmse, --bias, --width, or --power with --against."
        )
    if as_yaml and (as_json or len(estimators) > 1):
        raise click.UsageError("--yaml prints one study: give one estimator, and no --json.")
    given, read_as = _given({"truth": truth, "model": model}, reading)
    with console.plain_errors():
        if plot is not None:
            check_picture(Path(plot))
        found = plans(
            estimand,
            estimators,
            truth=given["truth"],
            model=given["model"],
            sizes=sizes,
            confidence=confidence,
            interval=interval,
            ratio=ratio,
            units=units,
            seed=seed,
            called=OPTIONS,
            curves=plot is not None,
        )
        if plot is not None:
            write_picture(Path(plot), draw_plans(found))
    if as_yaml:
        for each in found:
            console.echo(each.scenario.rstrip("\n"))
    elif as_json:
        console.print_json([_as_record(each) for each in found])
    else:
        _print(found, read_as)
        if plot is not None:
            console.echo(f"wrote {plot}")


def _given(texts: dict[str, str | None], reading: "Reading") -> tuple[dict[str, Any], tuple[str, ...]]:
    """The distributions of options: as they are, or where one is a file all as pmfs; and how files were read."""
    from mcdiv.errors import ScenarioError
    from mcdiv.files.counts import Reading
    from mcdiv.files.shipped import find_data
    from mcdiv.observed.option_texts import exists, is_distribution
    from mcdiv.observed.pmfs import pmfs_of

    named = [text for text in filter(None, texts.values()) if not is_distribution(text)]
    files = [text for text in named if text == "-" or exists(find_data(text))]
    with console.plain_errors():
        for text in named:
            if text not in files and Path(text).suffix[1:].isalpha():
                raise ScenarioError([f"{text[:60]}: there is no such file"])
        if not files and reading != Reading():
            raise ScenarioError(["--truth: options that say how a file is read are given, and no file"])
        if not files:
            return texts, ()
        found = pmfs_of(texts, reading)
    return {name: found.pmfs.get(name) for name in texts}, found.read_as


def _plan_power(
    distributions: dict[str, str | None],
    reading: "Reading",
    asked: dict[str, str],
    plot: str | None,
    *,
    as_json: bool,
    as_yaml: bool,
) -> None:
    from mcdiv.api.plan_power import planned_power

    if as_yaml and as_json:
        raise click.UsageError("--yaml prints one study: leave out --json.")
    given, read_as = _given(distributions, reading)
    called, names = {"truth": "--truth", "model": "--against"}, ("--alpha", "--power", "--seed")
    with console.plain_errors():
        if plot is not None:
            check_picture(Path(plot))
        found = planned_power(
            given["against"], given["truth"], **asked, curve=plot is not None, called=called, names=names
        )
        if plot is not None:
            write_picture(Path(plot), found.draw())
    if as_json:
        console.print_json(_as_record(found))
    elif not as_yaml:
        _print_power(found, read_as)
        if plot is not None:
            console.echo(f"wrote {plot}")
    elif found.scenario:
        console.echo(found.scenario.rstrip("\n"))
    else:
        raise click.UsageError(f"--yaml: no study tests by {found.statistic} where outcomes cannot be listed.")


def _print_power(found: "PowerPlan", read_as: tuple[str, ...]) -> None:
    from mcdiv.core.number_format import rounded
    from mcdiv.core.performance import Measured

    for said in read_as:
        console.echo(said)
    console.echo(f"draws from {found.alternative}, tested against {found.reference}")
    console.echo(f"goal: a power of {found.wanted_power:g}, for a size of at most {found.alpha:g}")
    console.echo("")
    header = ("statistic", "N", "power at N", "at N − 1", "size at N", "rejects above", "large-sample guess")
    line = (
        found.statistic,
        f"{found.sample_size:,}",
        rounded(Measured(value=found.power, mcse=found.mcse)),
        rounded(Measured(value=found.power_before, mcse=found.mcse)),
        rounded(Measured(value=found.size, mcse=found.size_mcse)),
        rounded(Measured(value=found.critical_value, mcse=found.critical_value_mcse)),
        "–" if found.guess is None else f"{found.guess:,}",
    )
    console.print_table(None, header, [line])
    console.echo(
        f"Every N from {found.sample_size:,} to {found.verified_to:,} was computed and has the power; larger ones were "
        "not all looked at."
        if found.sample_size_interval is None
        else _simulated(found.sample_size_interval)
    )


def _print(found: "list[SampleSizePlan]", read_as: tuple[str, ...]) -> None:
    from mcdiv.core.number_format import rounded
    from mcdiv.core.performance import Measured

    for said in read_as:
        console.echo(said)
    first = found[0]
    unit = "" if first.units == "1" else f" {first.units}"
    for line in dict.fromkeys(_subject(each) for each in found):
        console.echo(line)
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
            rounded(Measured(value=each.value, mcse=each.mcse)),
            rounded(Measured(value=each.value_before, mcse=each.mcse)),
            "–" if each.guess is None else f"{each.guess:,}",
        )
        for each in found
    ]
    console.print_table(None, header, lines)
    for each in found:
        console.echo(how_known(each))
    if sampled and first.measure != "probability":
        console.echo(f"The {first.measure} is that of the finite estimates; some may be infinite or undefined.")


def _subject(found: "SampleSizePlan") -> str:
    """What is estimated; of a range of truths, which is the worst one."""
    from mcdiv.core.number_format import amount, figure

    model = f", Q = {found.model}" if found.model else ""
    value = f"{found.estimand} of P = {found.truth}{model}: {amount(figure(found.true_value), found.units)}"
    if found.truths == 1:
        return value
    worst = f"{found.estimator} needs most draws there of {found.truths} truths looked at; others may need more"
    return f"{value}; {worst}"


def how_known(found: "SampleSizePlan") -> str:
    """How it is known that the goal stays reached."""
    if found.proved:
        return f"{found.estimator}: every larger N reaches the goal too (proved)."
    if found.sample_size_interval is not None:
        return f"{found.estimator}: {_simulated(found.sample_size_interval)}"
    return (
        f"{found.estimator}: every N from {found.sample_size:,} to {found.verified_to:,} was computed and reaches the "
        "goal; larger ones were not all looked at."
    )


def _simulated(interval: tuple[int, int]) -> str:
    low, high = interval
    return (
        f"N is simulated; its 95 % confidence interval is {low:,} to {high:,}. It is the root of a curve fitted to "
        "values near it. Values of single N scatter about it, and no larger N was looked at."
    )


def _as_record(found: "SampleSizePlan | PowerPlan") -> dict[str, Any]:
    """The fields of a plan; null where there is no number."""
    return {
        key: None if isinstance(value, float) and math.isnan(value) else value for key, value in asdict(found).items()
    }
