"""`mcdiv estimate`: its options, and what it prints."""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcdiv import console

if TYPE_CHECKING:
    from mcdiv.estimation import Line
    from mcdiv.observation import Observed, Question
    from mcdiv.pipeline import Results

#: groups that are put on the screen
MOST_GROUPS = 100


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--column", metavar="NAME", help="Column of the symbols (or of the categories that --weights counts).")
@click.option("--weights", metavar="NAME", help="Column of how often each row counts.")
@click.option("--by", metavar="NAME", help="Column of groups; each group is estimated separately.")
@click.option("--text", type=click.Choice(["letters", "words"]), help="FILE is running text: count these.")
@click.option("--symbols", is_flag=True, help="Treat plain tokens as symbols even if they are whole numbers.")
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
    show_default="jackknife, or delta where the jackknife misleads",
    help="From mcdiv list intervals.",
)
@click.option("--level", default="0.95", show_default=True, help="Nominal coverage of the intervals.")
@click.option("-u", "--units", default="nats", show_default=True, help="nats, bits or bans.")
@click.option("--advise", is_flag=True, help="Simulate data like yours, and rank the estimators by RMSE.")
@click.option("-o", "--output", metavar="FILE", help="Write the table as CSV; an existing file is never overwritten.")
@console.json_option
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@console.plugin_option
def estimate(
    file: str,
    column: str | None,
    weights: str | None,
    by: str | None,
    text: Any,
    *,
    symbols: bool,
    against: str | None,
    model: str | None,
    alphabet_size: str | None,
    estimands: tuple[str, ...],
    estimators: tuple[str, ...],
    interval: str | None,
    level: str,
    units: str,
    advise: bool,
    output: str | None,
    as_json: bool,
    quiet: bool,
    plugins: tuple[str, ...],
) -> None:
    """Estimate from data, with standard errors and intervals, and say what limits trust.

    FILE is a table (CSV) of symbols or counts, plain tokens, or running text; - is standard input, and
    the name of a shipped table (mcdiv list data) works too.

    mcdiv estimate butterflies --advise
    """
    from mcdiv import observation
    from mcdiv.edges.count_files import Reading
    from mcdiv.edges.store import refuse_existing, write_new

    with console.plain_errors():
        if output is not None:
            refuse_existing(Path(output))
        question = observation.Question(
            source=file,
            reading=Reading(column=column, weights=weights, by=by, text=text, symbols=symbols),
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
        if output is not None:
            write_new(Path(output), _as_csv(groups))
    if as_json:
        console.print_json(list(map(_as_record, groups)))
        return
    for group in groups[:MOST_GROUPS]:
        _print(group)
    if (left := len(groups) - MOST_GROUPS) > 0:
        console.echo(f"{left:,} more groups; use --output for a table of all, or --json\n")
    if output is not None:
        console.echo(f"wrote {output}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """One group of observations with its estimates, and the advice that was asked for, if there is any."""

    observed: "Observed"
    lines: "list[Line]"
    advice: "Results | None"

    @property
    def interval(self) -> str:
        return self.observed.scenario.intervals[0].label

    @property
    def level(self) -> float:
        return self.observed.scenario.level

    @property
    def units(self) -> str:
        return self.observed.scenario.units


def _groups(question: "Question", *, advise: bool, quiet: bool) -> list[_Group]:
    from mcdiv import estimation, observation

    with console.progress(f"reading {question.source}", silent=quiet, unit="bytes") as on_bytes:
        observed = observation.observe(question, on_bytes)
    found = estimation.estimate_all(observed)
    advice = [_advice(each, quiet=quiet) if advise else None for each in observed]
    return [
        _Group(observed=each, lines=lines, advice=results)
        for each, lines, results in zip(observed, found, advice, strict=True)
    ]


def _sentences(group: _Group) -> Iterator[str]:
    """What limits trust: the data first, then the estimates, then their intervals."""
    yield from (f"The file says: {caution}" for caution in group.observed.cautions)
    yield from _data_sentences(group.observed)
    for estimand in dict.fromkeys(line.estimand for line in group.lines):
        yield from _estimate_sentences(group, estimand)
    yield from _interval_sentences(group)


def _data_sentences(observed: "Observed") -> Iterator[str]:
    from mcdiv.edges.words import trust

    sample, alphabet = observed.sample, observed.alphabet
    if sample.q is not None:
        yield trust.model_sentence(observed.labels, sample.q)
    if sample.counts_q is None:
        yield from trust.data_sentences(sample.counts[0], alphabet)
        yield from trust.alphabet_sentences([sample.counts[0]], alphabet)
        return
    both = (sample.counts[0], sample.counts_q[0])
    for counts, of in zip(both, (" from P", " from Q"), strict=True):
        yield from trust.data_sentences(counts, alphabet, of=of, either=True)
    yield from trust.alphabet_sentences(both, alphabet)


def _estimate_sentences(group: _Group, estimand: str) -> Iterator[str]:
    """How far the estimators of one estimand are apart, and what is infinite, beyond its range or without an error."""
    from mcdiv.edges.words import trust
    from mcdiv.estimands.contract import scale_of, symbol_of, unit_of
    from mcdiv.study.doubts import BEYOND, range_of, spread_at_equality

    observed = group.observed
    sampled = observed.sample.counts_q is not None
    lines = [line for line in group.lines if line.estimand == estimand]
    if infinite := [line.estimator for line in lines if math.isinf(line.value)]:
        yield f"{symbol_of(estimand)}: {trust.infinite_sentence(infinite, estimand, sampled=sampled)}"
    told = trust.estimate_sentences(
        {line.estimator: line.value for line in lines},
        {line.estimator: line.standard_error for line in lines},
        unit_of(estimand, group.units),
        certain=_why_certain(observed, estimand),
        chance=spread_at_equality(estimand, observed.sample) / scale_of(estimand, observed.scenario.units),
        advised=group.advice is not None,
    )
    yield from (f"{symbol_of(estimand)}: {sentence}" for sentence in told)
    if any(BEYOND in line.notes for line in lines):
        possible = range_of(estimand, observed.sample, alphabet_known=observed.alphabet_known)
        low, high = (end / scale_of(estimand, observed.scenario.units) for end in possible)
        yield trust.beyond_sentence(symbol_of(estimand), (low, high), unit_of(estimand, group.units), group.level)


def _why_certain(observed: "Observed", estimand: str) -> str:
    """Why the estimand is the same whatever P is; empty where it is not."""
    q = observed.sample.q
    if estimand == "entropy" and observed.alphabet_known and observed.sample.counts.shape[1] == 1:
        return "There is only one category, so this is 0."
    if estimand == "cross_entropy" and q is not None and bool((q == q[0]).all()):
        return "Q is uniform, so this is the logarithm of K whatever P is."
    return ""


def _interval_sentences(group: _Group) -> Iterator[str]:
    """Which intervals test nothing, where another method stands in, and where the one asked for misleads."""
    from mcdiv.edges.words.trust import excludes_sentence, no_test_sentence
    from mcdiv.study.doubts import EXCLUDES, NO_TEST

    if any(NO_TEST in line.notes for line in group.lines):
        yield no_test_sentence(group.level)
    if any(EXCLUDES in line.notes for line in group.lines):
        yield excludes_sentence()
    others = dict.fromkeys(line.estimator for line in group.lines if line.interval != group.interval)
    if others:
        yield (
            f"{' and '.join(others)}: standard error and interval are by the delta method, because the jackknife "
            "overstates the spread of this estimator. Where many categories are rare, they may be too small."
        )
    for caution in dict.fromkeys(line.caution for line in group.lines if line.caution):
        around = dict.fromkeys(line.estimator for line in group.lines if line.caution == caution)
        yield f"{group.interval} around {', '.join(around)}: {caution}."
    sample = group.observed.sample
    if sample.counts.shape[1] == 2 and sample.counts_q is None and group.interval != "clopper_pearson":
        yield "For two categories there is an exact interval: --interval clopper_pearson."


def _print(group: _Group) -> None:
    from mcdiv.estimands.contract import units_of
    from mcdiv.study.numerals import percent_of_level

    observed = group.observed
    if observed.group:
        console.echo(f"{observed.group}:")
    console.echo(f"read as {observed.read_as}")
    header = ("estimand", "estimator", "estimate ± SE", f"{percent_of_level(group.level)} interval ({group.interval})")
    units = units_of((line.estimand for line in group.lines), group.units)
    caption = units if units == "no unit" else f"in {units}"
    console.print_table(caption, header, [_cells(line, group.interval) for line in group.lines])
    for sentence in _sentences(group):
        console.echo(sentence)
    if group.advice is not None:
        console.echo("")
        _print_advice(observed, group.advice)
    console.echo("")


def _cells(line: "Line", usual: str) -> tuple[str, ...]:
    from mcdiv.core.performance import Measured
    from mcdiv.edges.words.trust import MARKS
    from mcdiv.estimands.contract import symbol_of
    from mcdiv.study.numerals import rounded, span

    interval = (
        span(line.low, line.high, line.standard_error, line.end_error),
        *(MARKS[note] for note in line.notes),
        f"({line.interval})" * (line.interval != usual and not math.isnan(line.low)),
    )
    estimate = rounded(Measured(value=line.value, mcse=line.standard_error))
    return symbol_of(line.estimand), line.estimator, estimate, " ".join(filter(None, interval))


def _advice(observed: "Observed", *, quiet: bool) -> "Results | None":
    from mcdiv.advice import advise, too_large
    from mcdiv.edges.words.agreement import disagreement

    reason, results = too_large(observed), None
    if not reason:
        with console.progress("advice", silent=quiet) as on_progress:
            results = advise(observed, on_progress)
        reason = disagreement(results.tables["problems"])
    if reason:
        console.notes("--advise", silent=False)(f"no advice{observed.group and f' for {observed.group}'}: {reason}")
        return None
    return results


def _print_advice(observed: "Observed", results: "Results") -> None:
    from mcdiv.advice import estimates_here
    from mcdiv.edges.words.counsel import counsel

    for estimand in counsel(results.rows, results.pairs, results.scenario.units, estimates_here(observed, results)):
        console.print_table(estimand.caption, estimand.header, estimand.lines)
        for sentence in estimand.sentences:
            console.echo(sentence)
    if any(row.exact for row in results.rows):
        console.echo("RMSE, bias and sd without ± are exact.")
    console.echo("The ranking holds to the extent that the true distribution resembles your smoothed counts.")


def _rows(group: _Group) -> Iterator[dict[str, Any]]:
    from mcdiv.edges.words.trust import facts_of
    from mcdiv.estimands.contract import unit_of

    facts = facts_of(group.observed.sample.counts[0])
    for line in group.lines:
        yield {
            "group": group.observed.group,
            "estimand": line.estimand,
            "estimator": line.estimator,
            "value": line.value,
            "standard_error": line.standard_error,
            "low": line.low,
            "high": line.high,
            "interval": line.interval,
            "level": group.level,
            "unit": unit_of(line.estimand, group.units),
            "sample_size": facts["draws"],
            "categories_seen": facts["seen"],
            "alphabet_size": facts["categories"],
            "singletons": facts["singletons"],
            "coverage": facts["coverage"],
            "notes": "; ".join(line.notes),
        }


def _as_csv(groups: "list[_Group]") -> str:
    from mcdiv.edges.records import as_cell

    rows = [row for group in groups for row in _rows(group)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: "" if _nothing(value) else as_cell(value) for key, value in row.items()})
    return text.getvalue()


def _as_record(group: _Group) -> dict[str, Any]:
    """A group for a program to read: no number where there is none, "inf" where it is infinite."""

    estimates = [{key: _plain(value) for key, value in row.items()} for row in _rows(group)]
    found: dict[str, Any] = {"group": group.observed.group, "read_as": group.observed.read_as}
    found |= {"estimates": estimates, "sentences": list(_sentences(group))}
    return found | ({"advice": _advice_records(group.observed, group.advice)} if group.advice else {})


def _advice_records(observed: "Observed", results: "Results") -> list[dict[str, Any]]:
    from mcdiv.advice import estimates_here

    here = estimates_here(observed, results)
    records = results.records()
    return [record | {"estimate": _plain(here[row.task])} for record, row in zip(records, results.rows, strict=True)]


def _plain(value: Any) -> Any:
    """A value for JSON: None where there is none, "inf" where it is infinite."""
    return None if _nothing(value) else str(value) if isinstance(value, float) and math.isinf(value) else value


def _nothing(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
