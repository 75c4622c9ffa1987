"""Files of observations as people and programs write them, odd ones and broken ones, and a reader of its own for them.

The reader follows the README's table of what a header means, with Python's csv module in strict mode, and shares no
code with mcdiv. What mcdiv reads, it must read as one of the readings that this one finds; mcdiv may refuse more. Tests
try some thousands, `python -m benchmarks.hostile files` a million.
"""

import csv
import io
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies

COUNTING = {"count", "counts", "n", "frequency", "freq", "weight", "weights"}
#: rows by which a table is told
SEEN = 2**16
#: a group's name, and how often each of its categories occurred; of categories without names only their counts matter
Groups = list[tuple[str, dict[str, int] | list[int]]]

_SYMBOLS = ["oak", "elm", "ash", "H", "T", "a", "b", "caf\u00e9", "cafe\u0301", "n", "7", "1", "x y", "o'k", "NA", "漢"]
_HEADS = [
    "species", "cafe\u0301", "site", "year", "n", "count", "counts", "freq", "Weight", "category", "oak", "elm", "x",
    "categories", "",
]  # fmt: skip
_COUNTS = ["0", "1", "2", "3", "12", "5", "7.0", "3.", "04", " 6", "2 "]
_ODD_COUNTS = [
    "-1", "1e3", "2.5", "nan", "inf", "1_0", "+3", "", " ", "\u0663", "0x1", "9" * 17, "9" * 400, "NA", "1,5", "\u00bd",
]  # fmt: skip
_BREAKAGES = [
    '"', '""', "'", ",", ";", "\t", "\n", "\r", "\r\n", "\0", "#", " ", "\ufeff", "\u2028", "\x1b", "\x85", "x", "1",
]  # fmt: skip


class DataFiles:
    """Small files, and whether mcdiv reads them as the independent reader does."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.dice, self._folder = random.Random(seed), folder

    def try_one(self) -> tuple[str, str, object]:
        """How one more file ended ("read", "refused", or what is wrong), what was said of it, and the file."""
        dice = self.dice
        raw = _written(dice, dice.choice([_wide, _long, _long, _column, _column, _frequencies, _tokens])(dice))
        name = dice.choice(["a.csv", "a.csv", "a.tsv", "a.txt", "a"])
        heads = [None] * 6 + [head for head in _HEADS if head.encode() in raw]
        asked = {"column": dice.choice(heads), "weights": dice.choice(heads), "by": dice.choice(heads)}
        asked = asked if dice.random() < 0.3 else {}
        given = (name, raw, {key: value for key, value in asked.items() if value is not None})
        path = self._folder / name
        path.write_bytes(raw)
        try:
            found = mcdivs(path, given[2])
        except ScenarioError as error:
            return (*refusal(error), given)
        except Exception as error:
            return type(error).__name__, repr(error), given
        expected = readings(raw, name, **given[2])
        fine = any(found == (numbers if numbers is not None else groups) for groups, numbers in map(_forms, expected))
        return ("read", "", given) if fine else ("read as something else", f"{found} for {expected}", given)


def refusal(error: ScenarioError) -> tuple[str, str]:
    """How a file ended that was refused, which takes one line of at most 1,000 characters, and what was said."""
    line = error.problems[0]
    one = len(error.problems) == 1 and len(line.splitlines()) == 1 and len(line) <= 1000
    return "refused" if one else "not one line", line


def mcdivs(path: Path, asked: dict[str, str]) -> Groups:
    """What mcdiv reads."""
    tallies = read_tallies(str(path), Reading(**asked))
    return [(tally.group, dict(zip(tally.labels, tally.counts.tolist(), strict=True))) for tally in tallies]


def _forms(groups: Groups) -> tuple[Groups, Groups | None]:
    """Groups, and the same with categories numbered where they have no names."""
    if not any(isinstance(counts, list) for _, counts in groups):
        return groups, None
    return groups, [(name, {str(i): n for i, n in enumerate(counts, start=1)}) for name, counts in groups]


def readings(
    raw: bytes, name: str, column: str | None = None, weights: str | None = None, by: str | None = None
) -> list[Groups]:
    """What a file may mean; nothing where it means nothing."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        if any(ord(letter) > 127 for letter in raw.decode("utf-8", errors="ignore")):
            return []
        text = raw.decode("cp1252", errors="ignore")
    lines = list(io.StringIO(text, newline=""))
    remark = ""
    while lines and (not lines[0].strip() or lines[0].startswith("#")):
        remark = lines[0].lstrip("#").lstrip(" ") if lines[0].startswith("#") else remark
        del lines[0]
    if not lines or "\0" in "".join(lines):
        return []
    asked = {"column": column, "weights": weights, "by": by}
    marked = name.endswith((".csv", ".tsv")) or any(mark in lines[0] for mark in ",;\t")
    found: list[Groups] = _below_titles(lines, asked)
    if marked or any(each is not None for each in asked.values()) or lines[0][0] == '"':
        found += _meanings(_rows_of(lines), asked)
    else:
        found += _plain("".join(lines).split(), alone=len(lines[0].split()) == 1)
    if remark.strip():  # a commented header, as QIIME has it
        found += _meanings(_rows_of([remark, *lines]), asked)
    if not marked:
        found += [each for table in _between_blanks(lines) for each in _meanings(table, asked)]
        found += _meanings(_rows_of(lines, "|"), asked) if "|" in lines[0] else []
        if not any(each is not None for each in asked.values()):
            found += _two_columns([line.split(maxsplit=1) for line in lines if line.strip()])
            found += _two_columns([row[::-1] for row in _cells_of(lines)])
    return [groups for groups in found if groups and all(0 < _total(counts) < 2**53 for _, counts in groups)]


