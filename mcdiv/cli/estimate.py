"""`mcdiv estimate`: its options, and what it prints."""

import csv
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.estimate_samples import MANY, print_samples
from mcdiv.cli.options import json_option, plugin_option, reading_options
from mcdiv.cli.progress import notes, progress

if TYPE_CHECKING:
    from mcdiv.files.counts import Reading
    from mcdiv.observed.estimates import Line
    from mcdiv.observed.group import Group
    from mcdiv.observed.question import Question
    from mcdiv.results.study_results import Results


@click.command()
@click.argument("file", metavar="FILE")
@reading_options
@click.option("--against", metavar="FILE", help="A second sample, from Q: estimate KL divergence and cross-entropy.")
@click.option(
    "--model",
    metavar="FILE|DIST",
    help="Q known: a table category,probability, or 'uniform: {k: 6}' in the sorted order of the categories.",
)
@click.option("--alphabet-size", metavar="K", help="Number of categories, seen or not.")
@click.option(
    "--estimand", "estimands", multiple=True, metavar="NAME", help="Repeatable. Default: all that the data allow."
)
@click.option(
    "-e", "--estimator", "estimators", multiple=True, metavar="NAME", help="Repeatable. Default: a common few."
)
@click.option(
    "--interval",
    metavar="NAME",
    show_default="noncentral_chi2 for divergences; else jackknife, or delta where the jackknife misleads",
    help="From mcdiv list intervals.",
)
@click.option("--level", default="0.95", show_default=True, help="Nominal coverage of the intervals.")
@click.option("-u", "--units", default="nats", show_default=True, help="nats, bits or bans.")
@click.option(
    "--advise",
    is_flag=True,
    help="Simulate data like yours: rank estimators by RMSE, intervals by coverage and width, and say what to quote.",
)
@click.option(
    "--sort",
    metavar="NAME",
    help="Samples in a table, a row for each (as more than 10 are in any case), by name, draws, seen, coverage or an "
    "estimator; numbers with the largest first.",
)
@click.option("--plot", metavar="FILE", help="Draw estimates with intervals by sample: .svg, .png or .pdf.")
@click.option("-o", "--output", metavar="FILE", help="Write the table as CSV; an existing file is never overwritten.")
@json_option
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@plugin_option
def estimate(
    file: str,
    *,
    reading: "Reading",
    against: str | None,
    model: str | None,
    alphabet_size: str | None,
    estimands: tuple[str, ...],
    estimators: tuple[str, ...],
    interval: str | None,
    level: str,
    units: str,
    advise: bool,
    sort: str | None,
    plot: str | None,
    output: str | None,
    as_json: bool,
    quiet: bool,
    plugins: tuple[str, ...],
) -> None:
    """Estimate from data, with standard errors and intervals, and say what limits trust.

    FILE is a table (CSV) of symbols or counts, plain tokens, or running text, or has a format for which there is a
    reader (mcdiv list readers); - is standard input, and the name of a shipped table (mcdiv list data) works too.

    mcdiv estimate butterflies --advise
    """
    from mcdiv.cli.estimate_samples import check_picture, write_samples
    from mcdiv.files.disk import raise_if_exists, write_new
    from mcdiv.observed.question import Question

    with console.plain_errors():
        if output is not None:
            raise_if_exists(Path(output))
        if plot is not None:
            check_picture(plot)
        question = Question(
            source=file,
            reading=reading,
            against=against,
            model=model,
            alphabet_size=alphabet_size,
            estimands=estimands,
            estimators=estimators,
            interval=interval,
            level=level,
            units=units,
        )
        groups = _groups(question, advise=advise, quiet=quiet)
        if sort is not None:
            from mcdiv.observed.by_sample import table_by_sample

            table_by_sample(groups, groups[0].lines[0].estimand, sort)  # refuses what is no order
        if output is not None:
            write_new(Path(output), _as_csv(groups))
        if plot is not None:
            write_samples(groups, sort, plot)
    if as_json:
        console.print_json(list(map(_as_record, groups)))
    else:
        _print_all(groups, sort, [name for name in (output, plot) if name is not None])


def _groups(question: "Question", *, advise: bool, quiet: bool) -> "list[Group]":
    """Read the file, and answer for each of its groups."""
    from mcdiv.observed.groups import grouped
    from mcdiv.observed.observe import observe

    with progress(f"reading {question.source}", silent=quiet, unit="bytes") as on_bytes:
        observed = observe(question, on_bytes, pmfs=True)
    with progress("estimates", silent=quiet or len(observed) < MANY, unit="samples") as on_progress:
        groups = grouped(observed, on_progress)
    if advise:
        groups = [_with_advice(group, quiet=quiet) for group in groups]
    return groups


