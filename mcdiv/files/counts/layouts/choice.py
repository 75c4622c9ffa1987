"""Which layout a table has: the one that was asked for, or the one that alone fits; several are a doubt."""

import re
from collections.abc import Sequence
from dataclasses import replace
from shlex import quote

from mcdiv.core.number_format import counted, figure
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts, Reading, count_of, is_number, pointed
from mcdiv.files.counts.layouts import wide
from mcdiv.files.counts.layouts.contract import LAYOUTS, Layout
from mcdiv.files.counts.layouts.spectrum import is_spectrum
from mcdiv.files.counts.looked import Looked, called, columns_named, look
from mcdiv.files.counts.table import Table

#: samples and categories that a doubt shows of each reading
_SHOWN = 3
#: names of columns that may be counts
_OF_COUNTS = re.compile(r"count|freq|reads|clones|abundance|weight|^n[_. ]|^num", re.IGNORECASE)
_PERCENT = re.compile(r"\s*\d+(?:[.,]\d+)?\s*%\s*")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
#: 1,234,567 and the like, of one mark: no number whatever the mark means
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,'\u2019 \u00a0\u202f])\d{3}(?:\1\d{3})+")


def tallies_of_table(table: Table, reading: Reading) -> list[CategoryCounts]:
    """What a table counts."""
    looked = look(table, reading)
    tallies = _chosen(looked).rule(looked)
    if reading.draws is not None and not any("--draws" in tally.read_as for tally in tallies):
        raise table.error("--draws does not apply: the file says of how many draws it is")
    return [replace(tally, left_out=tuple(looked.said)) for tally in tallies]


def _chosen(looked: Looked) -> Layout:
    if asked := _asked(looked):
        entry = LAYOUTS[asked]
        if wrong := entry.misfit(looked):
            choices = columns_named(looked.table)
            what = wrong if wrong.endswith("?") else f"this is no table of --layout {asked}: {wrong}"
            raise looked.table.error(f"{what} Choose with --column and --weights: {choices}" if "?" in what else what)
        return entry
    _refuse_several_names(looked)
    _refuse_measurements(looked)
    refuse_thousands(looked, "--layout weights")
    fitting = [entry for entry in LAYOUTS.values() if entry.guessed and not entry.misfit(looked)]
    if looked.table.unnamed:
        if not fitting:
            raise looked.table.error(f"{looked.table.unnamed}: {_without_place(_no_layout(looked), looked)}")
        chosen = "; or choose some of them with --column and --weights" if len(looked.columns) > 1 else ""
        raise looked.table.error(f"{looked.table.unnamed}: {_readings(looked, fitting)}{chosen}")
    if len(fitting) == 1 and (fitting[0].name != "spectrum" or is_spectrum(looked)):
        return fitting[0]
    if not fitting:
        raise _no_layout(looked)
    raise looked.table.error(_readings(looked, fitting))


def _readings(looked: Looked, fitting: Sequence[Layout]) -> str:
    """What a table may be, with the commands."""
    previews = [(entry, *_preview(entry, looked)) for entry in fitting]
    read = [each for each in previews if each[2]] or previews
    readings = "; or ".join(f"{said}, with {entry.command(looked)}" for entry, said, _ in read)
    ways = f"this can be read in {len(read)} ways" if len(read) > 1 else "this may be"
    return f"{ways}: {readings}"


def _without_place(error: Exception, looked: Looked) -> str:
    """What an error says, without the file and the line where these are those of the table."""
    return str(error).removeprefix(str(looked.table.error("")).strip()).strip()


def _asked(looked: Looked) -> str:
    """The layout that was named, or that the columns named belong to; empty where there is none."""
    reading = looked.reading
    if reading.layout:
        return reading.layout
    if reading.spectrum:
        return "spectrum"
    if reading.weights is not None:
        return "weights" if looked.column(reading.weights).decimal else "counts"
    return "draws" if reading.column is not None else ""


def _refuse_measurements(looked: Looked) -> None:
    """Where the only column holds decimals, all different."""
    if len(looked.columns) == 1 and (column := looked.columns[0]).decimal and not column.repeats:
        wrong = f"column '{column.name}' holds decimals that are all different, such as measurements have"
        advice = "put them into bins first, on which their entropy depends"
        raise looked.table.error(f"{wrong}; {advice}; or say --layout draws, and every number is a symbol")


def refuse_thousands(looked: Looked, decimal: str, marks: str = ",.") -> None:
    """Where points or commas separate thousands, or may: 1.234, which may be 1234, where all decimals are like it.

    `decimal`: the option by which they do not; `marks`: those that may.
    """
    for column in looked.columns:
        cells = [cell.strip() for cell in column.times]
        grouped = next(filter(_GROUPED.fullmatch, cells), "")
        if grouped and all(is_number(pointed(cell)) or _GROUPED.fullmatch(cell) for cell in cells):
            raise looked.table.error(f"{called(column)} has '{grouped}', with marks between thousands; take them out")
        numbers = [cell for cell in cells if is_number(pointed(cell))]
        decimals = [cell for cell in numbers if count_of(cell) is None or "," in cell]
        doubtful = all(_THOUSANDS.fullmatch(cell) and any(mark in cell for mark in marks) for cell in decimals)
        if column.numeric and decimals and doubtful:
            mark = "comma" if "," in decimals[0] else "point"
            wrong = f"{called(column)} has '{decimals[0]}', where the {mark} may separate thousands"
            ways = f"take such {mark}s out, or say {decimal} if they are decimal"
            raise looked.table.error(f"{wrong}; {ways}")
        comma, point = (next((cell for cell in decimals if mark in cell), "") for mark in ",.")
        if column.numeric and comma and point:
            raise looked.table.error(f"{called(column)} has '{comma}' and '{point}'; expected one mark of decimals")


