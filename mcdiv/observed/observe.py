"""From files of observations to counts and what is asked of them: which category is which, and every check."""

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mcdiv.core.arrays import Pmf, Sample, Shape, as_pmf
from mcdiv.core.domains import ALPHABET, MAX_ALPHABET
from mcdiv.core.number_format import joined
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import USUAL_ESTIMANDS
from mcdiv.estimators.entry import Design
from mcdiv.estimators.registry import find
from mcdiv.files import counts, yaml_text
from mcdiv.files.counts import CategoryCounts, OnBytes, is_number
from mcdiv.files.shipped import find_data
from mcdiv.observed.diagnostics import Alphabet
from mcdiv.observed.option_texts import MAPPING, distribution_of, is_distribution, shipped_or_own
from mcdiv.observed.options import asked_of_data
from mcdiv.observed.question import Observed, Question
from mcdiv.observed.samples import sample_of
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.plugins import installed

#: asked for where nothing is said: those that need no alphabet size, those that do, those for two samples
USUAL = ("plugin", "miller_madow", "grassberger_2003", "zhang", "chao_shen", "chao_wang_jost")
USUAL_KNOWN_ALPHABET = (*USUAL, "james_stein", "nsb")
#: what is estimated of a table of pairs where nothing is named
USUAL_JOINT = ("entropy", "mutual_information", "conditional_entropy")
USUAL_TWO_SAMPLES = ("plugin", "jeffreys", "augmented_plugin", "zhang_grabchak")


def observe(question: Question, on_bytes: OnBytes = lambda done, total: None, *, pmfs: bool = False) -> list[Observed]:
    """Read the data, and check all that is asked of them; a ScenarioError has a line for everything wrong.

    `pmfs`: the file may have weights or probabilities, of an unknown number of draws.
    """
    installed()
    size = _alphabet_size(question)
    source = shipped_or_own(question.source)
    alone = question.against is None and question.model is None and question.alphabet_size is None
    tallies = counts.read_tallies(source, question.reading, on_bytes, pmfs=pmfs, spectra=pmfs and alone)
    if any(tally.pmf is not None for tally in tallies):
        _refuse_what_needs_draws(question)
        question = replace(question, estimators=("plugin",))
    seconds = _second_samples(question, tallies)
    ordered, q, said_of_model = _model(question, tallies, size)
    _refuse_unpaired(question, (*tallies, *filter(None, seconds)))
    plan = functools.cache(lambda truth, known: _plan(question, truth, known=known))
    listed = {tally.labels for tally in (*tallies, *seconds) if tally is not None and not tally.counts.all()}
    found = []
    for tally, second in zip(tallies, seconds, strict=True):
        labels = ordered or counts.aligned(tally.labels, second.labels if second else ())
        sample = _sample(question, tally, second, labels, q, size)
        known = size is not None or q is not None
        lists_all = _lists_all(question, tally, second, listed)
        alphabet: Alphabet = "seen" if tally.order else "given" if known else "listed" if lists_all else "seen"
        found.append(
            Observed(
                group=tally.group,
                read_as=tally.read_as + said_of_model,
                cautions=tuple(file.caution for file in (tally, second) if file and file.caution),
                labels=labels,
                sample=sample,
                alphabet=alphabet,
                successors=tuple(file.successors for file in (tally, second) if file is not None),
                sequence=tally.sequence,
                order=tally.order,
                pmf=tally.pmf_over(labels, sample.counts.shape[1]),
                named=bool(question.estimators),
                interval_named=question.interval is not None,
                scenario=plan(tally.shape or sample.counts.shape[1], alphabet != "seen"),
            )
        )
    return found


