"""A measure as a paper prints it: estimators × N, rounded by the MCSE; what is the same everywhere goes to the caption.

From the CSV tables of a run to a `PaperTable`, which `paper_formats` writes as LaTeX, Markdown, HTML and CSV.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.number_format import counted, figure, joined, percent, value_and_error
from mcdiv.core.performance import Measured
from mcdiv.core.rare_events import FEW_EVENTS, are_few
from mcdiv.core.rounding import without_rounding
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import estimand_of, symbol_of
from mcdiv.measures.contract import MEASURES

if TYPE_CHECKING:
    import pandas as pd

#: measures of which an exact value can be a difference of equal numbers, and made of roundings
_MAY_CANCEL = ("bias", "median_bias")
#: significant digits of an exact value
DIGITS, MAX_DIGITS = 4, 17
#: what says of a line whose it is: columns of performance.csv …
NAMES = ("measure", "unit", "estimand", "truth", "model", "model_sample_size", "estimator", "interval")
#: … and the headings that a reader sees
_HEADINGS = ("measure", "estimand", "P", "Q", "M", "estimator", "interval")
_ALWAYS = ("estimator",)
FAILED, FEW = "†", "‡"
#: how an MCSE is written, and what is said of it and of values that have none
ERRORS = {
    "parentheses": ("Monte Carlo standard errors in parentheses, from {}.", "Values without parentheses are exact."),
    "pm": ("±: Monte Carlo standard error, from {}.", "Values without ± are exact."),
    "none": ("Values are from {}", ", or exact where that is known."),
}
#: measures that say themselves how many estimates fail
_SHARES = ("infinite_share", "undefined_share")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCell:
    """One value: rounded, with its MCSE ("" where it is exact), and what there is to note of it."""

    value: str
    error: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One estimator, of one estimand under one truth, and what it has at each N."""

    #: whose the line is, by column of performance.csv; empty where that is nobody's
    names: Mapping[str, str]
    #: the same by heading, as a reader sees it
    headings: Mapping[str, str]
    #: None where there is no such condition
    cells: tuple[PaperCell | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTable:
    """A table of estimators × N."""

    #: what all cells have in common, and in which unit they are
    caption: str
    #: headings of the columns that say whose a line is: of those whose values differ
    keys: tuple[str, ...]
    #: what stands above the sample sizes
    head: str
    sizes: tuple[int, ...]
    lines: Sequence[PaperLine]
    #: what the errors, as they are written, and the marks mean: by `ERRORS`
    notes: Mapping[str, tuple[str, ...]]


def paper_table(tables: Mapping[str, pd.DataFrame], measures: Sequence[str], *, simulated: bool = False) -> PaperTable:
    """The values of some measures in a run's tables; `simulated`: also where the exact value is known.

    ScenarioError where these results have no such measure.
    """
    entries = _entries(tables, measures)
    by_line: dict[tuple[str, ...], dict[int, PaperCell]] = {}
    for entry in entries:
        names = tuple(_text(entry[column]) for column in NAMES)
        by_line.setdefault(names, {})[int(entry["sample_size"])] = _cell(entry, simulated=simulated)
    sizes = tuple(sorted({size for cells in by_line.values() for size in cells}))
    order = [list(dict.fromkeys(names[i] for names in by_line)) for i, _ in enumerate(NAMES)]
    lines = [
        PaperLine(
            names=dict(zip(NAMES, names, strict=True)),
            headings=_headings(dict(zip(NAMES, names, strict=True))),
            cells=tuple(by_line[names].get(size) for size in sizes),
        )
        for names in sorted(by_line, key=lambda names: [of.index(name) for of, name in zip(order, names, strict=True)])
    ]
    values = {key: list(dict.fromkeys(line.headings[key] for line in lines)) for key in _HEADINGS}
    measure = values["measure"]
    return PaperTable(
        caption=_caption(values, lines, _text(entries[0].get("drawn_from")) if entries else ""),
        keys=tuple(key for key in _HEADINGS if len(values[key]) > 1 or key in _ALWAYS),
        head=f"{measure[0]} at N" if len(measure) == 1 else "N",
        sizes=sizes,
        lines=lines,
        notes={how: tuple(_notes(entries, how, simulated=simulated)) for how in ERRORS},
    )


def _entries(tables: Mapping[str, pd.DataFrame], measures: Sequence[str]) -> list[dict[Any, Any]]:
    """The rows of performance.csv for these measures, in the order asked for, with what the cells need besides."""
    rows, summary = tables["performance"], tables["summary"]
    key = ["condition", "estimand", "estimator"]
    for problem in filter(None, (unknown_measure(rows, name) for name in measures)):
        raise ScenarioError([problem])
    asked = rows[rows["measure"].isin(measures)].sort_values(
        "measure", key=lambda column: column.map(list(measures).index), kind="stable"
    )
    shares = rows[rows["measure"].isin(_SHARES)]
    shares = shares.assign(lost=shares["exact"].fillna(shares["value"]))[[*key, "lost"]]
    lost = shares.groupby(key, as_index=False).sum()
    asked = asked.merge(summary[[*key, "true_value", "replicates"]], on=key, how="left").merge(lost, on=key, how="left")
    entries: list[dict[Any, Any]] = asked.to_dict("records")
    return entries


def unknown_measure(rows: pd.DataFrame, name: object) -> str:
    """Why there is no such measure in the rows of performance.csv; empty where there is."""
    there = list(dict.fromkeys(rows["measure"]))
    if name in there:
        return ""
    if isinstance(name, str) and name in MEASURES:
        kind = "'intervals'" if MEASURES[name].of_interval else f"'measures: {name}'"
        return f"these results have no {name}; run the scenario with {kind}"
    return did_you_mean("measure", name, there)


def _text(value: object) -> str:
    return "" if str(value) in ("None", "nan", "<NA>") else str(value)


def _headings(names: Mapping[str, str]) -> dict[str, str]:
    """Whose a line is, as a reader sees it: symbols of estimands, a measure with its unit."""
    measure, unit, size = names["measure"], names["unit"], names["model_sample_size"]
    title = MEASURES[measure].title if measure in MEASURES else measure.replace("_", " ")
    try:
        symbol = symbol_of(names["estimand"])
    except ValueError:  # of a plug-in that is not here
        symbol = names["estimand"]
    return {
        "measure": title if unit == "1" else f"{title} [{unit}]",
        "estimand": symbol,
        "P": names["truth"],
        "Q": names["model"],
        "M": f"{int(size):,}" if size else "",
        "estimator": names["estimator"],
        "interval": names["interval"],
    }


def _cell(entry: Mapping[str, Any], *, simulated: bool) -> PaperCell:
    mark = FAILED * _fails(entry) + FEW * (_few(entry) and not _exact(entry, simulated=simulated))
    value, error = _shown(entry, simulated=simulated), entry["mcse"]
    size = abs(entry["true_value"]) if math.isfinite(entry["true_value"]) else 0.0
    if _exact(entry, simulated=simulated) or math.isnan(value):
        signed = entry["measure"] in _MAY_CANCEL
        return PaperCell(value=exact_figure(without_rounding(value, size) if signed else value), mark=mark)
    if _bounded(entry):
        return PaperCell(value=_beyond(value, entry["bound"]), error="–", mark=mark)
    if not error > 0:  # all estimates are the same: what is left of an error is roundings
        return PaperCell(value=exact_figure(without_rounding(value, size)), error="–", mark=mark)
    shown, mcse = value_and_error(Measured(value=value, mcse=error))
    return PaperCell(value=shown, error=mcse or "–", mark=mark)


def _shown(entry: Mapping[str, Any], *, simulated: bool) -> float:
    """The value that is shown."""
    exact = _exact(entry, simulated=simulated) and entry["source"] == "monte_carlo"
    return float(entry["exact" if exact else "value"])


def _exact(entry: Mapping[str, Any], *, simulated: bool) -> bool:
    """Whether the exact value is shown."""
    return bool(entry["source"] == "exact" or (not simulated and not math.isnan(entry["exact"])))


def _bounded(entry: Mapping[str, Any]) -> bool:
    return entry["value"] in (0, 1) and math.isfinite(entry["bound"])


def _fails(entry: Mapping[str, Any]) -> bool:
    """Whether some estimates are infinite or undefined, and the measure does not say so itself."""
    of_estimates = not _text(entry["interval"])
    return bool(of_estimates and entry["measure"] not in _SHARES and entry["lost"] > 0)


def _few(entry: Mapping[str, Any]) -> bool:
    return bool(entry["mcse"] > 0 and are_few(entry["events"], entry["replicates"]))


def _beyond(share: float, bound: float) -> str:
    """A share that none of the replicates or all of them had, as its 95 % bound."""
    distance = abs(bound - share)
    digits = -math.floor(math.log10(distance))
    rounded_up = math.ceil(round(distance * 10**digits, 9)) / 10**digits
    return f"< {figure(rounded_up)}" if share == 0 else f"> {1 - rounded_up:.{digits}f}"


def exact_figure(value: float) -> str:
    """An exact value to four significant digits, or as many more as it takes not to look like 1."""
    if value == 0 or not abs(value) < 10**DIGITS:
        return figure(value)
    digits = DIGITS
    while abs(float(f"{value:.{digits}g}")) == 1 != abs(value) and digits < MAX_DIGITS:
        digits += 1
    return f"{value:#.{digits}g}".removesuffix(".").replace("-", "−")


def _caption(values: Mapping[str, Sequence[str]], lines: Sequence[PaperLine], drawn_from: str) -> str:
    """What is measured, and what is the same in all lines."""
    common = {key: texts[0] for key, texts in values.items() if len(texts) == 1 and texts[0]}
    if not any(map(_needs_model, {line.names["estimand"] for line in lines})):
        common.pop("Q", None)
    what = joined(dict.fromkeys(_without_ambiguous_unit(heading, values["measure"]) for heading in values["measure"]))
    text = f"{what[0].upper()}{what[1:]} of estimators"
    text += f" of {common['estimand']}" if "estimand" in common else ""
    if all(line.names["interval"] for line in lines):
        text = text.replace(" of estimators", " of intervals around estimators", 1)
        text += f" ({common['interval']})" if "interval" in common else ""
    places = [f"{key} = {common[key]}" for key in ("P", "Q", "M") if key in common]
    places += [f"drawn from O = {drawn_from}"] if drawn_from else []
    return "; ".join([text, ", ".join(places)] if places else [text]) + "."


def _without_ambiguous_unit(heading: str, headings: Sequence[str]) -> str:
    """A measure with its unit, if that is the same for all estimands of the table."""
    title = heading.partition(" [")[0]
    return heading if sum(other.partition(" [")[0] == title for other in headings) == 1 else title


def _needs_model(label: str) -> bool:
    try:
        return estimand_of(label).needs_model
    except ValueError:  # of a plug-in that is not here
        return True


def _notes(entries: Sequence[Mapping[str, Any]], how: str, *, simulated: bool) -> Iterator[str]:
    """What the errors, their absence and the marks mean, of those that there are."""
    there = [entry for entry in entries if not math.isnan(_shown(entry, simulated=simulated))]
    drawn = [entry for entry in there if not _exact(entry, simulated=simulated)]
    taken = sorted({int(entry["replicates"]) for entry in drawn if entry["replicates"] == entry["replicates"]})
    if drawn:
        yield from _errors(taken, how, exact=len(drawn) < len(there))
    elif there:
        yield "All values are exact."
    if how != "none" and any(not entry["mcse"] > 0 for entry in drawn):
        yield f"{'(–)' if how == 'parentheses' else '± –'}: the same in all replicates, so there is no standard error."
    if len(there) < len(entries):
        yield "–: undefined."
    if any(map(_bounded, drawn)):
        yield "< and >: none or all of the replicates; the number is a 95 % bound."
    if any(map(_fails, entries)):
        yield _of_the_others([entry["lost"] for entry in entries if _fails(entry)])
    if any(map(_few, drawn)):
        yield f"{FEW} The standard error rests on fewer than {FEW_EVENTS} rare events and may be much too small."


def _of_the_others(lost: Sequence[float]) -> str:
    """What the mark says, of the shares of estimates that are infinite or undefined where there are some."""
    some = [one for one in lost if one < 1]
    if not some:
        return f"{FAILED} All estimates are infinite or undefined, so there is no value."
    every = "; where all are, there is no value" if len(some) < len(lost) else ""
    share = percent(max(some))
    return f"{FAILED} Some estimates are infinite or undefined, up to {share}; the value is of the others{every}."


def _errors(taken: Sequence[int], how: str, *, exact: bool) -> Iterator[str]:
    """How standard errors are written, from how many replicates, and whether the other values are exact."""
    span = counted(taken[0], "replicate") if len(taken) == 1 else f"{taken[0]:,} to {taken[-1]:,} replicates"
    errors, others = (text.format(span) for text in ERRORS[how])
    if how == "none":
        yield errors + (others if exact else ".")
    else:
        yield from [errors, others] if exact else [errors]
