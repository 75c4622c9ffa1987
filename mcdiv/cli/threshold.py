"""`mcdiv threshold`: its options, and what it prints."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, plugin_option, reading_options_but
from mcdiv.cli.picture_file import check_picture, write_picture
from mcdiv.cli.progress import progress

if TYPE_CHECKING:
    from mcdiv.files.counts import Reading
    from mcdiv.observed.drift import FeatureDrift
    from mcdiv.observed.several_samples import Samples
    from mcdiv.significance.thresholds import Threshold

#: features that are put on the screen
MAX_LINES = 100


@click.command()
@click.argument("reference", metavar="FILE|DIST")
@click.argument("current", required=False, metavar="[FILE]")
@click.option("-n", metavar="N", help="Draws of a check, where there are no current counts.")
@click.option("-m", metavar="M", help="Draws of a second sample from DIST, if the check is compared with one.")
@reading_options_but("weights", "by")
@click.option(
    "--weights", multiple=True, metavar="NAME", help="Column of counts. Given twice: the reference's, the current ones."
)
@click.option("--by", metavar="NAME", help="Column of features; each has a threshold.")
@click.option("--known", is_flag=True, help="Take the shares of the reference's counts as known exactly.")
@click.option("--statistic", default="psi", show_default=True, help="psi, kl, js, g, pearson or tv.")
@click.option("--rate", default="0.05", show_default=True, help="How often to alarm without drift, at most.")
@click.option("--correct", metavar="NAME", help="bonferroni or sidak: --rate is that of all features together.")
@click.option(
    "--at", multiple=True, metavar="X", help="How often X alarms. Repeatable. Default of psi: 0.1, 0.2, 0.25."
)
@click.option("--floor", default="0", metavar="SHARE", help="Of psi: smaller shares count as this, as 0.0001.")
@click.option("--replicates", metavar="R", help="Where no exact law is known. Default: 400,000 or, shared, fewer.")
@click.option("--seed", default="0", show_default=True, help="Of these replicates.")
@click.option("--plot", metavar="FILE", help="Draw statistics and thresholds: .svg, .png or .pdf.")
@click.option("-o", "--output", metavar="FILE", help="Write the table as CSV; an existing file is never overwritten.")
@json_option
@click.option("--exit-code", is_flag=True, help="Exit with 1 if a feature alarms, as a job needs it.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@plugin_option
def threshold(
    reference: str,
    current: str | None,
    n: str | None,
    m: str | None,
    weights: tuple[str, ...],
    *,
    reading: "Reading",
    known: bool,
    plot: str | None,
    output: str | None,
    as_json: bool,
    exit_code: bool,
    quiet: bool,
    plugins: tuple[str, ...],
    **options: Any,
) -> None:
    """Find above which value of a drift statistic to alarm, so that checks without drift seldom do.

    FILE holds reference counts, read as mcdiv estimate reads them; with current counts, in a second FILE or a second
    column, it is also said which features alarm. DIST is a known reference. Thresholds are exact where the law can be
    computed, else simulated.

    mcdiv threshold "uniform: {k: 10}" -n 100 --rate 0.01

    mcdiv threshold features.csv --by feature --column bin --weights last_month --weights this_month --plot drift.png
    """
    from mcdiv.api.thresholds import Thresholds, checked
    from mcdiv.errors import ScenarioError
    from mcdiv.files.counts import Reading
    from mcdiv.files.disk import raise_if_exists, write_new
    from mcdiv.observed.drift import DriftQuestion, drifts_of
    from mcdiv.observed.option_texts import is_distribution
    from mcdiv.results.csv_tables import to_csv

    with console.plain_errors():
        if exit_code and current is None and len(weights) < 2:
            raise ScenarioError(["--exit-code: no current counts are given, and nothing can alarm"])
        if output is not None:
            raise_if_exists(Path(output))
        if plot is not None:
            check_picture(Path(plot))
        try:
            settings = checked(n=n, at=list(options.pop("at")), **options)
        except ValueError as error:
            raise ScenarioError([_as_option(str(error))]) from None
        if is_distribution(reference):
            of_files = (current, weights, reading != Reading(), known, settings.pop("correct"), plot, output)
            _print_known(reference, m, settings, as_json=as_json, alone=not any(of_files))
            return
        if m is not None:
            raise ScenarioError(["-m: is for a DIST; of a FILE, its counts are the second sample"])
        question = DriftQuestion(
            files=(reference, *([] if current is None else [current])),
            reading=reading,
            weights=weights,
            known=known,
            **settings,
        )
        with progress("thresholds", silent=quiet, unit="features") as on_progress:
            found = drifts_of(question, on_progress)
        thresholds = Thresholds(features=tuple(drift for _, drift in found))
        if output is not None:
            write_new(Path(output), to_csv(thresholds.table))
        if plot is not None:
            write_picture(Path(plot), thresholds.draw())
    if as_json:
        console.print_json([_as_record(drift) for drift in thresholds.features])
    else:
        _print(found, question)
        for path in filter(None, (output, plot)):
            console.echo(f"wrote {path}")
    if exit_code and any(drift.alarm for drift in thresholds.features):
        sys.exit(console.FAILED)


def _print_known(text: str, m: str | None, settings: dict[str, Any], *, as_json: bool, alone: bool) -> None:
    """The threshold of a known reference, which has no file."""
    from mcdiv.api.threshold import threshold as threshold_of
    from mcdiv.errors import ScenarioError
    from mcdiv.observed.drift_words import sentences
    from mcdiv.observed.option_texts import distribution_of

    if not alone:
        said = "is a known reference: it has one threshold, which is printed; only -n, -m, --statistic, --rate, --at, "
        raise ScenarioError([f"{text[:60]}: {said}--floor, --replicates, --seed and --json go with it"])
    if settings["n"] is None:
        raise ScenarioError(["-n: give the draws of a check"])
    known = distribution_of(text, "DIST")
    try:
        found = threshold_of(known.pmf(), m=None if m is None else _whole(m), **settings)
    except ValueError as error:
        raise ScenarioError([_as_option(str(error))]) from None
    if as_json:
        console.print_json(_threshold_record(found) | {"sentences": list(sentences(found))})
        return
    for sentence in sentences(found):
        console.echo(sentence)


def _whole(text: str) -> int:
    from mcdiv.observed.null_comparison import number_of
    from mcdiv.scenario.clauses import SAMPLE_SIZE

    return int(number_of("m", text, SAMPLE_SIZE))


def _as_option(said: str) -> str:
    """A mistake in an argument, in the words of the command."""
    name, colon, rest = said.partition(":")
    if said.startswith("unknown statistic"):
        return f"--statistic: {said}"
    known = name.isidentifier() and name != "reference"
    return f"{'-' if len(name) == 1 else '--'}{name}{colon}{rest}" if known else said


def _print(found: "list[tuple[Samples, FeatureDrift]]", question: Any) -> None:
    from mcdiv.observed.drift_words import of_current, sentences, several_sentences
    from mcdiv.observed.several_samples import read_lines

    samples, drifts = [each for each, _ in found], [drift for _, drift in found]
    for line in read_lines(samples[0].names, samples[0].read_as):
        console.echo(line)
    for caution in dict.fromkeys(caution for each in samples for caution in each.cautions):
        console.echo(f"The file says: {caution}")
    several = len(drifts) > 1 or bool(drifts[0].feature)
    header = ("feature",) * several + ("draws", "categories", "threshold", "χ² threshold")
    header += ("statistic", "p-value", "alarm") if question.has_current else ()
    console.print_table(None, header, [_cells(drift, several=several) for drift in drifts[:MAX_LINES]])
    if (left := len(drifts) - MAX_LINES) > 0:
        console.echo(f"{left:,} more features; use --output for a table of all, or --json")
    one = (*of_current(drifts[0]), *sentences(drifts[0].threshold))
    for sentence in several_sentences(drifts, question.correct, question.rate) if len(drifts) > 1 else one:
        console.echo(sentence)


def _cells(drift: "FeatureDrift", *, several: bool) -> tuple[str, ...]:
    from mcdiv.core.number_format import figure
    from mcdiv.observed.drift_words import p_value_text, threshold_text

    found = drift.threshold
    cells = (
        *[drift.feature] * several,
        f"{found.n:,}" if found.m is None else f"{found.m:,} and {found.n:,}",  # as they were given
        f"{found.categories:,}",
        threshold_text(found),
        "–" if found.chi_squared is None else figure(found.chi_squared),
    )
    if drift.observed is None:
        return cells
    return (*cells, figure(drift.observed), p_value_text(drift), "yes" if drift.alarm else "no")


def _as_record(drift: "FeatureDrift") -> dict[str, Any]:
    from mcdiv.core.number_format import for_json

    own = {name: for_json(getattr(drift, name)) for name in ("feature", "observed", "p_value", "p_value_mcse", "alarm")}
    return own | {"threshold": _threshold_record(drift.threshold)}


def _threshold_record(found: "Threshold") -> dict[str, Any]:
    """A threshold for a program to read: "inf" where it is infinite."""
    from dataclasses import asdict

    from mcdiv.core.number_format import for_json

    values = {name: for_json(value) for name, value in asdict(found).items()}
    return values | {"alarms": [{key: for_json(value) for key, value in each.items()} for each in values["alarms"]]}