def _refuse_several_names(looked: Looked) -> None:
    """Where one column is called a count, one other is to hold the categories."""
    counting = [column for column in looked.columns if column.is_count]
    others = [column for column in looked.columns if not column.is_count]
    several = len(counting) > 1 or len(others) > 1
    if counting and len(looked.columns) > 1 and several and not is_spectrum(looked):
        wrong = f"which column holds the categories that '{counting[0].name}' counts?"
        choices = f"Say so with --column and --weights: {columns_named(looked.table)}{_such_as(looked)}"
        raise looked.table.error(f"{wrong} {choices} (or rename it, if it is a category itself)")


def _no_layout(looked: Looked) -> ScenarioError:
    """A cell that is no number where the others of its column are is a likelier mistake than a column of names."""
    some = looked.first
    for column in looked.names:
        strays = [i for i, row in enumerate(some.rows) if row and not is_number(row[column.place])]
        if len(strays) < sum(map(bool, some.rows)):
            cell = some.rows[strays[0]][column.place][:60]
            wrong = f"column '{column.name}' has numbers, and here it has '{cell}'"
            choices = f"if it holds the symbols, say so with --column: {columns_named(looked.table)}"
            return looked.table.error_at(some, strays[0], f"{wrong}; {choices}")
    for column in looked.names:
        if percent := next(filter(_PERCENT.fullmatch, column.times), ""):
            wrong = f"column '{column.name}' has '{percent}'"
            return looked.table.error(
                f"{wrong}; take out such marks: tr -d % < FILE | mcdiv estimate - --layout weights"
            )
    choices = columns_named(looked.table)
    if rivals := wide.names_of_rows(looked):
        wrong = f"columns '{rivals[0]}' and '{rivals[1]}' may both name the rows"
        return looked.table.error(f"{wrong}; leave one out with --ignore, or name the --layout")
    weights = ", and one that says how often each row counts with --weights" if looked.numbers else ""
    symbols = f"which column holds the symbols? Choose one with --column{weights}: {choices}{_such_as(looked)}"
    strangers = [*looked.names[1:], *(column for column in looked.numbers if column.decimal)]
    if strangers and len(looked.numbers) > 1:
        left = f"leave out what holds no counts with --ignore, such as '{strangers[0].name}'"
        symbols += f"; or, in a table of samples by categories, {left}"
    if len(looked.names) == len(looked.columns) == 2:
        symbols += "; or, for what one says of the other (mutual information), read both with --layout joint"
    return looked.table.error(symbols)


def _such_as(looked: Looked) -> str:
    """Options for the column of names that says most and the column that is likeliest to be of counts, if any is."""
    likely = [column for column in looked.numbers if column.is_count]
    likely += [column for column in looked.numbers if _OF_COUNTS.search(column.name)]
    # A number of the row is called an id, and tells more than any category.
    names = max(
        looked.names, key=lambda c: (not re.search(r"[_ ]id$", c.name, re.IGNORECASE), len(c.times)), default=None
    )
    if names is None or not likely:
        return ""
    return f"; for example --column {quote(names.name)} --weights {quote(likely[0].name)}"


def _preview(entry: Layout, looked: Looked) -> tuple[str, bool]:
    """How the first rows would be read, and whether they can be."""
    try:
        return described(entry.rule(looked.beginning)), True
    except (ScenarioError, OverflowError) as error:
        return f"an error ({_without_place(error, looked)})", False


def described(tallies: Sequence[CategoryCounts]) -> str:
    """Groups in short: "2 samples of 3 categories: S1 (4, 2, 1), S2 (0, 3, 5)"."""
    shown = ", ".join(f"{tally.group} ({_values(tally)})".strip() for tally in tallies[:_SHOWN])
    return f"{summary(tallies)}: {shown}{', …' * (len(tallies) > _SHOWN)}"


def _values(tally: CategoryCounts) -> str:
    values = tally.counts[:_SHOWN].tolist() if tally.pmf is None else list(map(figure, tally.pmf[:_SHOWN].tolist()))
    some = [
        f"{label[:20]} {count}" if tally.group == "" and tally.told_apart else str(count)
        for label, count in zip(tally.labels[:_SHOWN], values, strict=True)
    ]
    return ", ".join([*some, *["…"] * (len(tally.labels) > _SHOWN)])


def summary(tallies: Sequence[CategoryCounts]) -> str:
    """How many draws, categories and samples: "7 draws of 3 categories", "2 samples of 3 categories, 15 draws"."""
    if all(tally.pmf is not None for tally in tallies):
        sizes = counted(len({label for tally in tallies for label in tally.labels}), "category", "categories")
        return f"{sizes}, the number of draws is not known"
    draws = counted(sum(tally.draws for tally in tallies), "draw")
    many = tallies[0].multiplicity
    size = len({label for tally in tallies for label in tally.labels}) if many is None else int(many.sum())
    categories = counted(size, "category", "categories")
    if len(tallies) == 1:
        return f"{draws} of {categories}"
    return f"{counted(len(tallies), 'sample')} of {categories}, {draws}"
