"""Texts of pictures in lines: as few as they take, about equally long, and ended where a reader pauses."""

import re
import textwrap
from collections.abc import Collection, Sequence
from functools import cache

from matplotlib.font_manager import FontProperties, findfont, get_font

#: what stays in one line: "P = coin(p=0.5)", "± 2 MCSE", "95 %", "H(P, Q)", "I(X; Y)"
_TOGETHER = re.compile(r"(?<=[=±−+]) | (?=[=−+%])|(?<=\d) (?=MCSE)|(?<=\(\w[,;]) (?=\w\))")
#: stands for a space within it
_JOINED = "\0"
#: the width of a letter in font sizes, where it is not measured, and the part of a line that is filled where it is
_LETTER, _FILLED = 0.6, 0.95


def balanced(text: str, letters: int) -> list[str]:
    """A text in as few lines as it takes, all about as long: no word stands alone in the last.

    Lines end at a comma, colon or semicolon outside brackets, or else at another space there, where that takes no
    more of them.
    """
    most, together = len(textwrap.wrap(text, letters)), _TOGETHER.sub(_JOINED, text).split(" ")
    for parts, lines_at_most in (
        (_outside_brackets(text, ",:;"), most),
        (_outside_brackets(_TOGETHER.sub(_JOINED, text)), most),
        (together, most),
        (together, most + 1),
        (text.split(" "), most),
    ):
        if max(map(len, parts), default=0) <= letters:
            widths = range(max(1, len(text) // max(1, most)), letters + 1)
            found = (
                lines for width in widths if len(lines := _packed(list(filter(None, parts)), width)) <= lines_at_most
            )
            if lines := next(found, []):
                return [line.replace(_JOINED, " ") for line in lines]
    return textwrap.wrap(text, letters)


def in_lines(text: str, inches: float, size: float) -> str:
    """A text with its line breaks, in lines of so many inches in letters of this size."""
    lines = text.split("\n")
    return "\n".join(part for line in lines for part in balanced(line, letters_per_line(inches, size, line)))


def letters_per_line(inches: float, size: float, text: str = "") -> int:
    """How many letters of this size a line of this length holds; those of a text are as wide as in the mean of it."""
    letter = (text_width(text) or len(text) * _LETTER) / len(text) / _FILLED if text else _LETTER
    return max(12, int(72 * inches / (letter * size)))


def text_width(text: str) -> float:
    """The width of a line in font sizes, as far as the font has its letters."""
    return _width(str(findfont(FontProperties())), text)


@cache
def _width(file: str, text: str) -> float:
    font, charmap = get_font(file), _letters(file)
    font.set_size(10, 72)
    font.set_text("".join(letter for letter in text if ord(letter) in charmap))
    return float(font.get_width_height()[0]) / 64 / 10


@cache
def _letters(file: str) -> Collection[int]:
    return frozenset(get_font(file).get_charmap())


def _outside_brackets(text: str, after: str = "") -> list[str]:
    """A text in parts at the spaces that are in no brackets: after some of these letters, or not beside = or ±."""
    parts, open_brackets, start = [], 0, 0
    for place, letter in enumerate(text):
        open_brackets += (letter in "([{") - (letter in ")]}")
        ends = text[place - 1] in after if after else not {"=", "±"} & set(text[place - 1 : place + 2])
        if letter == " " and open_brackets <= 0 and ends:
            parts.append(text[start:place])
            start = place + 1
    return [part for part in (*parts, text[start:]) if part]


def _packed(parts: Sequence[str], letters: int) -> list[str]:
    """Parts in lines of at most so many letters, but for parts that are longer."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 1 + len(part) <= letters:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return lines
