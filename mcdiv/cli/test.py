"""`mcdiv test`: its options, and what it prints."""

import csv
import io
import sys
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, plugin_option, reading_options_but
from mcdiv.cli.progress import progress

if TYPE_CHECKING:
    from mcdiv.files.counts import Reading
    from mcdiv.observed.several_samples import Samples
    from mcdiv.significance.p_values import Precision
    from mcdiv.significance.tested import Tested

#: tests that are put on the screen
MAX_LINES = 100


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--against", metavar="FILE", help="Another sample, as one more FILE would be.")
@click.option(
    "--model",
    metavar="FILE|DIST",
    help="Compare one sample with a known Q: a table category,probability, or 'uniform: {k: 6}' in the sorted order of "
    "the categories.",
)
@reading_options_but("weights", "by", "order")
@click.option("--weights", multiple=True, metavar="NAME", help="Column of counts. Repeated: each is a sample of FILE.")
@click.option("--by", metavar="NAME", help="Column of groups: the samples, if nothing else is; else a test for each.")
@click.option("--statistic", default="g", show_default=True, help="g, pearson, kl, js, psi or tv.")
@click.option("--alpha", default="0.05", show_default=True, help="Level that the p-value is compared with.")
@click.option("--method", default="auto", show_default=True, help="auto, exact or simulated.")
@click.option("--mcse", default="0.001", show_default=True, help="Largest error of a simulated p-value.")
@click.option("--seed", default="1", show_default=True, help="Of the simulation.")
@click.option("-o", "--output", metavar="FILE", help="Write the tests as CSV; an existing file is never overwritten.")
@click.option("--plot", metavar="FILE", help="Draw the law of the statistic where nothing differs, or all p-values.")
@json_option
@click.option(
    "--exit-code",
    is_flag=True,
    help="Exit with 1 if the test rejects; of several, if one does after Holm's correction.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@plugin_option
def test(
    files: tuple[str, ...],
    against: str | None,
    model: str | None,
    weights: tuple[str, ...],
    *,
    reading: "Reading",
    output: str | None,
    plot: str | None,
    as_json: bool,
    exit_code: bool,
    quiet: bool,
    plugins: tuple[str, ...],
    **options: str,
) -> None:
    """Test whether samples come from one distribution, or one sample from a known one: is it more than noise?

    Each FILE is a sample, read as mcdiv estimate reads it. The p-value is exact where the tables with the same margins
    can be listed, else simulated.

    mcdiv test last_month.csv this_month.csv
    """
    from mcdiv.files.disk import raise_if_exists, write_new
    from mcdiv.observed.pictures_of_tests import check_picture, write_picture
    from mcdiv.observed.several_samples import Wanted, tests_of
    from mcdiv.significance.tested import rejected_of_all

    with console.plain_errors():
        if output is not None:
            raise_if_exists(Path(output))
        if plot is not None:
            check_picture(plot)
        statistic, precision = _checked(**options)
        wanted = Wanted(
            files=(*files, *([] if against is None else [against])),
            reading=reading,
            weights=weights,
            model=model,
            statistic=statistic,
            precision=precision,
        )
        with progress("tests", silent=quiet, unit="tests") as on_progress:
            tests = tests_of(wanted, console.warn, on_progress)
        if output is not None:
            write_new(Path(output), _as_csv([tested for _, tested in tests]))
        if plot is not None:
            write_picture(tests, precision, plot)
    if as_json:
        console.print_json([_as_record(tested) for _, tested in tests])
    else:
        _print(tests, [name for name in (output, plot) if name is not None])
    if exit_code and rejected_of_all([tested for _, tested in tests]):
        sys.exit(console.FAILED)


def _checked(**options: str) -> "tuple[str, Precision]":
    """The statistic and the precision that were asked for; problems name the option."""
    from mcdiv.errors import ScenarioError
    from mcdiv.significance.p_values import precision_of
    from mcdiv.significance.statistics import statistic_named

    name = options.pop("statistic")
    try:
        return statistic_named(name).name, precision_of(**options)
    except ValueError as error:
        said = str(error)
        raise ScenarioError([f"--{said}" if said.partition(":")[0] in options else f"--statistic: {said}"]) from None


def _print(tests: "list[tuple[Samples, Tested]]", written: list[str]) -> None:
    from mcdiv.observed.several_samples import read_lines
    from mcdiv.significance.words import sentences, several_sentences

    first, _ = tests[0]
    for line in read_lines(first.names, first.read_as):
        console.echo(line)
    for caution in dict.fromkeys(caution for samples, _ in tests for caution in samples.cautions):
        console.echo(f"The file says: {caution}")
    grouped = len(tests) > 1 or bool(first.group)
    header = ("group",) * grouped + ("draws", "categories", "statistic", "p-value", "χ² p-value")
    lines = [_cells(tested, grouped=grouped) for _, tested in tests[:MAX_LINES]]
    console.print_table(None, header, lines)
    if (left := len(tests) - MAX_LINES) > 0:
        console.echo(f"{left:,} more tests; use --output for a table of all, or --json")
    for sentence in sentences(tests[0][1]) if len(tests) == 1 else several_sentences([each for _, each in tests]):
        console.echo(sentence)
    for name in written:
        console.echo(f"wrote {name}")


def _cells(tested: "Tested", *, grouped: bool) -> tuple[str, ...]:
    from mcdiv.core.number_format import figure
    from mcdiv.significance.statistics import STATISTICS
    from mcdiv.significance.words import p_text, p_value_text

    return (
        *[tested.group] * grouped,
        " and ".join(f"{size:,}" for size in tested.sample_sizes),
        f"{tested.categories:,}",
        f"{STATISTICS[tested.name].symbol} = {figure(tested.statistic)}",
        p_value_text(tested),
        "–" if tested.asymptotic is None or isinf(tested.statistic) else p_text(tested.asymptotic, tested.alpha),
    )


def _as_csv(tests: "list[Tested]") -> str:
    from mcdiv.results.csv_tables import as_cell

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    records = [_joined(tested.record()) for tested in tests]
    writer.writerow(records[0])
    writer.writerows([[as_cell(value) for value in record.values()] for record in records])
    return text.getvalue()


def _joined(record: dict[str, Any]) -> dict[str, Any]:
    """A record for a table: what has several parts is one cell, and what there is none of an empty one."""
    cells = {key: " ".join(map(str, value)) if isinstance(value, tuple) else value for key, value in record.items()}
    return {"group": cells.pop("group"), "samples": cells.pop("samples"), **cells}


def _as_record(tested: "Tested") -> dict[str, Any]:
    """A test for a program to read: "inf" where a value is infinite."""
    from mcdiv.core.number_format import for_json
    from mcdiv.significance.words import sentences

    found = {key: for_json(value) for key, value in tested.record().items()}
    return found | {"sentences": list(sentences(tested))}