def _sample(
    question: Question,
    tally: CategoryCounts,
    second: CategoryCounts | None,
    labels: tuple[str, ...],
    q: Pmf | None,
    size: int | None,
) -> Sample:
    """The counts of a group over these categories, with those of Q or the model; a ScenarioError names the group."""
    where = f"{question.source}, group '{tally.group}'" if tally.group else question.source
    if len(labels) > MAX_ALPHABET:
        raise ScenarioError([f"{where}: {len(labels):,} categories are more than {MAX_ALPHABET:,}"])
    counts_q = None if second is None else second.ordered(labels)[np.newaxis]
    try:
        table, joint = tally.sizes(labels).reshape(1, *(tally.shape or (-1,))), tally.shape is not None
        sample = sample_of(table, counts_q=counts_q, q=q, alphabet_size=size, joint=joint)
    except ValueError as error:
        raise ScenarioError([f"{where}: {error}"]) from None
    if tally.multiplicity is None:
        return sample
    return replace(sample, multiplicity=tally.multiplicity[np.newaxis].astype(np.float64))


def _lists_all(
    question: Question, tally: CategoryCounts, second: CategoryCounts | None, listed: set[tuple[str, ...]]
) -> bool:
    """Whether files list all categories there are; `listed` are the labels of tables with categories without draws."""
    if question.reading.text == "bytes" or tally.pmf is not None or tally.shape is not None:
        return True
    return tally.labels in listed or (second is not None and second.labels in listed)


def _alphabet_size(question: Question) -> int | None:
    if question.alphabet_size is None:
        return None
    for _, message in ALPHABET.problems(question.alphabet_size):
        raise ScenarioError([f"--alphabet-size: {message}"])
    return int(ALPHABET.parse(question.alphabet_size))


def _refuse_what_needs_draws(question: Question) -> None:
    """A ScenarioError that names what was asked of weights or probabilities and needs N."""
    needs = [name for name in question.estimators if name != "plugin"]
    needs += [f"--{option}" for option in ("interval", "against") if getattr(question, option)]
    if needs:
        verb = "need" if len(needs) > 1 else "needs"
        wrong = f"has weights or probabilities, and {joined(needs)} {verb} the number of draws"
        raise ScenarioError([f"{question.source}: {wrong}; --draws says it"])


def _refuse_unpaired(question: Question, tallies: Sequence[CategoryCounts]) -> None:
    """A ScenarioError where a table of pairs is asked what only a sample of single categories can be asked."""
    given = [name for name in ("against", "model", "alphabet_size") if getattr(question, name) is not None]
    if given and any(tally.shape is not None for tally in tallies):
        option = f"--{given[0].replace('_', '-')}"
        pairs = (
            "draws with those before them (--order)" if question.reading.order else "a table of pairs (--layout joint)"
        )
        raise ScenarioError([f"{question.source}: {option} does not apply to {pairs}"])


def _second_samples(question: Question, tallies: Sequence[CategoryCounts]) -> list[CategoryCounts] | list[None]:
    if question.against is None:
        return [None] * len(tallies)
    if question.model is not None:
        raise ScenarioError(["--against and --model are both given: the model is either sampled or known"])
    others = counts.read_tallies(str(find_data(question.against)), question.reading)
    for source, read in ((question.source, tallies), (question.against, others)):
        refuse_nameless(source, read)
    by_group = {other.group: other for other in others}
    if len(others) == 1:
        return [others[0]] * len(tallies)
    lost = [tally.group for tally in tallies if tally.group not in by_group]
    if lost:
        raise ScenarioError([f"{question.against}: there is no group '{lost[0]}'"])
    return [by_group[tally.group] for tally in tallies]


def refuse_nameless(source: str, tallies: Sequence[CategoryCounts], others: str = "Q") -> None:
    """A ScenarioError where categories cannot be matched with those of something else."""
    if not all(tally.told_apart for tally in tallies):
        said = "says how many categories occurred how often, but not which"
        raise ScenarioError([f"{source}: {said}: they cannot be matched with those of {others}"])


