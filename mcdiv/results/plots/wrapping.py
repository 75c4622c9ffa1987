"""Texts of pictures in lines: as few as they take, about equally long, and ended where a reader pauses."""

import textwrap
from collections.abc import Sequence


def balanced(text: str, letters: int) -> list[str]:
    """A text in as few lines as it takes, all about as long: no word stands alone in the last.

    Lines end at a comma, colon or semicolon outside brackets, or else at another space there, where that takes no
    more of them.
    """
    most = len(textwrap.wrap(text, letters))
    for parts in (_outside_brackets(text, ",:;"), _outside_brackets(text), [word for word in text.split(" ") if word]):
        if max(map(len, parts), default=0) <= letters:
            widths = range(max(1, len(text) // max(1, most)), letters + 1)
            found = (lines for width in widths if len(lines := _packed(parts, width)) <= most)
            if lines := next(found, []):
                return lines
    return textwrap.wrap(text, letters)


def filled(text: str, letters: int) -> str:
    """A text with its line breaks."""
    return "\n".join(part for line in text.split("\n") for part in balanced(line, letters))


def letters_per_line(inches: float, size: float) -> int:
    """How many letters of this size a line of this length holds."""
    return max(12, int(72 * inches / (0.6 * size)))


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