def _total(counts: dict[str, int] | list[int]) -> int:
    return sum(counts.values() if isinstance(counts, dict) else counts)


def _plain(tokens: list[str], *, alone: bool) -> list[Groups]:
    values = tokens[1:] if tokens[0].lower() in COUNTING else tokens
    if values and all(map(_is_count, values)):
        return [[("", [_count(value) for value in values])]]
    a_name = alone and tokens[0].lower() in COUNTING | {"category", "symbol"} and tokens.count(tokens[0]) == 1
    return [] if a_name and len(tokens) > 1 else [[("", _tally(tokens))]]


def _cells_of(lines: list[str]) -> list[list[str]]:
    """The cells of each line, between blanks."""
    cell = re.compile(r'"(?:[^"]|"")*"(?=\s|$)|\S+')
    found = [cell.findall(line) for line in lines if line.strip()]
    return [[each[1:-1].replace('""', '"') if re.fullmatch('".*"', each) else each for each in row] for row in found]


def _between_blanks(lines: list[str]) -> list[list[list[str]]]:
    """Tables with a header, with one that lacks the name of row names, or without."""
    rows = _cells_of(lines)
    width = len(rows[-1])
    if len(rows) < 2 or any(len(row) != width for row in rows[1:]) or width < 2:
        return []
    tables = [[[str(i + 1) for i in range(width)], *rows]] if len(rows[0]) == width else []
    return [*tables, [["", *rows[0]][-width:], *rows[1:]]]


def _two_columns(rows: list[list[str]]) -> list[Groups]:
    """Counts and what they count, in each line."""
    if len(rows) < 2 or not all(len(row) == 2 and _is_count(row[0]) and not _is_count(row[1]) for row in rows):
        return []
    return [[("", _tally([row[1].rstrip() for row in rows], tuple(_count(row[0]) for row in rows)))]]


def _below_titles(lines: list[str], asked: dict[str, str | None]) -> list[Groups]:
    """What a table may mean whose names stand below rows with one cell, or none, that is filled."""
    marks = {mark: max(line.count(mark) for line in lines) for mark in ",;\t"}
    rows = _rows_of(lines, max(marks, key=lambda mark: marks[mark]))
    top = next((i for i, row in enumerate(rows) if sum(bool(cell.strip()) for cell in row) > 1), 0)
    return _meanings(rows[top:], asked) if top else []


def _rows_of(lines: list[str], delimiter: str = "") -> list[list[str]]:
    """The rows of a delimited table; none where it is not one."""
    delimiter = delimiter or max(",;\t", key=lines[0].count)
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return [[]]
    of_r = delimiter == "\t" and len(rows) > 1 and len(rows[1]) == len(rows[0]) + 1  # write.table, with row names
    return [["", *rows[0]], *rows[1:]] if of_r else rows


def _meanings(table: list[list[str]], asked: dict[str, str | None]) -> list[Groups]:
    """What a table may mean; nothing where a cell is not what it has to be. Blank columns at its end are none."""
    filled = [row for row in table if row] or [[""]]
    while len({*map(len, filled)}) == 1 < len(filled[0]) and not any(row[-1].strip() for row in filled):
        filled = [row[:-1] for row in filled]
    header, rows = [unicodedata.normalize("NFC", head.strip()) for head in filled[0]], filled[1:]
    wrong = len(set(header)) < len(header) or not rows or any(len(row) != len(header) for row in rows)
    if wrong or (any(map(_is_count, header)) and header != [str(i + 1) for i in range(len(header))]):
        return []
    place = {head: i for i, head in enumerate(header)}
    try:
        column, weight, group = (None if each is None else _known(place, each) for each in asked.values())
        if column is None and weight is None:
            return _by_header(header, rows, group)
        others = [i for i in range(len(header)) if i not in (weight, group)]
        if column is None and not others and weight != group:
            return [_nameless(rows, weight, group)]
        if column is None and len(others) != 1:
            others = [i for i in others if i not in _left_out(header, rows, others)]
        if column is None and len(others) != 1:
            return []
        return [_long_of(rows, others[0] if column is None else column, weight, group)]
    except ValueError:
        return []


