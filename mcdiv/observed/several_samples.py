"""From files to samples that are to be compared with each other or with a model: which rows go into which test.

Several files are one sample each; so are several columns of weights of one file, or its groups. Otherwise groups are
tested one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mcdiv.core.arrays import Counts, Pmf
from mcdiv.core.number_format import joined
from mcdiv.errors import ScenarioError
from mcdiv.files import counts
from mcdiv.files.counts import CategoryCounts, Reading
from mcdiv.observed.observe import observe, refuse_nameless
from mcdiv.observed.option_texts import shipped_or_own
from mcdiv.observed.question import Question
from mcdiv.scenario.plugins import installed
from mcdiv.significance.p_values import Precision
from mcdiv.significance.tested import Tested, tested_model, tested_table

#: samples that a line names
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be compared, and how."""

    files: tuple[str, ...]
    reading: Reading = field(default_factory=Reading)
    #: columns of how often each row counts; of one file, each is a sample
    weights: tuple[str, ...] = ()
    #: a file of probabilities, or a distribution
    model: str | None = None
    statistic: str = "g"
    precision: Precision = field(default_factory=Precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What one test is of."""

    group: str
    #: of the samples, one where there is a model
    names: tuple[str, ...]
    #: how each was understood, and what the files themselves warn of
    read_as: tuple[str, ...]
    cautions: tuple[str, ...]
    labels: tuple[str, ...]
    #: shape (R, K)
    table: Counts
    model: Pmf | None = None


def tests_of(
    wanted: Wanted,
    on_untested: Callable[[str], None],
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[tuple[Samples, Tested]]:
    """The tests of all groups, and a line for each of several that cannot be tested; a ScenarioError where none can."""
    tests: list[tuple[Samples, Tested]] = []
    reasons: list[str] = []
    everything = list(samples_in(wanted))
    for done, samples in enumerate(everything):
        on_progress(done, len(everything))
        try:
            if samples.model is not None:
                found = tested_model(wanted.statistic, samples.table[0], samples.model, wanted.precision)
            else:
                found = tested_table(wanted.statistic, samples.table, wanted.precision)
        except ValueError as error:
            reasons.append(f"group '{samples.group}': {error}" if samples.group else str(error))
            continue
        tests.append((samples, replace(found, group=samples.group, samples=samples.names)))
    if not tests:
        raise ScenarioError(reasons[:1])
    for reason in reasons:
        on_untested(f"{reason}; it is left out")
    return tests


def read_lines(names: Sequence[str], read_as: Sequence[str]) -> Iterator[str]:
    """How each sample was understood, and in one line all that were understood alike."""
    alike: dict[str, list[str]] = {}
    for name, understood in dict(zip(names, read_as, strict=True)).items():
        alike.setdefault(understood, []).append(name)
    for understood, those in alike.items():
        more = len(those) - _NAMED
        shown = those if more <= 1 else [*those[:_NAMED], f"{more:,} more"]
        yield f"{joined(shown)}: read as {understood}"


def samples_in(wanted: Wanted) -> Iterator[Samples]:
    """What is in the files, test by test."""
    installed()
    if wanted.model is not None:
        yield from _with_model(wanted)
        return
    sources = [(name, name, wanted.reading) for name in wanted.files]
    if len(wanted.weights) > 1:
        if len(wanted.files) > 1:
            raise ScenarioError(["--weights: given more than once, each column is a sample of one file; got several"])
        sources = [(name, wanted.files[0], replace(wanted.reading, weights=name)) for name in wanted.weights]
    elif wanted.weights:
        sources = [(name, file, replace(reading, weights=wanted.weights[0])) for name, file, reading in sources]
    read = [(name, counts.read_tallies(shipped_or_own(file), reading)) for name, file, reading in sources]
    for (_, tallies), (_, file, _) in zip(read, sources, strict=True):
        refuse_nameless(file, tallies, "other samples")
    if len(read) == 1:
        ((file, groups),) = read
        if len(groups) < 2:
            said = "is one sample; give another file to compare it with, --model, or --by for the groups to compare"
            raise ScenarioError([f"{file}: {said}, or --weights for each column of counts"])
        yield samples_of_rows("", [(tally.group, tally) for tally in groups], ())
        return
    yield from _by_group(read)


def _by_group(read: Sequence[tuple[str, list[CategoryCounts]]]) -> Iterator[Samples]:
    """The same group of every sample, group by group as they come in the first."""
    by_name = [(name, {tally.group: tally for tally in tallies}) for name, tallies in read]
    known = list(by_name[0][1])
    for name, groups in by_name[1:]:
        for group in known:
            if group not in groups:
                raise ScenarioError([f"{name}: there is no group '{group}', which {by_name[0][0]} has"])
    others = dict.fromkeys(group for _, groups in by_name for group in groups if group not in known)
    cautions = (f"Not tested, as {by_name[0][0]} lacks them: {joined(list(others)[:5])}",) if others else ()
    for group in known:
        yield samples_of_rows(group, [(name, groups[group]) for name, groups in by_name], cautions)


def samples_of_rows(group: str, rows: list[tuple[str, CategoryCounts]], cautions: tuple[str, ...]) -> Samples:
    """Rows of counts over all their categories."""
    labels: tuple[str, ...] = ()
    for _, tally in rows:
        labels = counts.aligned(labels, tally.labels)
    return Samples(
        group=group,
        names=tuple(name for name, _ in rows),
        read_as=tuple(tally.read_as for _, tally in rows),
        cautions=(*cautions, *dict.fromkeys(tally.caution for _, tally in rows if tally.caution)),
        labels=labels,
        table=np.stack([tally.ordered(labels) for _, tally in rows]),
    )


def _with_model(wanted: Wanted) -> Iterator[Samples]:
    if len(wanted.files) > 1 or len(wanted.weights) > 1:
        raise ScenarioError(["--model is for one sample: give one file, and --weights once at most"])
    reading = replace(wanted.reading, weights=wanted.weights[0]) if wanted.weights else wanted.reading
    for observed in observe(Question(source=wanted.files[0], reading=reading, model=wanted.model)):
        yield Samples(
            group=observed.group,
            names=wanted.files,
            read_as=(observed.read_as,),
            cautions=observed.cautions,
            labels=observed.labels,
            table=observed.sample.counts,
            model=observed.sample.q,
        )
