"""What there is to choose from: listings, cards, and a scenario to start from."""

import itertools
import tracemalloc
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from threadpoolctl import threadpool_limits

from mcdiv.core.catalogue import unknown
from mcdiv.core.distributions import FAMILIES
from mcdiv.core.domains import Parameter
from mcdiv.core.outcomes import block_size
from mcdiv.edges import scenario_file, store
from mcdiv.estimators.contract import ESTIMANDS, Estimator, entries_of, names
from mcdiv.study.engine import run_block
from mcdiv.study.errors import ScenarioError
from mcdiv.study.plan import (
    Block,
    blocks_of,
    can_enumerate,
    conditions_of,
    most_replicates,
    outcome_entries,
    tasks_of,
)
from mcdiv.study.scenario import Scenario, is_name

#: when a cost is told, no fewer draws stand for a block, and more where they take less than this many seconds
FEWEST_DRAWS, SHORTEST = 100, 0.05

_ESTIMANDS = {
    "entropy": ("H(P) = −Σ p ln p", "the uncertainty of P itself, whatever the model"),
    "cross_entropy": (
        "H(P, Q) = −Σ p ln q",
        "the average surprisal of draws from P under Q: the loss of classification",
    ),
    "kl_divergence": ("KL(P‖Q) = Σ p ln(p/q)", "what Q costs beyond H(P); samples from P, H(P, Q) = KL(P‖Q) + H(P)"),
    "js_divergence": ("JS(P, Q) = H((P+Q)/2) − (H(P) + H(Q))/2", "symmetric, finite, at most ln 2; SciPy has its root"),
    "jeffreys_divergence": ("J(P, Q) = KL(P‖Q) + KL(Q‖P)", "symmetric; the drift monitor's population stability index"),
}
DESIGNS = {
    "sample": "from counts",
    "model_known": "with Q known",
    "model_sampled": "with Q sampled",
    "pmfs_known": "with P and Q known",
}


def listing(what: str) -> list[dict[str, str]]:
    """A record for each estimator, distribution, estimand, scenario or plot."""
    if what == "estimators":
        return [_estimator_line(name) for name in names()]
    if what == "distributions":
        return [
            {"name": f.name, "parameters": parameters_text(f.parameters), "about": f.summary} for f in FAMILIES.values()
        ]
    if what == "estimands":
        return [{"name": name, "definition": _ESTIMANDS[name][0], "about": _ESTIMANDS[name][1]} for name in ESTIMANDS]
    if what == "scenarios":
        return [_scenario_line(name, path) for name, path in store.shipped_scenarios().items()]
    from mcdiv.edges.plots import PLOTS

    return [{"name": name, "about": _first_line(PLOTS[name])} for name in PLOTS]


def card(name: str) -> dict[str, str]:
    """All there is to say of one name, heading by heading; ScenarioError if nothing is called that."""
    if entries_of(name):
        return _estimator_card(name)
    if name in FAMILIES:
        family = FAMILIES[name]
        return {
            "distribution": name,
            "about": family.summary,
            "parameters": parameters_text(family.parameters) or "none",
        }
    if name in ESTIMANDS:
        return {"estimand": name, "definition": _ESTIMANDS[name][0], "about": _ESTIMANDS[name][1]}
    shipped = store.shipped_scenarios()
    if name in shipped:
        text = store.read_text(shipped[name].parent, shipped[name].name)
        return {"scenario": name, "file": str(shipped[name]), "text": text.rstrip()}
    raise ScenarioError([unknown("name", name, [*names(), *FAMILIES, *ESTIMANDS, *shipped])])


