"""What a person reads at the end of a run: tables that fit on a screen, and plain sentences for each estimand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mcdiv.core.catalogue import quoted
from mcdiv.core.number_format import concise
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Condition
from mcdiv.engine.records import Pair, Row
from mcdiv.results.words import grid_sentences, grid_tables, one_condition
from mcdiv.results.words.coverage import MARKED, coverage_sentences, coverage_table
from mcdiv.results.words.digest_table import MARK, DigestTable
from mcdiv.results.words.grid import Grid
from mcdiv.results.words.rejections import rejection_sentences

#: letters in a line of a table, where nothing narrower is asked for
WIDTH = 100
#: numbers that an error lists
_MAX_NAMED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The part of a study that fits on a screen."""

    #: what the tables show, and where the rest is
    caption: str
    tables: tuple[DigestTable, ...]
    #: signs in the tables and what they mean
    legend: tuple[tuple[str, str], ...]
    #: how each estimand is estimated: a text of a few sentences for each
    of_estimands: tuple[str, ...]
    #: what else there is to say: how two biases go together, what the intervals cover
    further: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of them, as they are printed."""
        return (*self.of_estimands, *self.further)


def condition_named(conditions: Sequence[Condition], wanted: int | str) -> Condition:
    """The condition of this number, or the only one of this sample size: 3, "3" or "N=10".

    ValueError where there is none, or more than one.
    """
    found = re.fullmatch(r"(N\s*=\s*)?(\d[\d_]*)", str(wanted).strip())
    if not found:
        raise ValueError(f"expected the number of a condition, or a sample size such as N=10, got {quoted(wanted)}")
    by_size, number = bool(found[1]), int(found[2])
    there = [one for one in conditions if (one.sample_size if by_size else one.number) == number]
    if len(there) == 1:
        return there[0]
    if there:
        numbers = _listed([one.number for one in there])
        raise ValueError(f"{len(there):,} conditions have N = {number:,}; give the number of one: {numbers}")
    if by_size:
        sizes = _listed(sorted({one.sample_size for one in conditions}))
        raise ValueError(f"no condition has N = {number:,}; there are N = {sizes}")
    raise ValueError(f"there is no condition {number:,}; they are numbered from 1 to {len(conditions):,}")


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(f"{number:,}" for number in numbers[:_MAX_NAMED]) + ", …" * (len(numbers) > _MAX_NAMED)


def digest(
    rows: Sequence[Row],
    units: str,
    intervals: Sequence[IntervalRow] = (),
    pairs: Sequence[Pair] = (),
    *,
    width: int = WIDTH,
) -> Digest:
    """The answer of a study across its conditions; of a study of one condition, that one in detail."""
    numbers = {row.condition.number for row in rows}
    if len(numbers) == 1:
        return detail(rows, units, intervals, pairs, number=numbers.pop(), width=width)
    grid = Grid.of(rows, pairs)
    shown = grid_tables.tables(grid, units, width)
    covered = coverage_table(intervals, width, concise)
    return Digest(
        caption=shown.caption,
        tables=(*shown.tables, *([covered] if covered else [])),
        legend=_legend(shown.legend, covered),
        of_estimands=tuple(grid_sentences.sentences(grid, units)),
        further=(*coverage_sentences(intervals), *rejection_sentences(rows)),
    )


def _legend(legend: Sequence[tuple[str, str]], covered: DigestTable | None) -> tuple[tuple[str, str], ...]:
    """What the signs mean, those in the table of coverage included."""
    if covered is None:
        return tuple(legend)
    said = dict(legend)
    if covered.marked:
        said = {MARK: f"{said[MARK]}; {MARKED}" if MARK in said else MARKED} | {
            sign: words for sign, words in said.items() if sign != MARK
        }
    if any("(" in text for line in covered.lines for text in line[covered.texts :]):
        said |= dict([grid_tables.SIGNS["("]])
    return tuple(said.items())


def detail(
    rows: Sequence[Row],
    units: str,
    intervals: Sequence[IntervalRow] = (),
    pairs: Sequence[Pair] = (),
    *,
    number: int,
    width: int = WIDTH,
) -> Digest:
    """One condition: every estimator with its MCSEs, and a sentence for each estimand."""
    rows = [row for row in rows if row.condition.number == number]
    caption, table = one_condition.table(rows, units)
    held = [pair for pair in pairs if pair.first.condition.number == number]
    there = [row for row in intervals if row.condition.number == number]
    covered = coverage_table(there, width)
    return Digest(
        caption=caption,
        tables=(table, *([covered] if covered else [])),
        legend=_legend((), covered),
        of_estimands=tuple(one_condition.sentences(rows, held, units)),
        further=(*one_condition.mirror(rows), *coverage_sentences(there), *rejection_sentences(rows)),
    )
