"""What there is to choose from, as records: listings and cards."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mcdiv.core.cards import Card
from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.distributions import FAMILIES, text_of
from mcdiv.core.domains import Parameter
from mcdiv.core.pictures import PLOTS
from mcdiv.diagnosis.contract import SLIPS, SlipSummary, slip_summary
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.estimators.entry import Estimator, ReferenceValue
from mcdiv.estimators.registry import entries_of, is_plugged_in, names
from mcdiv.files import counts, disk, yaml_text
from mcdiv.files.counts import READERS, USUAL, Reader
from mcdiv.files.shipped import shipped_data, shipped_scenarios
from mcdiv.intervals.contract import INTERVALS, Interval
from mcdiv.measures.contract import BEST, MEASURES, Measure

DESIGNS = {
    "sample": "from counts",
    "model_known": "with Q known",
    "model_sampled": "with Q sampled",
    "pmfs_known": "with P and Q known",
}


def listing(what: str) -> list[dict[str, str]]:
    """A record for each entry of a kind, such as "estimators"."""
    return LISTINGS[what]()


def card(name: str) -> dict[str, str]:
    """All there is to say of one name, heading by heading; ScenarioError if nothing is called that."""
    parts = _card(name)
    if name in SLIPS:
        of_slip = _slip_card(slip_summary(name))
        # An estimand, such as entropy, may be what was computed in place of KL.
        parts |= {f"as slip, {key}": text for key, text in of_slip.items()} if parts else of_slip
    if not parts:
        there = [*names(), *INTERVALS, *FAMILIES, *ESTIMANDS, *MEASURES, *READERS, *PLOTS, *shipped_scenarios(), *SLIPS]
        raise ScenarioError([did_you_mean("name", name, there)])
    return parts


def _card(name: str) -> dict[str, str]:
    """The same of all but slips; empty where nothing is called that."""
    if entries_of(name):
        parts = _estimator_card(name)
        if name in INTERVALS:  # a posterior gives both
            parts |= {f"as interval, {key}": text for key, text in _interval_card(INTERVALS[name]).items()}
        return parts
    if name in INTERVALS:
        return _interval_card(INTERVALS[name])
    if name in ESTIMANDS:
        return estimand_card(name)
    if name in READERS:
        return reader_card(name)
    shipped = shipped_scenarios()
    parts = distribution_card(name) if name in FAMILIES else {}
    if name in shipped:  # zipf is both
        text = disk.read_text(shipped[name].parent, shipped[name].name)
        parts |= {"scenario": name, "file": str(shipped[name]), "text": text.rstrip()}
    if name in MEASURES:
        of_measure = _measure_card(MEASURES[name])
        # A shipped scenario is called coverage too.
        parts |= {f"as measure, {key}": text for key, text in of_measure.items()} if parts else of_measure
    if not parts and name in PLOTS:
        parts = picture_card(name)
    return parts


def _estimand(name: str) -> dict[str, str]:
    return {"definition": ESTIMANDS[name].card.formula, "about": ESTIMANDS[name].card.summary}


def estimand_card(name: str) -> dict[str, str]:
    """An estimand, heading by heading."""
    entry = ESTIMANDS[name]
    rest = {"symbol": entry.symbol, "valid": entry.card.valid, "source": entry.card.source}
    rest["parameters"] = parameters_text(entry.parameters) or "none"
    rest["unit"] = "nats, bits or bans" if entry.unit_power else "none"
    rest |= {"needs": "a joint alphabet: categories that are pairs (X, Y)"} if entry.needs_joint else {}
    return {"estimand": name, **_estimand(name), **rest, "file": _file_of(entry.module)}


def _reader(entry: Reader) -> dict[str, str]:
    suffixes = " ".join(entry.suffixes) + " and all others" * (entry.name == USUAL)
    return {"name": entry.name, "suffixes": suffixes, "about": entry.summary}


def reader_card(name: str) -> dict[str, str]:
    """What a reader reads, and which files."""
    line = _reader(READERS[name])
    return {"reader": line.pop("name"), **line, "file": _file_of(READERS[name].module)}


def _plots() -> list[dict[str, str]]:
    from mcdiv.results.plots import catalogue

    return [{"name": picture.name, "about": picture.caption} for picture in catalogue().values()]


def _measure_line(entry: Measure) -> dict[str, str]:
    subject = "intervals" if entry.of_interval else "estimators"
    asked = "always" if entry.usual else "asked for by 'measures'"
    return {"name": entry.name, "of": subject, "there": asked, "about": entry.card.summary}


def unit_text(entry: Measure) -> str:
    """The unit of a measure, in words."""
    if entry.percent:
        return "per cent"
    return {0: "none", 1: "that of the estimand", 2: "that of the estimand, squared"}[entry.unit_power]


def _measure_card(entry: Measure) -> dict[str, str]:
    head = {"measure": entry.name, "about": entry.card.summary, **_headings(entry), "mcse": entry.card.more["MCSE"]}
    rest = {key: text for key, text in _measure_line(entry).items() if key in ("of", "there")}
    return head | {"unit": unit_text(entry), "at its best": BEST[entry.best], **rest, "file": _file_of(entry.module)}


def _chosen(name: str, parameters: dict[str, Parameter], about: str) -> dict[str, str]:
    return {"name": name, "parameters": parameters_text(parameters), "about": about}


def _estimator_line(name: str) -> dict[str, str]:
    entries = entries_of(name)
    return {
        "name": name,
        "estimates": estimates_text(entries),
        "parameters": parameters_text(entries[0].parameters),
        "about": entries[0].card.summary,
    }


def distribution_card(name: str) -> dict[str, str]:
    """A distribution and its parameters."""
    family = FAMILIES[name]
    return {
        "distribution": name,
        "about": family.summary,
        "parameters": parameters_text(family.parameters) or "none",
        "file": _file_of(family.rule.__module__),
    }


def picture_card(name: str) -> dict[str, str]:
    """What a picture shows."""
    from mcdiv.results.plots import catalogue

    picture = catalogue()[name]
    drawn = {} if picture.usual else {"drawn": "only where 'plots' of a scenario or 'mcdiv plot' names it"}
    measures = {"measure": f"{picture.measure}, or any other that is asked for"} if picture.measure else {}
    return {"picture": name, "about": picture.caption, **measures, **drawn, "file": _file_of(picture.module)}


def estimates_text(entries: Sequence[Estimator]) -> str:
    """What an estimator estimates, and from which samples."""
    by_estimand: dict[str, list[str]] = {}
    for entry in entries:
        if not is_plugged_in(entry) and entry.entropies is None:
            by_estimand.setdefault(entry.estimand, []).append(DESIGNS[entry.design])
    named = "; ".join(f"{e} {' or '.join(designs)}" for e, designs in by_estimand.items())
    rest = "; all other estimands, at its pmf" if any(map(is_plugged_in, entries)) else ""
    joint = "; sums of entropies of pairs" if any(entry.entropies for entry in entries) else ""
    return named + rest + joint


def _estimator_card(name: str) -> dict[str, str]:
    by_card: dict[Card, Estimator] = {}
    for entry in entries_of(name):
        by_card.setdefault(entry.card, entry)
    first, *others = by_card.values()
    parts = {"estimator": name, "about": first.card.summary, **_headings(first)}
    for other in others:
        subject = f"{other.estimand} {DESIGNS[other.design]}"
        parts[subject] = other.card.summary
        parts |= {f"{subject}, {key}": text for key, text in _headings(other).items()}
    parts["parameters"] = parameters_text(first.parameters) or "none"
    parts["estimates"] = _estimator_line(name)["estimates"]
    parts["claims"] = _claims(entries_of(name))
    parts["anchors"] = "\n".join(
        f"{entry.estimand} of {list(a.counts)}{_besides(a)} = {a.value:.12g} nats ({a.origin})"
        for entry in entries_of(name)
        for a in entry.reference_values
    )
    if left_out := dict.fromkeys(part for entry in entries_of(name) for part in entry.left_out):
        parts["left out"] = ", ".join(left_out)
    parts["file"] = _file_of(first.module)
    return parts


def _claims(entries: Sequence[Estimator]) -> str:
    """What is claimed of each estimand: a bound of the entropy is none of a divergence."""
    by_claims: dict[str, dict[str, list[str]]] = {}
    for entry in entries:
        claims = "; ".join(sorted(kept.value for kept in entry.properties)) or "none"
        by_claims.setdefault(claims, {}).setdefault(entry.estimand, []).append(DESIGNS[entry.design])
    if len(by_claims) == 1:
        return next(iter(by_claims))
    lines = {claims: (f"{e} {' or '.join(designs)}" for e, designs in of.items()) for claims, of in by_claims.items()}
    return "\n".join(f"{', '.join(subjects)}: {claims}" for claims, subjects in lines.items())


def _besides(reference: ReferenceValue) -> str:
    """What a reference value rests on besides the counts."""
    given = {"model counts": reference.counts_q, "Q": reference.q, "P": reference.p}
    told = [f"{name} {list(values)}" for name, values in given.items() if values is not None]
    told += [f"{name} {value}" for name, value in reference.parameters]
    return f" with {', '.join(told)}" if told else ""


def _interval_card(entry: Interval) -> dict[str, str]:
    parts = {"interval": entry.name, "about": entry.card.summary, **_headings(entry), "around": centre_text(entry)}
    parts["parameters"] = parameters_text(entry.parameters) or "none"
    offered: dict[str, list[str]] = {}
    for estimand, design in entry.pairs():
        offered.setdefault(estimand, []).append(DESIGNS[design])
    parts["for"] = "; ".join(f"{estimand} {' or '.join(designs)}" for estimand, designs in offered.items())
    if entry.caution:
        parts["caution"] = entry.caution
    parts["file"] = _file_of(entry.module)
    return parts


def centre_text(entry: Interval) -> str:
    """What an interval is built around; one that brings its own estimator has plugin where that is not offered."""
    if entry.fixed_estimator is None:
        return "any estimator"
    both = any(entry.center_estimator(estimand, design) != entry.fixed_estimator for estimand, design in entry.pairs())
    return f"the estimator {entry.fixed_estimator}" + f" (plugin where {entry.fixed_estimator} has no estimate)" * both


def _file_of(module: str) -> str:
    """Where a module is: below ours by its name, one from outside by its path."""
    if module.startswith("mcdiv."):
        return f"{module.replace('.', '/')}.py"
    return getattr(sys.modules.get(module), "__file__", None) or module


def _headings(entry: Estimator | Interval | Measure) -> dict[str, str]:
    return {"formula": entry.card.formula, "valid": entry.card.valid, "source": entry.card.source}


def parameters_text(parameters: dict[str, Parameter]) -> str:
    """Parameters with what each may be, in one line."""
    return ", ".join(
        f"{p.name}: {p.domain.expected}" + ("" if p.required else f" (default {_default(p)})")
        for p in parameters.values()
    )


def _default(parameter: Parameter) -> str:
    value = parameter.default
    if isinstance(value, tuple):
        return text_of(value)
    return str(value) or "none"


def _slip_line(slip: SlipSummary) -> dict[str, str]:
    return {"name": slip.name, "formula": slip.formula, "about": slip.card.summary, "fix": slip.card.more["Mend"]}


def _slip_card(slip: SlipSummary) -> dict[str, str]:
    line = _slip_line(slip)
    head = {"slip": line.pop("name"), "about": line.pop("about"), "formula": line.pop("formula")}
    rest = {"matters for": slip.card.valid, **line, "source": slip.card.source}
    tried = {"tried": slip.tried_text} if slip.tried else {}
    return {**head, **rest, **tried, "file": _file_of(SLIPS[slip.name][0].rule.__module__)}


def _scenario_line(name: str, path: Path) -> dict[str, str]:
    values: dict[str, Any] = yaml_text.read_file(path).values
    return {"name": name, "title": str(values.get("title", "")), "question": str(values.get("question", ""))}


LISTINGS: dict[str, Callable[[], list[dict[str, str]]]] = {
    "estimators": lambda: [_estimator_line(name) for name in names()],
    "intervals": lambda: [_chosen(i.name, i.parameters, i.card.summary) for i in INTERVALS.values()],
    "distributions": lambda: [_chosen(f.name, f.parameters, f.summary) for f in FAMILIES.values()],
    "estimands": lambda: [{"name": name, **_estimand(name)} for name in ESTIMANDS],
    "measures": lambda: [_measure_line(entry) for entry in MEASURES.values()],
    "scenarios": lambda: [_scenario_line(name, path) for name, path in shipped_scenarios().items()],
    "data": lambda: [{"name": n, "about": counts.title_of(path)} for n, path in shipped_data().items()],
    "readers": lambda: [_reader(entry) for entry in READERS.values()],
    "plots": _plots,
    "slips": lambda: [_slip_line(slip_summary(name)) for name in SLIPS],
}