def describe(scenario: Scenario) -> str:
    """What running it means, in one line."""
    conditions, tasks = conditions_of(scenario), tasks_of(scenario)
    listed = sum(can_enumerate(condition) for condition in conditions)
    parts = [f"{len(conditions)} conditions × {len(tasks)} estimators of {len(scenario.wanted_estimands())} estimands"]
    if listed:
        parts.append(f"{listed} by listing all outcomes")
    if len(conditions) > listed and scenario.mode != "exact":
        most = most_replicates(scenario)
        blocks = sum(-(-most // block_size(len(c.truth.pmf()))) for c in conditions if not can_enumerate(c))
        each = f"{most:,} draws each" if isinstance(scenario.replicates, int) else f"up to {most:,} draws each"
        parts.append(f"{len(conditions) - listed} by {each} ({blocks} blocks)")
    return ", ".join(parts)


def cost(scenario: Scenario) -> str:
    """About how long it takes, and how much memory a worker needs, from the smallest and largest conditions."""
    first = [block for c in conditions_of(scenario) for block in itertools.islice(blocks_of(scenario, c, 0), 2)]
    seconds, largest = 0.0, 0.0
    for kind in dict.fromkeys(block.kind for block in first):
        blocks = sorted((block for block in first if block.kind == kind), key=_work)
        if kind == "linearity":  # one in the middle stands for all: a check should not take as long as the run
            blocks = [blocks[len(blocks) // 2]] * len(blocks)
        low, high = _work(blocks[0]), _work(blocks[-1])
        trials = [_trial(blocks[0])] * 2 if low == high else [_trial(blocks[0]), _trial(blocks[-1])]
        # In between as their size is in between.
        spans = [(_work(block) - low) / (high - low) if high > low else 0.0 for block in blocks]
        each = sum(trials[0][0] * (1 - span) + trials[1][0] * span for span in spans)
        seconds += each * (most_replicates(scenario) if kind == "draws" else 1)
        largest = max(largest, trials[1][1])
    at_most = "at most about" if not isinstance(scenario.replicates, int) else "about"
    return f"{at_most} {_duration(seconds)} on one core, {max(1, round(largest / 2**20)):,} MB for each worker"


def _work(block: Block) -> float:
    """What the time of blocks of one kind grows with."""
    condition = block.condition
    if block.kind == "enumeration":
        return outcome_entries(condition)
    return float(len(condition.truth.pmf()) + condition.sample_size + (condition.model_sample_size or 0))


def _trial(block: Block) -> tuple[float, float]:
    """Seconds of a block (of each draw, where it draws) and its memory; as few draws stand for it as can be timed."""
    draws = block.kind == "draws"
    drawn = min(block.replicates, FEWEST_DRAWS) if draws else block.replicates
    while True:
        seconds, memory = _timed(replace(block, replicates=drawn))
        if not draws:
            return seconds, memory
        if seconds > SHORTEST or drawn == block.replicates:
            return seconds / drawn, memory * block.replicates / drawn
        drawn = min(block.replicates, 4 * drawn)


def _timed(block: Block) -> tuple[float, float]:
    started = perf_counter()
    with threadpool_limits(1):
        run_block(block)
    seconds = perf_counter() - started
    if block.kind == "linearity":  # takes the longest, and less memory than the others
        return seconds, 0.0
    tracemalloc.start()  # only now: it costs time
    try:
        run_block(block)
        return seconds, float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


def _duration(seconds: float) -> str:
    """A time as one says it: 0.3 s, 40 s, 3 min, 2 h, 5 days."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0.1):.1g} s" if seconds < 10 else f"{seconds:.0f} s"


def new_scenario(path: str, source: str | None) -> Path:
    """Write a shipped scenario, renamed, as a file to start from."""
    target = Path(path) if Path(path).suffix in (".yaml", ".yml") else Path(f"{path}.yaml")
    shipped = store.shipped_scenarios()
    if (source or "fair") not in shipped:
        raise ScenarioError([unknown("scenario", source or "fair", shipped)])
    if not is_name(target.stem):
        raise ScenarioError(
            [f"{path}: a scenario's name has letters, digits, '.', '_' and '-', a letter or digit first"]
        )
    text = store.read_text(shipped[source or "fair"].parent, shipped[source or "fair"].name)
    lines = [f"name: '{target.stem}'" if line.startswith("name:") else line for line in text.split("\n")]
    store.write_new(target, "\n".join(lines))
    return target


def _estimator_line(name: str) -> dict[str, str]:
    entries = entries_of(name)
    by_estimand: dict[str, list[str]] = {}
    for entry in entries:
        by_estimand.setdefault(entry.estimand, []).append(DESIGNS[entry.design])
    estimates = "; ".join(f"{e} {' or '.join(designs)}" for e, designs in by_estimand.items())
    return {
        "name": name,
        "estimates": estimates,
        "parameters": parameters_text(entries[0].parameters),
        "about": entries[0].card.summary,
    }


def _estimator_card(name: str) -> dict[str, str]:
    cards = list({entry.card: entry for entry in entries_of(name)}.values())
    first = cards[0]
    found = {"estimator": name, "about": first.card.summary, **_headings(first)}
    for other in cards[1:]:
        found[f"{other.estimand} {DESIGNS[other.design]}"] = other.card.summary
        found |= {f"  {key}": text for key, text in _headings(other).items()}
    found["parameters"] = parameters_text(first.parameters) or "none"
    found["estimates"] = _estimator_line(name)["estimates"]
    found["claims"] = "; ".join(sorted(law.value for law in first.laws)) or "none"
    found["anchors"] = "\n".join(
        f"{entry.estimand} of {list(a.counts)} = {a.value:.12g} nats ({a.origin})"
        for entry in entries_of(name)
        for a in entry.anchors
    )
    found["file"] = f"{first.module.replace('.', '/')}.py"
    return found


def _headings(entry: Estimator) -> dict[str, str]:
    return {"formula": entry.card.formula, "valid": entry.card.valid, "source": entry.card.source}


def parameters_text(parameters: dict[str, Parameter]) -> str:
    """Parameters with what each may be, in one line."""
    return ", ".join(
        f"{p.name}: {p.domain.expected}" + ("" if p.required else f" (default {p.default})")
        for p in parameters.values()
    )


def _scenario_line(name: str, path: Path) -> dict[str, str]:
    values: dict[str, Any] = scenario_file.read_file(path).values
    return {"name": name, "title": str(values.get("title", "")), "question": str(values.get("question", ""))}


def _first_line(function: object) -> str:
    return (function.__doc__ or "").split("\n")[0]
