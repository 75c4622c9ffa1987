"""The pages made from the cards: estimators, intervals and measures."""

import json
from pathlib import Path

import numpy as np

from making.edge_coverage import edge_coverage_section
from mcdiv.api.cards import centre_text, estimates_text, parameters_text, unit_text
from mcdiv.api.exact_performance import exact_performance
from mcdiv.core.families.named import zipf
from mcdiv.core.outcomes import stream
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.estimators.entry import Estimator
from mcdiv.estimators.registry import entries_of, names
from mcdiv.intervals.contract import INTERVALS, Interval
from mcdiv.measures.contract import BEST, MEASURES, Measure
from mcdiv.observed.uncertainty import interval
from mcdiv.results.loading import load
from mcdiv.results.run import run

REFERENCE = Path(__file__).parents[2] / "tests" / "reference" / "estimators.json"
#: truths (a coin, a die) and sample sizes of the small grid of exact biases
GRID = [((0.5, 0.5), 10), ((0.5, 0.5), 50), ((0.9, 0.1), 10), ((0.9, 0.1), 50), ((1 / 6,) * 6, 10)]
#: how often intervals exclude their own estimate: samples, resamples and sample sizes
SAMPLES, RESAMPLES, EXCLUDED_SIZES = 50, 399, (50, 100, 200, 1000)

HEAD = """# The estimators

Made from the cards in `mcdiv/estimators/` by `python docs/generate.py`; values in nats. n_k counts, N = Σ n_k, K
categories (seen or not), S of them seen, f_r seen r times, p̂_k = n_k/N, ψ the digamma function. With the model known,
every entropy estimator also estimates KL(P‖Q) as ĈE − Ĥ, with the same bias, its sign turned. Of pairs (X, Y) it also
estimates the mutual information as Ĥ(X) + Ĥ(Y) − Ĥ(X, Y), and every other sum of entropies, each from its own counts.
"""

INTERVALS_HEAD = """# The intervals

Made from the cards in `mcdiv/intervals/` by `python docs/generate.py`. z is a normal quantile, a a tail of the level
asked for, θ̂ the estimate, θ* what a resample gives. Every interval is a fixed function of the counts: what is random in
it starts from its parameter `seed`. One that is undefined for a sample counts as a miss.
"""


MEASURES_HEAD = """# The performance measures

Made from the cards in `mcdiv/measures/` by `python docs/generate.py`. θ is the true value, θ̂ an estimate, R the number
of replicates; E, Var, P, Q and med are over samples. Those that not every study has are asked for by a scenario's key
`measures`, or by a check, a plot or `until` that names them.
"""


def estimators_page() -> str:
    """The whole page of estimators."""
    return "\n".join([HEAD, _biases(), *(estimator_section(name) for name in names()), _peers()])


def intervals_page() -> str:
    """The whole page of intervals."""
    sections = map(interval_section, INTERVALS.values())
    return "\n".join([INTERVALS_HEAD, _coverages(), edge_coverage_section(), _exclusions(), *sections])


def interval_section(entry: Interval) -> str:
    """What its card says of one interval."""
    card = entry.card
    around = f"{centre_text(entry)}, which it brings along" if entry.fixed_estimator else centre_text(entry)
    lines = [f"## {entry.name}", "", f"{card.summary} Built around {around}.", ""]
    lines += [f"- **Formula:** {card.formula}", f"- **Valid:** {card.valid}", f"- **Source:** {card.source}"]
    if entry.parameters:
        lines.append(f"- **Parameters:** {parameters_text(entry.parameters)}")
    if entry.caution:
        lines.append(f"- **Caution:** {entry.caution}")
    return "\n".join([*lines, ""])


def measures_page() -> str:
    """The whole page of measures."""
    return "\n".join([MEASURES_HEAD, *map(measure_section, MEASURES.values())])


def measure_section(entry: Measure) -> str:
    """What its card says of one measure."""
    card, of = entry.card, "intervals" if entry.of_interval else "estimators"
    about = f"Every study has it of its {of}" if entry.usual else f"A scenario asks for it, of its {of}"
    lines = [f"## {entry.name}", "", f"{card.summary} {about}.", ""]
    lines += [f"- **Formula:** {card.formula}", f"- **Valid:** {card.valid}", f"- **MCSE:** {card.more['MCSE']}"]
    lines += [f"- **Source:** {card.source}", f"- **Unit:** {unit_text(entry)}"]
    return "\n".join([*lines, f"- **At its best:** {BEST[entry.best]}", ""])


def _coverages() -> str:
    """Exact coverage of every interval of the shipped scenario, at each coin and sample size."""
    scenario = load("coverage").model_copy(update={"mode": "exact"})
    rows = run(scenario).intervals
    sizes = scenario.sample_sizes
    lines = [
        "## Exact coverage",
        "",
        "Of intervals meant to cover 95 %, around the plug-in where they bring no estimator along: the shipped",
        "scenario `coverage`, computed without simulation.",
        "",
        f"| truth | interval | {' | '.join(f'N = {size}' for size in sizes)} |",
        f"|---|---|{'---|' * len(sizes)}",
    ]
    for truth in dict.fromkeys(row.condition.truth.label for row in rows):
        for name in dict.fromkeys(row.interval for row in rows):
            mine = [row for row in rows if row.condition.truth.label == truth and row.interval == name]
            cells = " | ".join(f"{row.exact['coverage']:.4f}" for row in mine)
            lines.append(f"| {truth} | {name} | {cells} |")
    return "\n".join([*lines, ""])


