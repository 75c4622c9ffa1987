"""`mcdiv difference`: whether two samples differ in entropy; its options, and what it prints."""

import math
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, plugin_option

if TYPE_CHECKING:
    from mcdiv.api.entropy_difference import EntropyDifference
    from mcdiv.observed.question import Observed


@click.command()
@click.argument("first", metavar="FILE")
@click.argument("second", metavar="FILE")
@click.option("--column", metavar="NAME", help="Column of the symbols (or of the categories that --weights counts).")
@click.option("--weights", metavar="NAME", help="Column of how often each row counts.")
@click.option("--text", type=click.Choice(["letters", "words"]), help="Both are running text: count these.")
@click.option("--symbols", is_flag=True, help="Treat plain tokens as symbols even if they are whole numbers.")
@click.option("--alphabet-size", metavar="K", help="Number of categories, seen or not.")
@click.option("-e", "--estimator", default="plugin", show_default=True, metavar="NAME", help="Of both entropies.")
@click.option(
    "--method",
    type=click.Choice(["delta", "jackknife"]),
    default="delta",
    show_default=True,
    help="Of both standard errors.",
)
@click.option("--level", type=float, default=0.95, show_default=True, help="Nominal coverage of the interval.")
@click.option("-u", "--units", default="nats", show_default=True, help="nats, bits or bans.")
@json_option
@plugin_option
def difference(
    first: str,
    second: str,
    column: str | None,
    weights: str | None,
    text: Any,
    alphabet_size: str | None,
    estimator: str,
    method: Any,
    level: float,
    units: Any,
    *,
    symbols: bool,
    as_json: bool,
    plugins: tuple[str, ...],
) -> None:
    """Compare the entropies of two independent samples: H(second) − H(first), with a z test and an interval.

    Each FILE is a sample, read as mcdiv estimate reads it.

    mcdiv difference before.csv after.csv -e miller_madow
    """
    from mcdiv.api.entropy_difference import entropy_difference
    from mcdiv.errors import ScenarioError
    from mcdiv.files.counts import Reading
    from mcdiv.observed.observe import observe
    from mcdiv.observed.question import Question

    with console.plain_errors():
        reading = Reading(column=column, weights=weights, text=text, symbols=symbols)
        observed = observe(Question(source=first, reading=reading, against=second, alphabet_size=alphabet_size))
        if len(observed) > 1:
            raise ScenarioError([f"{first}: expected one sample, got {len(observed)} groups"])
        sample = observed[0].sample
        assert sample.counts_q is not None
        try:
            found = entropy_difference(
                sample.counts[0],
                sample.counts_q[0],
                estimator=estimator,
                method=method,
                level=level,
                alphabet_size=None if alphabet_size is None else int(alphabet_size),
                units=units,
            )
        except ValueError as error:
            raise ScenarioError([str(error)]) from None
    if as_json:
        from mcdiv.core.number_format import for_json

        console.print_json({name: for_json(value) for name, value in found.record().items()})
    else:
        _print(found, (first, second), observed[0])


def _print(found: "EntropyDifference", names: tuple[str, str], observed: "Observed") -> None:
    from mcdiv.core.number_format import percent_of_level, rounded, span
    from mcdiv.core.performance import Measured

    console.echo(f"read as {observed.read_as}")
    error = float(found.standard_error)
    both = ((found.first, found.first_standard_error), (found.second, found.second_standard_error))
    rows = [
        (f"H({name})", rounded(Measured(value=float(value), mcse=float(own) or math.nan)), "", "", "")
        for name, (value, own) in zip(names, both, strict=True)
    ]
    value = rounded(Measured(value=float(found.difference), mcse=error))
    if not error > 0:
        rows.append(("difference", value, "", "", ""))
    else:
        interval = span(float(found.low), float(found.high), error)
        z = f"{float(found.z):.3f}".replace("-", "−")
        rows.append(("difference", value, interval, z, f"{float(found.p_value):.3g}"))
    covered = f"{percent_of_level(found.level)} interval ({found.method})"
    header = ("", f"{found.estimator} ± SE", covered, "z", "p-value")
    console.print_table(f"in {found.units}", header, rows)
    if error > 0:
        console.echo(
            "p-value: the probability of a z at least as far from 0 if the two entropies are equal and their estimates "
            "have the same bias, by the normal law."
        )
    else:
        console.echo(
            f"By the {found.method} method there is no variation: in both samples every draw contributes the same. "
            "So there is no test and no interval."
        )
    for sentence in found.sentences:
        console.echo(sentence)
