"""LaTeX of a paper's table: text as LaTeX prints it, how much room it takes, and how a table is cut to fit its page."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

from mcdiv.core.escapes import printable

#: points between the margins of the class article, the narrowest of the usual one-column layouts
TEXT_WIDTH = 345
#: points between columns, and how large the letters are: as LaTeX sets a table, and where that is too wide
GAP, CLOSE_GAP, SMALL = 12, 8, 0.93
#: lines of a float that fills a page: those of its tables, with `HEAD_LINES` around each
PAGE_LINES, HEAD_LINES = 42, 4
#: points from which on a heading is broken into lines
MAX_KEY_WIDTH = 110
_IN_LATEX = {
    **{each: f"\\{each}" for each in "&%$#_{}"},
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": "$<$", ">": "$>$"},
    **{"−": "$-$", "∞": r"$\infty$", "±": r"$\pm$", "†": r"$^\dagger$", "‡": r"$^\ddagger$", "‖": r"$\|$", "|": "$|$"},
    **{"²": "$^2$", "–": "--", "χ": r"$\chi$", "√": r"$\surd$", "’": "'", "…": r"\dots{}"},
}
#: H_2(P), and 3.6e−05
_MATHS = re.compile(r"\b(?P<head>[A-Z]{1,3})_(?P<sub>∞|\d[\d./]*)(?=\()|(?<=\d)e(?P<sign>[−+])0*(?P<power>\d+)")
#: points of a character of Computer Modern Roman at 10 points
_WIDTHS = {
    **dict.fromkeys(".,:;il|", 2.8),
    **dict.fromkeys(" ()[]fjrst", 3.9),
    **dict.fromkeys("0123456789acegoz†‡²_", 5.0),
    **dict.fromkeys("bdhknpquvxy", 5.6),
    **dict.fromkeys("mMW", 10.3),
}
_OTHERS = 7.8


def latex(text: str) -> str:
    """Text as LaTeX prints it: its special characters escaped, subscripts, powers of ten and signs as mathematics."""
    parts, end = [], 0
    for maths in _MATHS.finditer(text):
        parts += [_literal(text[end : maths.start()]), _in_maths(**maths.groupdict())]
        end = maths.end()
    return "".join([*parts, _literal(text[end:])])


def width(text: str) -> float:
    """About how many points a text is wide, at 10 points."""
    return sum(_WIDTHS.get(each, _OTHERS) for each in printable(text))


def blocks_of_columns(keys: Sequence[float], values: Sequence[float]) -> list[range]:
    """Which columns of values, by their widths, stand beside the keys in each block: all if they fit.

    Otherwise all blocks have about as many. Several blocks are set in a small font, with less room between the columns.
    """
    keys = [min(key, MAX_KEY_WIDTH) for key in keys]
    if sum(width + GAP for width in [*keys, *values]) <= TEXT_WIDTH:
        return [range(len(values))]
    room = TEXT_WIDTH - sum(SMALL * key + CLOSE_GAP for key in keys)
    fitting = max(1, int(room // (SMALL * max(values) + CLOSE_GAP)))
    return evenly(len(values), math.ceil(len(values) / fitting))


def evenly(length: int, parts: int) -> list[range]:
    """So many ranges that together are one of this length."""
    ends = [round(length * i / parts) for i in range(parts + 1)]
    return [range(start, end) for start, end in itertools.pairwise(ends)]


def column_format(keys: Sequence[float], columns: int) -> str:
    """Keys to the left, broken into lines where they are wide; values to the right."""
    return "".join(f"p{{{MAX_KEY_WIDTH}pt}}" if key > MAX_KEY_WIDTH else "l" for key in keys) + "r" * columns


def floats(tabulars: Sequence[tuple[str, int]], caption: str) -> str:
    """Floats of tabulars, each with its number of lines, one below the other; a new float where a page is full."""
    pages: list[list[str]] = []
    room = 0
    for text, lines in tabulars:
        room -= lines + HEAD_LINES
        if not pages or room < 0:
            pages.append([])
            room = PAGE_LINES - lines - HEAD_LINES
        pages[-1].append(text)
    size = f"\\small\n\\setlength{{\\tabcolsep}}{{{CLOSE_GAP / 2:g}pt}}\n" * (len(tabulars) > 1)
    head = "\\begin{table}\n\\centering\n" + size
    captions = [f"\\caption{{{caption}}}\n"] + ["\\addtocounter{table}{-1}\n\\caption{(continued)}\n"] * len(pages)
    bodies = ["\n\\medskip\n\n".join(page) for page in pages]
    return "\n".join(head + above + body + "\\end{table}\n" for above, body in zip(captions, bodies, strict=False))


def _in_maths(head: str | None, sub: str | None, sign: str | None, power: str | None) -> str:
    if sub is not None:
        inside = sub.replace("∞", r"\infty")
        return f"{head}$_{{{inside}}}$"
    return rf"$\times 10^{{{'-' if sign == '−' else ''}{power}}}$"


def _literal(text: str) -> str:
    return "".join(_IN_LATEX.get(each, each) for each in printable(text))