def _exclusions() -> str:
    """How often a bootstrap interval excludes the estimate that it is built around."""
    lines = [
        "## Intervals that exclude their own estimate",
        "",
        f"Share of {SAMPLES} samples from Zipf's law over 100 categories ({RESAMPLES} resamples, fixed seed); in",
        "brackets, where the interval is undefined. Resamples lack categories that were seen once, so an estimator can",
        "be far lower, or higher, on all of them. The jackknife and delta intervals are centred on the estimate.",
        "",
        f"| interval | estimator | {' | '.join(f'N = {size}' for size in EXCLUDED_SIZES)} |",
        f"|---|---|{'---:|' * len(EXCLUDED_SIZES)}",
    ]
    for method in ("bootstrap_basic", "bootstrap_bca"):
        for name in ("plugin", "miller_madow", "chao_shen"):
            cells = " | ".join(_excluded(method, name, size) for size in EXCLUDED_SIZES)
            lines.append(f"| {method} | {name} | {cells} |")
    return "\n".join([*lines, ""])


def _excluded(method: str, name: str, size: int) -> str:
    counts = stream(1, size).multinomial(size, zipf(100), size=SAMPLES)
    found = interval("entropy", counts, method=method, estimator=name, resamples=RESAMPLES)
    excluded = ((found.low > found.estimate) | (found.high < found.estimate)).mean()
    undefined = np.isnan(found.low).mean()
    return f"{excluded:.0%}" + (f" ({undefined:.0%})" if undefined else "")


def estimator_section(name: str) -> str:
    """What its cards say of one estimator."""
    entries = entries_of(name)
    lines = [f"## {name}", ""]
    for card in dict.fromkeys(entry.card for entry in entries):
        mine = [entry for entry in entries if entry.card == card]
        lines += [f"{card.summary} Estimates {estimates_text(mine)}.", ""]
        lines += [f"- **Formula:** {card.formula}", f"- **Valid:** {card.valid}", f"- **Source:** {card.source}"]
        if mine[0].parameters:
            lines.append(f"- **Parameters:** {parameters_text(mine[0].parameters)}")
        lines.append("")
    return "\n".join(lines)


def _biases() -> str:
    """Exact biases of the entropy estimators on the grid, by listing all outcomes."""
    head = [f"{'fair coin' if p[0] == 0.5 else 'die' if len(p) > 2 else 'coin 0.9'}, N = {n}" for p, n in GRID]
    lines = ["## Exact bias of the entropy", "", f"| estimator | {' | '.join(head)} |", f"|---|{'---:|' * len(GRID)}"]
    for name in names():
        entry = next((entry for entry in entries_of(name) if entry.estimand == "entropy"), None)
        if entry is not None:
            lines.append(f"| {_label(entry)} | {' | '.join(_bias(entry, p, n) for p, n in GRID)} |")
    note = (
        "Where an estimate can be undefined, the bias is that of the defined ones, with their probability in brackets."
    )
    return "\n".join([*lines, "", note, ""])


def _bias(entry: Estimator, truth: tuple[float, ...], size: int) -> str:
    chosen = {p.name: p.example for p in entry.parameters.values() if p.required}
    found = exact_performance("entropy", estimator=entry.name, truth=truth, sample_size=size, **chosen)
    bias = 0.0 if abs(found.bias) < 5e-6 else found.bias
    share = 1 - found.undefined_share
    return f"{bias:+.5f}" + (f" ({share:.2g})" if share < 1 else "")


def _label(entry: Estimator) -> str:
    return entry.name + "".join(f" ({p.name} = {p.example})" for p in entry.parameters.values() if p.required)


def _peers() -> str:
    """What other packages return for the reference cases where they differ."""
    lines = ["## What other packages return", ""]
    lines += [
        "Cases of the tests where a package of that version differs from 50 digits of the formula.",
        "",
    ]
    lines += ["| estimator | counts | value | elsewhere |", "|---|---|---:|---|"]
    for case in json.loads(REFERENCE.read_text(encoding="utf-8")):
        if case.get("peers_that_differ") and case["estimand"] in ESTIMANDS:
            counts = ", ".join(map(str, case["counts"]))
            other = f" against {', '.join(map(str, case['counts_q']))}" if "counts_q" in case else ""
            alphabet = f", K = {case['alphabet_size']}" if "alphabet_size" in case else ""
            peers = "; ".join(f"{name}: {_short(value)}" for name, value in case["peers_that_differ"].items())
            value = _short(case["expected"])
            lines.append(
                f"| {case['estimator']} of {case['estimand']} | {counts}{other}{alphabet} | {value} | {peers} |"
            )
    return "\n".join(lines) + "\n"


def _short(value: object) -> str:
    try:
        return f"{float(str(value)):.7g}"
    except ValueError:
        return str(value).replace("|", "\\|")
