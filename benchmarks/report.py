"""What a benchmark found, and the one table of all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.timing import Seconds

HEADER = ("#", "work", "against", "reach", "measured", "", "answer", "median times")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One comparison."""

    number: str
    work: str
    against: str
    #: the target and what was measured: times faster, times as long, or seconds
    reach: float
    measured: float
    #: whether the target is a lower bound (times faster) or an upper one (times as long, seconds)
    at_least: bool
    in_seconds: bool = False
    #: what the answer was compared with and how far off it was, and whether that is near enough
    answer: str
    right: bool
    #: absolute times, as a side note only
    times: str

    @property
    def reached(self) -> bool:
        """Whether the target is met."""
        return self.measured >= self.reach if self.at_least else self.measured <= self.reach

    def cells(self) -> tuple[str, ...]:
        """The line as texts, in the order of HEADER."""
        write = _in_seconds if self.in_seconds else _times
        reach = f"{'≥' if self.at_least else '≤'} {write(self.reach)}"
        verdict = "reached" if self.reached else "not reached"
        answer = self.answer if self.right else f"WRONG: {self.answer}"
        return self.number, self.work, self.against, reach, write(self.measured), verdict, answer, self.times


def table(lines: Iterable[Line]) -> str:
    """All lines as one table that reads as text and as Markdown."""
    rows = [HEADER, *(line.cells() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    texts = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines_of_text = [f"| {text} |" for text in texts]
    rule = f"|-{'-|-'.join('-' * width for width in widths)}-|"
    return "\n".join([lines_of_text[0], rule, *lines_of_text[1:]])


def side_note(seconds: Mapping[str, Seconds]) -> str:
    """The median time of each variant."""
    return ", ".join(f"{name} {duration(median(values))}" for name, values in seconds.items())


def duration(seconds: float) -> str:
    """A time in the unit that suits it, to three digits."""
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def _times(value: float) -> str:
    rounded = float(f"{value:.3g}")
    return "×" + (f"{rounded:,.0f}".replace(",", " ") if rounded >= 100 else f"{rounded:g}")


def _in_seconds(value: float) -> str:
    return f"{value:.3g} s"
