"""The reader of position frequency matrices as JASPAR writes them."""

import re
from typing import Any

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import Reading
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.plain import plain
from mcdiv.files.counts.text import Text

#: "A  [ 2 9 0 ]", or the numbers alone, which are then of A, C, G and T
_LINE = re.compile(r"(?:(\w)\s*\[)?\s*([\d.\s]*?)\s*\]?")
_BASES = "ACGT"
#: lines above the first matrix, at most
_REMARKS = 100


@reader(suffixes=[".pfm", ".jaspar"])
def motif(text: Text, reading: Reading) -> Any:
    """A position frequency matrix of JASPAR, a sample for each position; without its line of ">", as in a .txt."""
    above = next((line for line in text.ahead(_REMARKS) if line.strip() and not line.startswith("#")), "")
    if not above.startswith(">"):
        return plain(text, reading)
    rows: dict[str, list[str]] = {}
    for line in text.lines():
        if line.startswith(">"):
            if rows:
                raise text.error("a second matrix begins here; expected one in a file")
        elif line.strip() and not line.startswith("#"):
            found = _LINE.fullmatch(line.strip())
            base = found[1] or _BASES[len(rows) : len(rows) + 1] if found else ""
            if found is None or not base or base in rows:
                raise text.error(f"expected a row of counts for each of A, C, G and T, got '{line.strip()[:60]}'")
            rows[base] = found[2].split()
    widths = set(map(len, rows.values()))
    if len(widths) != 1 or widths == {0}:
        got = " and ".join(map(str, sorted(widths))) or "no rows"
        raise ScenarioError([f"{text.name}: expected as many counts in each row, got {got}"])
    return {str(i + 1): {base: cells[i] for base, cells in rows.items()} for i in range(widths.pop())}
