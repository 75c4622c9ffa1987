"""Tables that a program draws for people: psql, mysql, sqlite, sqlcmd, Markdown; a line of dashes below the names.

Cells stand between upright bars, or where there are none below the dashes of their column.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from mcdiv.files.counts.blanks import Blanks
from mcdiv.files.counts.category_counts import Reading, is_number, label_of
from mcdiv.files.counts.text import Text

#: lines by which the shape is told
_SEEN = 200
_RULE = re.compile(r"[ |+:─━│┃┼┬┴├┤┌┐└┘╔═╗║╠╬╣╚╩╦╪╞╡╒╕╘╛╭╮╯╰=-]+")
_DASH = re.compile(r"[─━═=-]")
_BARS = re.compile(r"[|│┃║]")
#: two cells or more that nothing separates but blanks, as in tables of Stata
_SEVERAL = re.compile(r"\S\s{2,}\S")
_FOOTER = re.compile(r"\(\d+ rows?(?: affected)?\)|\d+ rows? in set.*")


def ruled(text: Text, first: str, reading: Reading) -> Blanks | None:
    """The table that the first lines are, or None where no line of dashes stands below names."""
    lines = [line.rstrip("\r\n") for line in [first, *text.ahead(_SEEN)] if line.strip()]
    if reading.symbols or not any(map(_is_rule, lines[1:3])):
        return None
    rule = next(filter(_is_rule, lines))
    content = [line for line in lines if not _is_rule(line) and not _FOOTER.fullmatch(line.strip())]
    split = _between_bars if _BARS.search(content[0]) else _below(rule)
    rows = list(map(split, content))
    widths = set(map(len, rows))
    alone = widths == {1} and not _FOOTER.fullmatch(lines[-1].strip())
    if len(rows) < 2 or len(widths) > 1 or alone or any(_SEVERAL.search(cell) for row in rows for cell in row):
        return None
    header = content[0]
    names = [label_of(cell) for cell in split(header)]
    waiting = [header]

    def cells(line: str) -> list[str]:
        line = line.rstrip("\r\n")
        if waiting and line == header:
            waiting.clear()
            return []
        return [] if _is_rule(line) or not line.strip() or _FOOTER.fullmatch(line.strip()) else split(line)

    return Blanks(text, first, names, named=False, cells=cells)


def has_bars(text: Text, first: str) -> bool:
    """Whether several lines have as many bars each, and numbers beside words, as sqlite3 and psql -A write them."""
    lines = [line.strip() for line in [first, *text.ahead(_SEEN)] if line.strip()]
    lines = [line for line in lines if not _FOOTER.fullmatch(line)]
    if len(lines) < 2 or "|" not in lines[0] or len({line.count("|") for line in lines}) > 1:
        return False
    numbers = [all(map(is_number, cells)) for cells in zip(*(line.split("|") for line in lines[1:]), strict=True)]
    return any(numbers) and numbers.count(False) == 1


def _is_rule(line: str) -> bool:
    return _RULE.fullmatch(line.rstrip("\r\n")) is not None and _DASH.search(line) is not None


def _between_bars(line: str) -> list[str]:
    cells = [cell.strip() for cell in _BARS.split(line)]
    outer = _BARS.match(line.strip()) is not None
    return cells[1:-1] if outer and not cells[0] and not cells[-1] else cells


def _below(rule: str) -> Callable[[str], list[str]]:
    """What cuts a line at the beginnings of the runs of dashes."""
    starts = [found.start() for found in re.finditer(r"\S+", rule)]
    ends = [after for _, after in pairwise([*starts, None])]
    return lambda line: [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]