def _by_header(header: list[str], rows: list[list[str]], group: int | None) -> list[Groups]:
    """The README's table, line by line."""
    headings = [" ".join(re.split(r"[#_.\s-]+", head.lower())).strip() for head in header]
    if headings == ["count", "categories"] and group is None:
        few = sum(_count(row[1]) for row in rows) <= 10**6
        return [[("", [_count(row[0]) for row in rows for _ in range(_count(row[1]))])]] if few else []
    free = [i for i in range(len(header)) if i != group]
    numeric = [i for i in free if all(_is_count(row[i]) for row in rows)]
    names = [i for i in free if i not in numeric]
    counting = [i for i in free if headings[i] in COUNTING]
    other = [i for i in free if i not in counting]
    found: list[Groups] = []
    if len(free) == 1 and numeric:
        found = [_nameless(rows, free[0], group)]
    elif len(free) == 1:
        recurs = any(unicodedata.normalize("NFC", row[free[0]]) == header[free[0]] for row in rows)
        found = [] if recurs else [_long_of(rows, free[0], None, group)]
    elif counting:
        found = [_long_of(rows, other[0], counting[0], group)] if len(counting) == len(other) == 1 else []
    elif len(free) == 2 and len(numeric) == 1:
        found = [_long_of(rows, names[0], numeric[0], group)]
    elif len(numeric) > 1 and len(names) <= 1:
        found = [_wide_of(rows, header, numeric, names[0] if names and group is None else group, add=group is not None)]
    for label in numeric if not names and group is None else names:
        others = [i for i in numeric if i != label]
        if headings[label] in ("site", "year"):
            found.append(_wide_of(rows, header, others, label, add=False))
        if headings[label] in ("species", "category", "categories"):
            found.append(_columns_of(rows, header, others, label))
    return found + [
        each for left in _left_out(header, rows, free) for each in _by_header(*_without(header, rows, left, group))
    ]


def _left_out(header: list[str], every: list[list[str]], free: list[int]) -> list[int]:
    """Columns that hold row numbers, or the sum of the other numbers, in the first rows."""
    rows = every[:SEEN]
    numeric = [i for i in free if all(_is_count(row[i]) for row in rows)]
    starts = [[*range(first, first + len(rows))] for first in (0, 1)]
    index = [
        i
        for i in free
        if not header[i] and all(_is_count(row[i]) for row in rows) and [_count(row[i]) for row in rows] in starts
    ]
    names = [
        i for i in numeric if i == 0 < len(numeric) - 1 and not header[0] and len({r[0] for r in rows}) == len(rows)
    ]
    sums = [sum(_count(row[i]) for i in numeric) for row in rows]
    totals = [i for i in numeric if len(numeric) > 2 and [2 * _count(row[i]) for row in rows] == sums]
    return ((index or names) if len(free) > 1 else []) + [i for i in totals if header[i].lower() in COUNTING]


def _without(
    header: list[str], rows: list[list[str]], left: int, group: int | None
) -> tuple[list[str], list[list[str]], int | None]:
    kept = [i for i in range(len(header)) if i != left]
    by = None if group is None else kept.index(group)
    return [header[i] for i in kept], [[row[i] for i in kept] for row in rows], by


def _known(place: dict[str, int], name: str) -> int:
    name = unicodedata.normalize("NFC", name)
    if name not in place:
        raise ValueError(name)
    return place[name]


def _long_of(rows: list[list[str]], column: int, weight: int | None, group: int | None) -> Groups:
    found: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        if not row[column].strip():
            raise ValueError("a symbol that is nothing")
        times = 1 if weight is None else _count(row[weight])
        found.setdefault("" if group is None else row[group], []).append((row[column], times))
    return [(name, _tally(*zip(*pairs, strict=True))) for name, pairs in found.items()]


def _nameless(rows: list[list[str]], column: int, group: int | None) -> Groups:
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault("" if group is None else row[group], []).append(_count(row[column]))
    return list(found.items())


