"""Tables as the page shows them: columns with units, cells to the digits that their MCSE supports, the best shaded."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from mcdiv.core.number_format import figure, percent, value_and_error
from mcdiv.core.performance import Measured
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Condition
from mcdiv.engine.records import Pair, Row
from mcdiv.estimands.contract import ESTIMANDS, scale_of, symbol_of, units_of
from mcdiv.measures.contract import MEASURES, Measure, names_of

_INTERVAL_HEADS = {"coverage": "coverage", "width": "width", "modse": "ModSE"}
_INTERVAL_HEADS |= {"bias_eliminated_coverage": "coverage of the mean"}
#: lines on the page; the whole table is there as CSV
MOST_LINES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in one place of a table."""

    text: str
    #: its MCSE, where it has one
    error: str = ""
    #: what the column is sorted by; None for what goes last
    key: float | str | None = None
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The head of a column."""

    head: str
    unit: str = ""
    #: what the head means, for whoever rests on it
    about: str = ""
    number: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a table, shaded where it is as good as the best."""

    cells: Sequence[Cell]
    shaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table on the page."""

    #: name of the CSV file that holds all of it
    name: str
    caption: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    #: lines that the page leaves to the CSV file
    more: int = 0
    #: what a shaded line is, for whoever does not see the shade
    shade: str = ""


_NOTHING = Cell(text="–")


def comparison_sheet(
    rows: Sequence[Row], pairs: Sequence[Pair], tables: Mapping[str, pd.DataFrame], units: str
) -> Sheet:
    """Every estimator in every condition, a line each."""
    parts, best = list(_comparison_parts(rows, tables, units)), _best(rows, pairs)
    return _without_empty(
        Sheet(
            name="summary",
            caption=f"{_count(len(rows), 'row')}; {_common([row.condition for row in rows])}",
            columns=[column for column, _ in parts],
            lines=[
                Line(cells=[read(row) for _, read in parts], shaded=(row.condition.number, row.task) in best)
                for row in rows[:MOST_LINES]
            ],
            more=max(0, len(rows) - MOST_LINES),
            shade="smallest RMSE of its condition, or within 2 MCSE of it",
        )
    )


def _comparison_parts(
    rows: Sequence[Row], tables: Mapping[str, pd.DataFrame], units: str
) -> Iterator[tuple[Column, Callable[[Row], Cell]]]:
    """Columns with what stands in them; those that matter most come before those that explain them."""
    shown_in = units_of((row.task.estimand for row in rows), units)
    scipy, several = _scipy_of(tables["decomposition"]), not tables["comparison"].empty
    simulated = any(row.simulated for row in rows)

    def theirs(row: Row) -> Cell:
        return number(scipy.get((row.condition.number, row.task.estimand), math.nan))

    for column, read in _settings([row.condition for row in rows]):
        yield column, _at(read)
    yield Column(head="estimand", number=False), lambda row: word(symbol_of(row.task.estimand))
    yield Column(head="estimator", number=False), lambda row: word(row.task.label)
    yield (
        Column(head="true value", unit=shown_in),
        lambda row: number(row.true_value / scale_of(row.task.estimand, units)),
    )
    yield Column(head="SciPy’s", unit=shown_in, about="the same computed by SciPy"), theirs
    for name, head in (("bias", "bias"), ("bias_cv", "bias with controls"), ("rmse", "RMSE"), ("sd", "sd")):
        if name == "sd" and several:
            yield Column(head="rank", about="by RMSE, in its condition"), lambda row: number(row.rank or math.nan)
        if simulated:
            yield Column(head=head, unit=shown_in, about="simulated"), _simulated(name, units)
        if name != "bias_cv":
            yield Column(head=f"exact {head}", unit=shown_in, about="without simulation"), _exact(name, units)
    for entry in _further(rows):
        unit = {0: "%" if entry.statistic == "share" else "", 1: shown_in}.get(entry.unit_power, f"{units}²")
        if simulated:
            yield Column(head=entry.title, unit=unit, about="simulated"), _simulated(entry.name, units)
        yield Column(head=f"exact {entry.title}", unit=unit, about="without simulation"), _exact(entry.name, units)
    yield Column(head="z", about="(simulated − exact)/MCSE of the bias"), lambda row: number(row.z("bias"), "{:.2f}")
    yield Column(head="infinite", about="share of estimates that are infinite"), _share("infinite_share")
    yield Column(head="undefined", about="share of estimates that are undefined"), _share("undefined_share")


def _further(rows: Sequence[Row]) -> list[Measure]:
    """The measures of estimators that not every study has, as far as these rows have them."""
    there = {name for row in rows for name in (*row.simulated, *row.exact)}
    return [MEASURES[name] for name in names_of(usual=False) if name in there]


def interval_sheet(rows: Sequence[IntervalRow], units: str) -> Sheet:
    """Every interval in every condition; those that cover as often as they should are shaded."""
    shown_in = units_of((row.task.estimand for row in rows), units)
    parts: list[tuple[Column, Callable[[IntervalRow], Cell]]] = [
        *((column, _at(read)) for column, read in _settings([row.condition for row in rows])),
        (Column(head="estimand", number=False), lambda row: word(symbol_of(row.task.estimand))),
        (Column(head="estimator", number=False), lambda row: word(row.task.label)),
        (Column(head="interval", number=False), lambda row: word(row.interval)),
    ]
    parts += [
        (Column(head=f"{prefix}{head}", unit="%" if name.endswith("coverage") else shown_in), read(name, units))
        for name, head in _INTERVAL_HEADS.items()
        for prefix, read in (("", _simulated), ("exact ", _exact))
    ]
    parts.append((Column(head="z", about="of the coverage"), lambda row: number(row.z("coverage"), "{:.2f}")))
    return _without_empty(
        Sheet(
            name="intervals",
            caption=f"{_count(len(rows), 'row')}; {_common([row.condition for row in rows])}; "
            f"level {percent(rows[0].level)}",
            columns=[column for column, _ in parts],
            lines=[Line(cells=[read(row) for _, read in parts], shaded=_covers(row)) for row in rows[:MOST_LINES]],
            more=max(0, len(rows) - MOST_LINES),
            shade="covers at least as often as its level says, or within 2 MCSE of that",
        )
    )


def problems_sheet(table: pd.DataFrame) -> Sheet:
    """Infinite, undefined, failed and imprecise estimates, each with the command that shows it again."""
    heads = {"truth": "P", "model": "Q", "sample_size": "N", "model_sample_size": "M", "estimand": "estimand"}
    heads |= {"estimator": "estimator", "kind": "what", "replicates": "replicates", "share": "share"}
    heads |= {"first_replicate": "first", "message": "message", "replay": "command to show it"}
    names = [name for name in heads if name in table.columns]
    numbers = ("sample_size", "model_sample_size", "replicates", "share", "first_replicate")
    shown = table[names].head(MOST_LINES)

    def cell(name: str, value: object) -> Cell:
        if pd.isna(value):  # type: ignore[call-overload]
            return _NOTHING
        if name == "share":
            return Cell(text=percent(float(str(value))), key=float(str(value)))
        if name in numbers:
            return Cell(text=f"{int(str(value)):,}", key=float(str(value)))
        text = symbol_of(str(value)) if name == "estimand" else str(value)
        return Cell(text=text, key=text, code=name in ("replay", "message"))

    lines = [
        Line(cells=[cell(name, value) for name, value in zip(names, row, strict=True)])
        for row in shown.itertuples(index=False, name=None)
    ]
    columns = [Column(head=heads[name], number=name in numbers) for name in names]
    caption = f"{_count(len(table), 'row')} of problems"
    more = len(table) - len(shown)
    return _without_empty(Sheet(name="problems", caption=caption, columns=columns, lines=lines, more=more))


def word(text: str) -> Cell:
    """A cell of text."""
    return Cell(text=text, key=text)


def number(value: float, form: str = "") -> Cell:
    """A cell of a number without an error: to six digits, or in a form."""
    if math.isnan(value):
        return _NOTHING
    return Cell(text=form.format(value).replace("-", "−") if form else figure(value), key=value)


def _settings(conditions: Sequence[Condition]) -> list[tuple[Column, Callable[[Condition], Cell]]]:
    """Columns for what differs between the conditions, and N in any case."""
    columns: list[tuple[Column, Callable[[Condition], Cell]]] = []
    if len({c.truth.label for c in conditions}) > 1:
        columns.append((Column(head="P", number=False), lambda c: word(c.truth.label)))
    if len({c.model.label for c in conditions if c.model}) > 1:
        columns.append((Column(head="Q", number=False), lambda c: word(c.model.label) if c.model else _NOTHING))
    columns.append((Column(head="N"), lambda c: number(c.sample_size, "{:,}")))
    if any(c.model_sample_size for c in conditions):
        columns.append((Column(head="M"), lambda c: number(c.model_sample_size or math.nan, "{:,}")))
    return columns


def _common(conditions: Sequence[Condition]) -> str:
    """What is the same for all conditions."""
    truths, models = {c.truth.label for c in conditions}, {c.model.label for c in conditions if c.model}
    parts = [
        f"P = {next(iter(truths))}" if len(truths) == 1 else "",
        f"Q = {next(iter(models))}" if len(models) == 1 else "",
    ]
    return ", ".join(filter(None, parts)) or f"{len(truths)} truths" + f", {len(models)} models" * bool(models)


def _at(read: Callable[[Condition], Cell]) -> Callable[[Row | IntervalRow], Cell]:
    return lambda row: read(row.condition)


def _simulated(name: str, units: str) -> Callable[[Row | IntervalRow], Cell]:
    """What was simulated, with its MCSE."""

    def read(row: Row | IntervalRow) -> Cell:
        if not row.simulated:
            return _NOTHING
        scale = _scale(name, row, units)
        found = row.reported(name)
        if isinstance(row, Row) and row.constant:  # of an error there is nothing but roundings
            small = abs(found.value) <= 1e-12 * abs(row.true_value)
            return number(0.0 if small else found.value / scale)
        value, error = value_and_error(Measured(value=found.value / scale, mcse=found.mcse / scale))
        if 0 < found.mcse / scale < 1e-6:  # as a power of ten, and the value to its usual digits
            value = figure(found.value / scale)
        return Cell(text=value, error=error, key=None if math.isnan(found.value) else found.value / scale)

    return read


def _exact(name: str, units: str) -> Callable[[Row | IntervalRow], Cell]:
    return lambda row: number(row.exact.get(name, math.nan) / _scale(name, row, units))


def _share(name: str) -> Callable[[Row], Cell]:
    def read(row: Row) -> Cell:
        share = row.value(name)
        return Cell(text=percent(share), key=share) if share > 0 else _NOTHING

    return read


def _scale(name: str, row: Row | IntervalRow, units: str) -> float:
    """What a value is divided by to be shown: shares are shown in per cent."""
    if MEASURES[name].statistic == "share":
        return 0.01
    return scale_of(row.task.estimand, units, MEASURES[name].unit_power)


def _scipy_of(decomposition: pd.DataFrame) -> dict[tuple[int, str], float]:
    found: dict[tuple[int, str], float] = {}
    for name in ESTIMANDS:
        if f"scipy_{name}" in decomposition.columns:
            values = zip(decomposition["condition"].tolist(), decomposition[f"scipy_{name}"].tolist(), strict=True)
            found |= {(number, name): value for number, value in values}
    return found


def _best(rows: Sequence[Row], pairs: Sequence[Pair]) -> Collection[object]:
    """(condition, task) of the smallest RMSE in each condition, and of what 2 MCSE do not separate from it."""
    alike: set[tuple[int, str, frozenset[str]]] = set()
    several = set()
    for pair in pairs:
        place = (pair.first.condition.number, pair.first.task.estimand)
        several.add(place)
        if pair.outcome("mse") == "indistinguishable":
            alike.add((*place, frozenset((pair.first.task.label, pair.second.task.label))))
    leaders = {(row.condition.number, row.task.estimand): row for row in reversed(rows) if row.rank == 1}
    best = set()
    for row in rows:
        place = (row.condition.number, row.task.estimand)
        leader = leaders.get(place)
        if leader is None or place not in several:
            continue
        both = (*place, frozenset((row.task.label, leader.task.label)))
        if row.rank == 1 or (both in alike and _lost(row) == _lost(leader)):
            best.add((row.condition.number, row.task))
    return best


def _lost(row: Row) -> float:
    return round(row.value("infinite_share") + row.value("undefined_share"), 12)


def _covers(row: IntervalRow) -> bool:
    if "coverage" in row.exact:
        return row.exact["coverage"] >= row.level - 1e-12
    found = row.reported("coverage")
    return found.value + 2 * found.mcse >= row.level


def _without_empty(sheet: Sheet) -> Sheet:
    """Without columns that have nothing to say in any line."""
    kept = [i for i, _ in enumerate(sheet.columns) if any(line.cells[i] != _NOTHING for line in sheet.lines)]
    return replace(
        sheet,
        columns=[sheet.columns[i] for i in kept],
        lines=[replace(line, cells=[line.cells[i] for i in kept]) for line in sheet.lines],
    )


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