def _print_all(groups: "list[Group]", sort: str | None, written: list[str]) -> None:
    if len(groups) >= MANY or sort is not None:
        print_samples(groups, sort)
    else:
        for group in groups:
            _print(group)
    for name in written:
        console.echo(f"wrote {name}")


def _print(group: "Group") -> None:
    from mcdiv.core.number_format import percent_of_level
    from mcdiv.estimands.contract import units_of
    from mcdiv.observed.quote import quotes
    from mcdiv.observed.sentences import limits

    observed = group.observed
    if observed.group:
        console.echo(f"{observed.group}:")
    console.echo(f"read as {observed.read_as}")
    method = f" ({group.interval})" if group.interval else ""  # of probabilities there is none
    header = ("estimand", "estimator", "estimate ± SE", f"{percent_of_level(group.level)} interval{method}")
    units = units_of((line.estimand for line in group.lines), group.units)
    caption = units if units == "no unit" else f"in {units}"
    console.print_table(caption, header, [_cells(line, group.interval) for line in group.lines])
    for sentence in limits(group):
        console.echo(sentence)
    if group.advice is not None and group.advice.results is not None:
        console.echo("")
        _print_advice(group, group.advice.results)
    for sentence in quotes(group):
        console.echo(sentence)
    console.echo("")


def _cells(line: "Line", usual: str) -> tuple[str, ...]:
    from mcdiv.core.number_format import rounded, span
    from mcdiv.core.performance import Measured
    from mcdiv.estimands.contract import symbol_of
    from mcdiv.observed.trust import MARKS

    interval = (
        span(line.low, line.high, line.standard_error, line.end_error),
        *(MARKS[note] for note in line.notes),
        f"({line.interval})" * (line.interval != usual and not math.isnan(line.low)),
    )
    estimate = rounded(Measured(value=line.value, mcse=line.standard_error))
    return symbol_of(line.estimand), line.estimator, estimate, " ".join(filter(None, interval))


def _with_advice(group: "Group", *, quiet: bool) -> "Group":
    from mcdiv.observed.groups import advised

    with progress("advice", silent=quiet) as on_progress:
        found = advised(group, on_progress)
    if found.advice and found.advice.results is None:
        of = f" for {group.observed.group}" if group.observed.group else ""
        notes("--advise", silent=False)(f"no advice{of}: {found.advice.reason}")
    return found


def _print_advice(group: "Group", results: "Results") -> None:
    from mcdiv.observed.recommend import estimates_here
    from mcdiv.observed.recommendation import of_intervals, recommendations

    here = estimates_here(group.observed, results)
    for recommendation in recommendations(results.rows, results.pairs, results.scenario.units, here):
        console.print_table(recommendation.caption, recommendation.header, recommendation.lines)
        for sentence in recommendation.sentences:
            console.echo(sentence)
    if any(row.exact for row in results.rows):
        console.echo("RMSE, bias and sd without ± are exact.")
    console.echo("The ranking holds to the extent that the true distribution resembles your smoothed counts.")
    console.echo("")
    for recommendation in of_intervals(group):
        console.print_table(recommendation.caption, recommendation.header, recommendation.lines)
        for sentence in recommendation.sentences:
            console.echo(sentence)


def _as_csv(groups: "list[Group]") -> str:
    from mcdiv.observed.groups import rows as rows_of
    from mcdiv.results.csv_tables import as_cell

    rows = [row for group in groups for row in rows_of(group)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: "" if _nothing(value) else as_cell(value) for key, value in row.items()})
    return text.getvalue()


def _as_record(group: "Group") -> dict[str, Any]:
    """A group for a program to read: no number where there is none, "inf" where it is infinite."""
    from mcdiv.core.number_format import for_json
    from mcdiv.observed.groups import rows
    from mcdiv.observed.sentences import sentences

    estimates = [{key: for_json(value) for key, value in row.items()} for row in rows(group)]
    found: dict[str, Any] = {"group": group.observed.group, "read_as": group.observed.read_as}
    found |= {"estimates": estimates, "sentences": list(sentences(group))}
    if group.advice and group.advice.results:
        from mcdiv.observed.recommend import records

        found["advice"] = records(group.observed, group.advice.results)
    return found


def _nothing(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