def _wide_of(rows: list[list[str]], header: list[str], numeric: list[int], group: int | None, *, add: bool) -> Groups:
    """A sample in each row, those of one name apart unless they are to be added."""
    if not all(header[i] for i in numeric):
        return []
    names = [f"row {i}" if group is None else row[group] for i, row in enumerate(rows, start=1)]
    if not add:
        names = [f"{name} (row {i})" if names.count(name) > 1 else name for i, name in enumerate(names, start=1)]
    found: dict[str, list[tuple[str, int]]] = {}
    for name, row in zip(names, rows, strict=True):
        found.setdefault(name, []).extend((header[i], _count(row[i])) for i in numeric)
    alone = len(rows) == 1 and not add
    return [("" if alone else name, _tally(*zip(*pairs, strict=True))) for name, pairs in found.items() if pairs]


def _columns_of(rows: list[list[str]], header: list[str], numeric: list[int], label: int) -> Groups:
    """A sample in each column."""
    labels = [row[label] for row in rows]
    if len(set(labels)) < len(labels):
        return []
    return [(header[i], _tally(labels, tuple(_count(row[i]) for row in rows))) for i in numeric]


def _tally(labels: list[str] | tuple[str, ...], times: tuple[int, ...] | None = None) -> dict[str, int]:
    found: Counter[str] = Counter()
    for label, many in zip(labels, times or (1,) * len(labels), strict=True):
        found[unicodedata.normalize("NFC", label)] += many
    return dict(found)


def _is_count(text: str) -> bool:
    return re.fullmatch(r"\s*[0-9]{1,100}(\.0*|,00?)?\s*", text) is not None


def _count(text: str) -> int:
    if not _is_count(text):
        raise ValueError(text)
    return int(re.split("[.,]", text)[0].strip())


def _cell(dice: random.Random) -> str:
    return dice.choice(_COUNTS if dice.random() < 0.97 else _ODD_COUNTS)


def _heads(dice: random.Random, many: int) -> list[str]:
    return dice.sample(_HEADS, many) if dice.random() < 0.95 else [dice.choice(_HEADS) for _ in range(many)]


def _rows(dice: random.Random, head: list[str], cells: list[Callable[[], str]]) -> list[list[str]]:
    return [head, *([cell() for cell in cells] for _ in range(dice.choice([0, 1, 2, 3, 5, 8])))]


def _wide(dice: random.Random) -> list[list[str]]:
    many = dice.randint(2, 4)
    cells: list[Callable[[], str]] = [lambda: _cell(dice)] * many
    if dice.random() < 0.5:
        cells[dice.randrange(many)] = lambda: dice.choice(_SYMBOLS)
    return _rows(dice, _heads(dice, many), cells)


def _long(dice: random.Random) -> list[list[str]]:
    cells = [lambda: dice.choice(_SYMBOLS), lambda: _cell(dice)]
    cells += [lambda: dice.choice(_SYMBOLS[:3])] * (dice.random() < 0.2)
    dice.shuffle(cells)
    return _rows(dice, _heads(dice, len(cells)), cells)


def _column(dice: random.Random) -> list[list[str]]:
    symbols, counts = (lambda: dice.choice(_SYMBOLS)), (lambda: _cell(dice))
    return _rows(dice, _heads(dice, 1), [dice.choice([symbols, symbols, counts])])


def _frequencies(dice: random.Random) -> list[list[str]]:
    return _rows(dice, ["count", "categories"], [lambda: _cell(dice)] * 2)


def _tokens(dice: random.Random) -> list[list[str]]:
    symbols, counts = (lambda: dice.choice(_SYMBOLS)), (lambda: _cell(dice))
    return _rows(dice, _heads(dice, 1), [dice.choice([symbols, counts])])[dice.randrange(2) :]


def _written(dice: random.Random, rows: list[list[str]]) -> bytes:
    mark, end = dice.choice([",", ",", ";", "\t", " ", "|"]), dice.choice(["\n", "\n", "\n", "\r\n", "\r"])
    quoted = dice.choice([0.0, 0.0, 0.1, 1.0])
    lines = []
    for row in rows:
        cells = ['"' + cell.replace('"', '""') + '"' if dice.random() < quoted else cell for cell in row]
        lines.append(
            mark.join(cells) + dice.choice(["", "", "", "", "", "", "", mark] if dice.random() < 0.1 else [""])
        )
    if dice.random() < 0.1:
        lines.insert(dice.randrange(len(lines) + 1), dice.choice(["", " ", "# a remark", "#", mark, "\t"]))
    text = end.join(lines) + (end if dice.random() < 0.8 else "")
    if dice.random() < 0.3:
        start = dice.randrange(len(text) + 1)
        text = text[:start] + dice.choice(_BREAKAGES) + text[start + dice.choice([0, 0, 1]) :]
    raw = text.encode()
    raw = b"\xef\xbb\xbf" + raw if dice.random() < 0.05 else raw
    if raw and dice.random() < 0.02:
        place = dice.randrange(len(raw))
        raw = raw[:place] + bytes([raw[place] ^ 1 << dice.randrange(8)]) + raw[place + 1 :]
    return raw