def _model(
    question: Question, tallies: Sequence[CategoryCounts], size: int | None
) -> tuple[tuple[str, ...], Pmf | None, str]:
    """All groups' categories in the order of the known model, and the model; nothing where it is not known.

    And, in words, what --normalise took away and an encoding that is not UTF-8.

    A file names its categories. The probabilities of a distribution go to the categories as they are sorted.
    """
    text = question.model
    if text is None:
        return (), None, ""
    seen = dict.fromkeys(label for tally in tallies for label in tally.labels)
    if is_distribution(text):
        known = distribution_of(text)
        labels, q = _sorted(seen), known.pmf()
        if len(q) != (categories := size or len(labels)):
            rest = f"; --alphabet-size {len(q)} adds some that were not seen, after them" if len(q) > categories else ""
            raise ScenarioError([f"--model: {known.label} has {len(q)} categories, the counts have {categories}{rest}"])
        if np.ptp(q) > 0:
            refuse_nameless(question.source, tallies)
        return labels, q, ""
    refuse_nameless(question.source, tallies)
    model, encoded = counts.read_pmf(str(Path(text)))
    if missing := [label for label in seen if label not in model]:
        raise ScenarioError([f"{text}: has no probability for category '{missing[0]}'"])
    labels = _sorted(model)
    values = [model[label] for label in labels]
    normalise = question.reading.normalise
    said = f"; Q {encoded}" if encoded else ""
    said += f"; Q divided by its sum (|sum − 1| = {abs(math.fsum(values) - 1):.2g})" if normalise else ""
    try:
        return labels, as_pmf(values, name="the column of probabilities", normalise=normalise), said
    except ValueError as error:
        raise ScenarioError([f"{text}: {error}"]) from None


def _sorted(labels: Iterable[str]) -> tuple[str, ...]:
    """Numbers by their size where all are numbers, else by their letters."""
    known = list(labels)
    numeric = all(is_number(label) and math.isfinite(float(label)) for label in known)
    return tuple(sorted(known, key=(lambda label: (float(label), label)) if numeric else None))


def _plan(question: Question, size: int | Shape, *, known: bool) -> Scenario:
    """What is asked of so many categories, or of such a table, checked; `known`: they are the whole alphabet."""
    asked = question.model is not None or question.against is not None
    model: dict[str, Any] = {"model": {"uniform": size}} if asked else {}
    model |= {"model_sample_sizes": 1} if question.against is not None else {}
    usual = USUAL_TWO_SAMPLES if question.against is not None else USUAL_KNOWN_ALPHABET if known else USUAL
    few = USUAL_JOINT if isinstance(size, tuple) else USUAL_ESTIMANDS[: 3 if model else 1]
    wanted = {
        "truth": {"uniform": size} if isinstance(size, int) else {"joint": {"pmf": _uniform(size)}},
        "sample_sizes": 1,
        "estimands": list(question.estimands or few),
        "estimators": [_read("estimator", text) for text in question.estimators] or list(_fitting(usual, question)),
        "intervals": [_read("interval", question.interval or "jackknife")],
        "level": question.level,
        "units": question.units,
    }
    return asked_of_data(MAPPING | model | wanted)


def _uniform(shape: Shape) -> list[list[float]]:
    rows, columns = shape
    return [[1 / (rows * columns)] * columns for _ in range(rows)]


def _fitting(usual: tuple[str, ...], question: Question) -> tuple[str, ...]:
    """Those of the usual estimators that estimate something of what was asked; all of them where none does."""
    model: Design = "model_sampled" if question.against is not None else "model_known"
    designs: tuple[Design, ...] = ("sample", model)
    try:
        fitting = [name for name in usual if any(find(e, name, d) for e in question.estimands for d in designs)]
    except ValueError:  # an estimand that there is not: said with all else that is wrong
        return usual
    return tuple(fitting) or usual


def _read(option: str, text: str) -> Any:
    """`additive: {alpha: 0.5}` as a mapping, a bare name as it is."""
    return yaml_text.read_value(f"{{{text}}}" if ":" in text and not text.startswith("{") else text, f"--{option}")
