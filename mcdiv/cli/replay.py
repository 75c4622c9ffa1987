"""`mcdiv replay`: one replicate of finished results again, with counts, estimates and tracebacks."""

import math
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, plugin_option

if TYPE_CHECKING:
    from mcdiv.core.arrays import Counts
    from mcdiv.engine.replay import Attempt, Replicate
    from mcdiv.scenario.model import Scenario

#: counts that are printed one by one; of more categories only those that were seen
_PRINTED = 30


@click.command()
@click.argument("folder", metavar="RESULTS")
@click.option("--condition", type=int, required=True, help="Its number in the tables.")
@click.option("--replicate", type=int, required=True, help="From 0, as in problems.csv.")
@click.option("-e", "--estimator", default=None, metavar="NAME", help="Default: all of them.")
@plugin_option
@json_option
def replay(
    folder: str, condition: int, replicate: int, estimator: str | None, plugins: tuple[str, ...], as_json: bool
) -> None:
    """Show one replicate of finished results again.

    Its counts, what every estimator makes of them, and the traceback of one that raises. problems.csv has such
    a command in each row.
    """
    from mcdiv.api.replay import replayed

    with console.plain_errors():
        found, cautions = replayed(Path(folder), condition, replicate, estimator, plugins)
    for line in cautions:
        console.warn(line)
    if as_json:
        console.print_json(_as_record(found.replicate, found.scenario.units))
    else:
        _print(found.replicate, found.scenario)


def _print(found: "Replicate", scenario: "Scenario") -> None:
    from mcdiv.estimands.contract import scale_of

    condition, units = found.condition, scenario.units
    parts = [f"P = {condition.truth.label}", f"Q = {condition.model.label}" if condition.model else ""]
    parts += [f"O = {condition.drawn_from.label}" if condition.drawn_from else "", f"N = {condition.sample_size}"]
    parts += [f"M = {condition.model_sample_size}" if condition.model_sample_size else ""]
    console.echo(f"condition {condition.number}: {', '.join(filter(None, parts))}; replicate {found.number}")
    console.echo(f"counts from {'O' if condition.drawn_from else 'P'}: {_shown(found.counts)}")
    if found.unordered:
        console.echo("(only how many categories have each count was drawn; their order is arbitrary)")
    if found.counts_q is not None:
        console.echo(f"counts from Q: {_shown(found.counts_q)}")
    lines = [
        (
            a.task.estimand,
            a.task.label,
            "raised" if a.value is None else _signed(f"{a.value / scale_of(a.task.estimand, units):.9g}"),
        )
        for a in found.attempts
    ]
    console.print_table(None, ("estimand", "estimator", f"estimate ({units})"), lines)
    for attempt in found.attempts:
        if attempt.error is not None:
            console.echo(f"{attempt.task.estimand}, {attempt.task.label}:\n{_traceback(attempt)}")


def _signed(number: str) -> str:
    return number.replace("-", "−").replace("inf", "∞")


def _shown(counts: "Counts") -> str:
    if len(counts) <= _PRINTED:
        return str(counts.tolist())
    seen = [(place, count) for place, count in enumerate(counts.tolist()) if count]
    shown = ", ".join(f"{place}: {count}" for place, count in seen)
    return f"{len(seen)} of {len(counts)} categories seen; {{{shown}}}"


def _traceback(attempt: "Attempt") -> str:
    """From the estimator on: how it was called is not what is asked."""
    error = attempt.error
    assert error is not None
    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None and _calls(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames)).rstrip()


def _calls(file: str) -> bool:
    return Path(file).name in ("replay.py", "engine.py") and Path(file).parent.name == "study"


def _as_record(found: "Replicate", units: str) -> dict[str, Any]:
    from mcdiv.estimands.contract import scale_of

    condition = found.condition

    def estimate(attempt: "Attempt") -> dict[str, Any]:
        value = None if attempt.value is None else attempt.value / scale_of(attempt.task.estimand, units)
        return {
            "estimand": attempt.task.estimand,
            "estimator": attempt.task.label,
            "estimate": value if value is None or math.isfinite(value) else str(value),
            "traceback": None if attempt.error is None else _traceback(attempt),
        }

    return {
        "condition": condition.number,
        "truth": condition.truth.label,
        "model": condition.model.label if condition.model else None,
        "sample_size": condition.sample_size,
        "model_sample_size": condition.model_sample_size,
        **({"drawn_from": condition.drawn_from.label} if condition.drawn_from else {}),
        "replicate": found.number,
        "counts": found.counts.tolist(),
        "counts_q": None if found.counts_q is None else found.counts_q.tolist(),
        "unit": units,
        "estimates": [estimate(attempt) for attempt in found.attempts],
    }
