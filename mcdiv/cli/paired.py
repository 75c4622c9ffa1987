"""`mcdiv paired`: two models on the same items; its options, and what it prints."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, plugin_option, reading_options_of
from mcdiv.cli.picture_file import check_picture

if TYPE_CHECKING:
    from mcdiv.files.counts import Reading
    from mcdiv.files.scores import ScoresOfItems


@click.command()
@click.argument("file", metavar="FILE")
@click.argument("second", required=False, metavar="[FILE]")
@click.option("--a", "first_column", metavar="NAME", help="Column of the first scores.")
@click.option("--b", "second_column", metavar="NAME", help="Column of the second; of a second file, if there is one.")
@click.option("--by", metavar="NAME", help="Column of groups, such as documents, whose items may depend on each other.")
@click.option("--bytes", "byte_counts", metavar="NAME", help="Column of bytes of text, for bits per byte.")
@click.option("--item", metavar="NAME", help="Column that names the items of two files. Default: their rows' order.")
@click.option(
    "--scores",
    type=click.Choice(["nll", "logprobs", "right", "other"]),
    help="Negative log-likelihoods, log-probabilities, 1 for right and 0 for wrong, or others. Default: right where "
    "all are 0 or 1, else nll.",
)
@click.option("-u", "--units", default="nats", show_default=True, help="Of NLLs and logprobs: nats, bits or bans.")
@click.option("--level", type=float, default=0.95, show_default=True, help="Nominal coverage of the intervals.")
@click.option("--power", type=float, default=0.8, show_default=True, help="For how many items would decide.")
@click.option("--replicates", type=int, metavar="R", help="Patterns of signs, where not all can be counted.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of these patterns.")
@click.option("--plot", metavar="FILE", help="Draw the differences, and their mean under random signs.")
@click.option(
    "--layout",
    type=click.Choice(["scores"]),
    help="scores: numbers in the first line are scores, and the columns are 1, 2, …; commas in numbers are decimal.",
)
@click.option("--missing", type=click.Choice(["drop"]), help="Leave out items without a score: NA, NaN, empty ….")
@reading_options_of("ignore")
@json_option
@plugin_option
def paired(
    file: str,
    second: str | None,
    first_column: str | None,
    second_column: str | None,
    byte_counts: str | None,
    item: str | None,
    scores: Any,
    units: Any,
    level: float,
    power: float,
    replicates: int | None,
    seed: int,
    plot: str | None,
    *,
    reading: "Reading",
    as_json: bool,
    plugins: tuple[str, ...],
) -> None:
    """Compare two models by their scores of the same items, in pairs.

    FILE is a table with a row for each item and a column for each model; or two tables with the same items, one for
    each model. - is standard input. Files are read as mcdiv estimate reads them, as --layout scores.

    mcdiv paired scores.csv --a nll_a --b nll_b --by doc --bytes bytes
    """
    from mcdiv.api.paired import compared
    from mcdiv.errors import ScenarioError
    from mcdiv.files.scores import ScoreColumns, read_scores

    with console.plain_errors():
        if plot is not None:
            check_picture(Path(plot))
        columns = ScoreColumns(a=first_column, b=second_column, by=reading.by, byte_counts=byte_counts, item=item)
        read = read_scores(file, second, columns, reading)
        try:
            found = compared(
                read.a,
                read.b,
                read.groups,
                byte_counts=read.byte_counts,
                scores=scores,
                units=units,
                level=level,
                power=power,
                replicates=replicates,
                seed=seed,
                names=read.names,
                plot=None if plot is None else Path(plot),
            )
        except ValueError as error:
            raise ScenarioError([_as_options(str(error))]) from None
    if as_json:
        from mcdiv.core.number_format import for_json

        ends = {name: list(value) if isinstance(value, tuple) else [value] for name, value in asdict(found).items()}
        values = {name: [for_json(each) for each in value] for name, value in ends.items()}
        console.print_json({name: value if len(value) > 1 else value[0] for name, value in values.items()})
        return
    _print(found, read, reading.by)
    if plot is not None:
        console.echo(f"wrote {plot}")


def _print(found: Any, read: "ScoresOfItems", by: str | None) -> None:
    from mcdiv.observed.paired_words import errors, levels, read_as, sentences

    console.echo("; ".join([f"read as {read_as(found, by)}", *read.said]))
    header, lines = levels(found, (f"a: {read.names[0]}", f"b: {read.names[1]}"))
    console.print_table(None, header, lines)
    header, lines = errors(found)
    console.print_table(None, header, lines)
    for sentence in sentences(found):
        console.echo(sentence)


def _as_options(message: str) -> str:
    """A message in the words of the command: scores="other" is --scores other."""
    options = re.sub(r'(\w+)="(\w+)"', r"--\1 \2", message)
    return re.sub(r"^(level|power|scores|units|replicates|seed|groups|byte_counts):", _option, options)


def _option(name: re.Match[str]) -> str:
    return f"--{ {'groups': 'by', 'byte_counts': 'bytes'}.get(name[1], name[1]) }:"
