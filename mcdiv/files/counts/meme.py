"""The reader of motifs in the minimal format of MEME: letter-probability matrices."""

import math
import re
from collections.abc import Iterator
from itertools import islice

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts, Reading, is_number
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.layouts import valued
from mcdiv.files.counts.text import Text

#: letters where the file does not name them: of DNA, of proteins
_LETTERS = ("ACGT", "ACDEFGHIKLMNPQRSTVWY")
_MATRIX = re.compile(r"letter-probability matrix:")
#: how far the probabilities of a position are from 1 at most, with their six decimals
_CLOSE = 1e-3


@reader(suffixes=[".meme"])
def meme(text: Text, reading: Reading) -> list[CategoryCounts]:
    """Letter-probability matrices of MEME, a sample for each position; --draws says of how many sites."""
    if wrong := next((option for option in reading.options() if option != "--draws"), ""):
        raise ScenarioError([f"{text.name}: {wrong} does not apply: the file holds motifs"])
    letters, name, groups, sites = "", "", dict[str, tuple[list[str], Array]](), set[str]()
    lines = text.lines()
    for line in lines:
        if found := re.match(r"ALPHABET\s*=\s*(\S+)", line):
            letters = found[1]
        elif found := re.match(r"MOTIF\s+(\S+)", line):
            name = found[1]
        elif _MATRIX.match(line):
            sites.add(_size(line, "nsites"))
            for place, pmf in enumerate(_rows(text, line, lines), start=1):
                if f"{name} {place}" in groups:
                    raise text.error(f"a second matrix of motif '{name}'")
                groups[f"{name} {place}"] = _named(text, letters, pmf), pmf / pmf.sum()
    if not groups:
        raise ScenarioError([f"{text.name}: there is no letter-probability matrix"])
    said = f" of {''.join(sites)} sites" if len(sites) == 1 and any(sites) else ""
    return valued.tallies(reading, groups, f"letter probabilities by position{said}")


def _rows(text: Text, head: str, lines: Iterator[str]) -> list[Array]:
    """The probabilities of each position."""
    width = _size(head, "w")
    if not width:
        raise text.error(f"expected 'w=' and the number of positions, got '{head[:60]}'")
    rows = []
    for line in islice(lines, int(width)):
        cells = line.split()
        row = np.array([float(cell) for cell in cells if is_number(cell)])
        if len(row) < max(len(cells), 1) or not (row >= 0).all() or not math.isclose(row.sum(), 1, abs_tol=_CLOSE):
            raise text.error(f"expected probabilities that sum to 1, got '{line.strip()[:60]}'")
        rows.append(row)
    if len(rows) < int(width):
        raise text.error(f"expected {width} positions, got {len(rows)}")
    return rows


def _named(text: Text, letters: str, pmf: Array) -> list[str]:
    """The letters of a row."""
    for known in (letters, *_LETTERS) if not letters else (letters,):
        if len(known) == len(pmf):
            return list(known)
    raise text.error(f"expected a probability for each of the letters {letters or 'ACGT'}, got {len(pmf)}")


def _size(head: str, name: str) -> str:
    """A number that a matrix has in its first line; empty where it has not."""
    found = re.search(rf"\b{name}\s*=\s*(\d{{1,6}})\b", head)
    return found[1] if found else ""
