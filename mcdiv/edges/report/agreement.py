"""Does the simulation agree with the exact values? The z of every pair, and their histogram beside the normal law."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from mcdiv.estimators.contract import SYMBOLS

#: one of each kind: the z of the mean is that of the bias, that of the MSE nearly that of the RMSE
_MEASURES = ("bias", "sd", "coverage")
_COLUMNS = ["truth", "model", "sample_size", "estimand", "estimator", "interval", "measure", "value", "mcse", "exact"]
_WIDTH, _HEIGHT, _EDGE, _STEP = 640, 220, 4.0, 0.5
#: room left of the bars, and below them
_LEFT, _BELOW = 44, 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of the histogram, in the picture's coordinates."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How simulated and exact values agree."""

    #: comparisons made, how many of them within ±2, the mean of z², and the largest |z| in words
    count: int
    near: int
    mean_square: float
    farthest: str
    #: the rows behind the picture
    rows: pd.DataFrame
    bars: Sequence[Bar]
    #: the normal law's expected counts, as points of a line
    law: str
    #: (place, label) along the axes
    across: Sequence[tuple[float, str]]
    upwards: Sequence[tuple[float, str]]
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    below: int = _BELOW


def agreement(tables: Mapping[str, pd.DataFrame]) -> Agreement | None:
    """The z of bias, sd and coverage wherever there is an exact value; None where there is none."""
    table = tables["performance"]
    rows = table[table["measure"].isin(_MEASURES) & table["z"].notna()][[*_COLUMNS, "z"]]
    if rows.empty:
        return None
    z = rows["z"].tolist()
    bins = round(2 * _EDGE / _STEP)
    counts = [0] * bins
    for value in z:
        counts[min(bins - 1, max(0, math.floor((value + _EDGE) / _STEP)))] += 1
    expected = [len(z) * (_normal(i + 1) - _normal(i)) for i in range(bins)]
    top = max(*counts, *expected)
    farthest = rows.iloc[max(range(len(z)), key=lambda place: abs(z[place]))]
    inner = (_WIDTH - _LEFT - 6) / bins
    return Agreement(
        count=len(z),
        near=sum(abs(value) <= 2 for value in z),
        mean_square=sum(value**2 for value in z) / len(z),
        farthest=_words(farthest),
        rows=rows,
        bars=[
            Bar(
                x=round(_LEFT + i * inner + 1, 2),
                y=_up(count, top),
                width=round(inner - 2, 2),
                height=_size(count, top),
            )
            for i, count in enumerate(counts)
        ],
        law=" ".join(f"{_LEFT + (i + 0.5) * inner:.2f},{_up(value, top):g}" for i, value in enumerate(expected)),
        across=[(_LEFT + (place + _EDGE) / _STEP * inner, _label(place)) for place in range(-4, 5, 2)],
        upwards=[(_up(value, top), f"{value:,}") for value in _ticks(top)],
    )


def _normal(edge: int) -> float:
    """The normal law up to the left edge of a bin; what lies beyond the picture is in its outermost bins."""
    place = -_EDGE + edge * _STEP
    if place <= -_EDGE:
        return 0.0
    return 1.0 if place >= _EDGE else (1 + math.erf(place / math.sqrt(2))) / 2


def _size(value: float, top: float) -> float:
    return round((_HEIGHT - _BELOW - 10) * value / top, 2)


def _up(value: float, top: float) -> float:
    return round(_HEIGHT - _BELOW - _size(value, top), 2)


def _ticks(top: float) -> list[int]:
    ten = 10 ** math.floor(math.log10(max(top, 1)))
    step = next(int(max(1, ten * part)) for part in (0.2, 0.5, 1, 2, 5) if top / max(1, ten * part) <= 5)
    return list(range(0, math.floor(top) + 1, step))


def _label(place: int) -> str:
    sign = {-4: "≤ −4", 4: "≥ 4"}
    return sign.get(place, f"{place:g}".replace("-", "−"))


def _words(row: pd.Series) -> str:
    interval = "" if pd.isna(row["interval"]) else f", {row['interval']}"
    what = f"{row['measure']} of {row['estimator']} for {SYMBOLS.get(row['estimand'], row['estimand'])}{interval}"
    return f"{row['z']:.2f} ({what}, P = {row['truth']}, N = {row['sample_size']:,})".replace("-", "−", 1)
