"""Which estimator here? A study whose truth is the observed counts, smoothed, at the observed sample size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mcdiv.core.alphabets import categories_of
from mcdiv.core.arrays import Counts, Pmf, Shape
from mcdiv.core.families.observed import counts as pmf_of_counts
from mcdiv.core.number_format import for_json
from mcdiv.engine.estimates import estimates_of
from mcdiv.engine.plan import Task
from mcdiv.engine.simulate import Progress
from mcdiv.estimands.contract import estimand_of, scale_of
from mcdiv.estimators.entry import Design, Estimator, Property
from mcdiv.estimators.registry import find, names
from mcdiv.observed.options import checked
from mcdiv.observed.question import Observed
from mcdiv.scenario.choices import Choice
from mcdiv.scenario.model import Scenario

if TYPE_CHECKING:
    from mcdiv.results.study_results import Results

#: too slow to be tried some thousand times without being asked for by name
SLOW = ("bub", "unseen", "pym", "jvhw", "wu_yang")
#: replicates, unless their counts would have more entries than the last number
_MIN_REPLICATES, _MAX_REPLICATES, _MAX_ENTRIES = 1000, 20_000, 2 * 10**7
#: categories of a truth that can be studied within a minute or so
MAX_STUDY_CATEGORIES = 100_000


def advise(observed: Observed, on_progress: Progress | None = None) -> Results:
    """Run the study; nothing is written."""
    from mcdiv.results.run import run

    return run(advice_scenario(observed), on_progress=on_progress)


def advice_or_reason(observed: Observed, on_progress: Progress | None = None) -> tuple[Results | None, str]:
    """The study, or None and why there is none: it would be too large, or its values cannot be trusted."""
    if observed.pmf is not None:
        return None, "it needs the number of draws; --draws says it"
    if observed.order is not None:
        return None, "a study would draw independent blocks, and those of a sequence (--order) overlap"
    if reason := too_large(observed):
        return None, reason
    results = advise(observed, on_progress)
    if any(problem.code == "disagreement" for problem in results.problems):
        from mcdiv.results.words.agreement import disagreement

        return None, disagreement(results.tables["problems"])
    return results, ""


def records(observed: Observed, results: Results) -> list[dict[str, Any]]:
    """The study's summary as records for JSON, with what each estimator makes of the data themselves."""
    here = estimates_here(observed, results)
    pairs = zip(results.records(), results.rows, strict=True)
    return [record | {"estimate": for_json(here[row.task])} for record, row in pairs]


def estimates_here(observed: Observed, results: Results) -> dict[Task, float]:
    """What every estimator of the study makes of the data themselves, in the scenario's units."""
    units = results.scenario.units
    return {
        row.task: float(estimates_of(row.task, observed.sample)[0][0]) / scale_of(row.task.estimand, units)
        for row in results.rows
    }


def too_large(observed: Observed) -> str | None:
    """Why there is no advice here, or None if there is; known before anything of the study is made."""
    categories = categories_of(observed.sample)
    if without_alphabet(observed) and observed.sample.multiplicity is None:
        categories += unseen_categories(observed.sample.counts[0])
    if categories <= MAX_STUDY_CATEGORIES:
        return None
    return (
        f"its study would have {categories:,} categories, seen or not; at most {MAX_STUDY_CATEGORIES:,} are supported"
    )


def advice_scenario(observed: Observed) -> Scenario:
    """The study: its truth has the counts' coverage, and the rest of the probability on categories not seen.

    Without a known alphabet these are as many as Chao (1984) estimates, and only estimators are compared that do not
    ask for the alphabet's size: in the study they would know what nobody knows here.
    """
    counts, scenario, sample = observed.sample.counts[0], observed.scenario, observed.sample
    alone = without_alphabet(observed)
    if alone:
        counts = np.concatenate([counts, np.zeros(unseen_categories(counts), dtype=np.int64)])
    choices = scenario.estimators if observed.named else _usual(scenario)
    if alone:
        choices = tuple(choice for choice in choices if _blind_to_alphabet(scenario, choice)) or scenario.estimators
    mapping = scenario.as_written() | {
        "name": "advice",
        "truth": _smoothed(counts) if sample.shape is None else _smoothed_table(counts, sample.shape),
        "sample_sizes": int(counts.sum()),
        "estimators": [{c.name: dict(c.parameters)} if c.parameters else c.name for c in choices],
        "replicates": max(_MIN_REPLICATES, min(_MAX_REPLICATES, _MAX_ENTRIES // len(counts))),
        "plots": [],
        "seed": 1,
    }
    if sample.q is not None:
        mapping["model"] = {"categorical": {"pmf": sample.q.tolist()}}
    if sample.counts_q is not None:
        mapping |= {"model": _smoothed(sample.counts_q[0]), "model_sample_sizes": int(sample.counts_q.sum())}
    for key in ("intervals", "level"):
        mapping.pop(key, None)
    draws = "--advise, draws in a sample"
    return checked(mapping, truth="--advise: the counts", sample_sizes=draws, model_sample_sizes=draws)


def without_alphabet(observed: Observed) -> bool:
    """Whether the counts are all that is known of the alphabet."""
    return observed.sample.counts_q is None and not observed.alphabet_known


def smoothed_pmf(observed: Observed, times: int) -> Pmf:
    """The truth of the study with so many times as many unseen categories as Chao (1984) estimates."""
    counts = observed.sample.counts[0]
    unseen = np.zeros(times * unseen_categories(counts), dtype=np.int64)
    return pmf_of_counts(np.concatenate([counts, unseen]).tolist(), smoothing="coverage")


def unseen_categories(counts: Counts) -> int:
    """How many categories were not seen, at least: (N−1)/N f₁²/2f₂, or (N−1)/N f₁(f₁−1)/2 if f₂ = 0 (Chao 1984)."""
    draws = int(counts.sum())
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    pairs = once**2 / (2 * twice) if twice else once * (once - 1) / 2
    return math.ceil((draws - 1) / draws * pairs)


def _smoothed(counts: Counts) -> dict[str, object]:
    return {"counts": {"values": counts.tolist(), "smoothing": "coverage", "name": "smoothed"}}


def _smoothed_table(counts: Counts, shape: Shape) -> dict[str, object]:
    """The same as a truth of pairs."""
    mapping = {"schema": 1, "name": "smoothed", "truth": _smoothed(counts), "sample_sizes": 1, "estimators": "plugin"}
    (smoothed,) = checked(mapping, truth="--advise: the counts").truth
    return {"joint": {"pmf": smoothed.pmf().reshape(shape).tolist()}}


def _usual(scenario: Scenario) -> tuple[Choice, ...]:
    """All estimators of what is asked that need no parameter and are quick."""
    able = {name: _entries(scenario, name) for name in names() if name not in SLOW}
    return tuple(
        Choice(name=name)
        for name, found in able.items()
        if found and not any(parameter.required for entry in found for parameter in entry.parameters.values())
    )


def _entries(scenario: Scenario, name: str) -> list[Estimator]:
    """What an estimator's name stands for, for each estimand that is asked for and that it estimates."""
    found = [find(task, name, _design(scenario, task)) for task in scenario.resolved_estimands()]
    return [entry for entry in found if entry is not None]


def _design(scenario: Scenario, estimand: str) -> Design:
    if not estimand_of(estimand).needs_model:
        return "sample"
    return "model_sampled" if scenario.model_sample_sizes else "model_known"


def _blind_to_alphabet(scenario: Scenario, choice: Choice) -> bool:
    found = _entries(scenario, choice.name)
    return bool(found) and all(Property.IGNORES_UNSEEN in entry.properties for entry in found)
