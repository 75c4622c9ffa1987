"""Where in a study something is so, in words: at which N of one setting, or in how many conditions of several."""

from collections.abc import Collection, Sequence
from typing import Literal

from mcdiv.core.number_format import joined
from mcdiv.engine.records import Row
from mcdiv.results.words.grid import setting_of

#: stretches of N that are listed; more are counted
_MAX_STRETCHES = 3


def where(chosen: Collection[Row], among: Sequence[Row], every: Literal["every", "any"] = "every") -> str:
    """At which of these places the chosen rows are: "from N = 100 on", "in 3 of 24 conditions"."""
    several = len({setting_of(row.condition) for row in among}) > 1
    if len(chosen) == len(among):
        if several:
            return f"in {'all' if every == 'every' else 'any of the'} {len(among):,} conditions"
        return f"at {every} N" if len(among) > 1 else f"at N = {among[0].condition.sample_size:,}"
    numbers = {row.condition.number for row in chosen}
    sizes = {row.condition.sample_size for row in chosen}
    there = sorted({row.condition.sample_size for row in among})
    complete = all(row.condition.number in numbers for row in among if row.condition.sample_size in sizes)
    if several and not complete:
        return f"in {len(chosen):,} of {len(among):,} conditions"
    found = _stretches([size in sizes for size in there], there)
    return joined(found) if len(found) <= _MAX_STRETCHES else f"at {len(sizes)} of {len(there)} N"


def _stretches(holds: Sequence[bool], sizes: Sequence[int]) -> list[str]:
    """Neighbouring sizes as one."""
    found, last = [], len(sizes) - 1
    starts = [i for i, now in enumerate(holds) if now and (i == 0 or not holds[i - 1])]
    ends = [i for i, now in enumerate(holds) if now and (i == last or not holds[i + 1])]
    for start, end in zip(starts, ends, strict=True):
        first, final = f"N = {sizes[start]:,}", f"N = {sizes[end]:,}"
        if start == end:
            found.append(f"at {first}")
        elif end == last:
            found.append(f"from {first} on")
        else:
            found.append(f"up to {final}" if start == 0 else f"for {first} to {sizes[end]:,}")
    return found
