"""Two models on the same items, from Python: scores and groups checked, then compared in pairs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.api.argument_words import arguments_named
from mcdiv.core.arrays import Array
from mcdiv.core.catalogue import quoted
from mcdiv.core.labels import Distributed, matched
from mcdiv.core.units import Units, nats_per
from mcdiv.files import disk
from mcdiv.observed.pictures_of_pairs import write_picture
from mcdiv.observed.pictures_of_tests import check_picture
from mcdiv.significance.paired import Clusters, Design, PairedComparison, Scores, compare_scores

ScoreKind: TypeAlias = Literal["nll", "logprobs", "right", "other"]
_KINDS = ("nll", "logprobs", "right", "other")
#: beyond it squares would not be finite
_LARGEST = 1e100


def paired(
    a: Distributed,
    b: Distributed,
    groups: Distributed | None = None,
    *,
    byte_counts: Distributed | None = None,
    scores: ScoreKind | None = None,
    units: Units = "nats",
    level: float = 0.95,
    power: float = 0.8,
    replicates: int | None = None,
    seed: int = 1,
    plot: str | Path | None = None,
) -> PairedComparison:
    """Compare two models by their scores of the same items, in pairs.

    Parameters
    ----------
    a, b : array_like, shape (n,)
        A score of each item by each model: the negative log-likelihood (NLL) of a token or a document, or 1 for right
        and 0 for wrong. Pandas Series and dicts are matched by their labels, of which both must
        have the same.
    groups : array_like, shape (n,), optional
        The document, or any other group, of each item. Items of a group may depend on each other: standard errors,
        tests and intervals then take groups as independent instead of items (cluster-robust, CR1).
    byte_counts : array_like, shape (n,), optional
        Bytes of text of each item, for bits per byte.
    scores : {"nll", "logprobs", "right", "other"}, optional
        What the scores are; log-probabilities have their sign turned. If left out, scores that are all 0 or 1 are
        "right", and others are "nll", of which none may be negative. "other" has no perplexities.
    units : {"nats", "bits", "bans"}
        That of NLLs and log-probabilities.
    level : float
        Intended coverage of the intervals.
    power : float
        For how many items would decide: the probability that the t test at level 1 − `level` finds the difference.
    replicates : int, optional
        Patterns of signs that are drawn where not all can be counted; 99,999, or fewer for over 5,000 items.
    seed : int
        Of these patterns.
    plot : str or Path, optional
        A new file, .svg, .png or .pdf, for a picture: the differences by item or group, and the law of their mean where
        each sign is random.

    Returns
    -------
    PairedComparison
        With `.difference` (mean of b − a), `.standard_error` and `.interval` in `units`, `.p_t` and `.p_sign`;
        perplexities, bits per byte, and what two independent samples would give. Where all differences are equal,
        `.p_t` and the intervals are NaN.

    Raises
    ------
    ValueError
        Scores that are not finite, lengths that differ, fewer than two items or groups, negative NLLs, or an option
        that does not fit; the message names it.

    Notes
    -----
    The sign-flip p is exact where the differences are numbers of few decimal places, counted as such, and for up to 40
    others. For right and wrong it is McNemar's exact test.

    Examples
    --------
    >>> found = paired([2.31, 0.02, 5.1, 0.88], [2.4, 0.03, 5.05, 0.95])
    >>> round(found.difference, 12), round(found.standard_error, 6), found.p_sign
    (0.03, 0.031623, 0.375)
    >>> paired([1] * 15 + [0] * 5, [0] * 15 + [1] * 5).p_sign
    0.04138946533203125
    """
    return compared(
        a,
        b,
        groups,
        byte_counts=byte_counts,
        scores=scores,
        units=units,
        level=level,
        power=power,
        replicates=replicates,
        seed=seed,
        plot=None if plot is None else picture_at(plot),
    )


def picture_at(plot: str | Path) -> Path:
    """The path of a new picture; a ScenarioError where it cannot be one."""
    with arguments_named():
        path = disk.as_path("plot", plot)
        check_picture(str(path))
    return path


def compared(
    a: Distributed,
    b: Distributed,
    groups: Distributed | None,
    *,
    byte_counts: Distributed | None,
    scores: ScoreKind | None,
    units: Units,
    level: float,
    power: float,
    replicates: int | None,
    seed: int,
    names: tuple[str, str] = ("a", "b"),
    plot: Path | None = None,
) -> PairedComparison:
    """`paired`, where messages call the two scores by these names."""
    labelled = {"a": a, "b": b, "groups": groups, "byte_counts": byte_counts}
    given = matched(labelled, fill=None, item="item", hint="expected the same items")
    first, second = (_numbers(given[key], name) for key, name in zip("ab", names, strict=True))
    lengths = {names[0]: len(first), names[1]: len(second)}
    sizes = None if byte_counts is None else _bytes(given["byte_counts"])
    clusters, labels = _clusters(given["groups"])
    lengths |= {} if sizes is None else {"byte_counts": len(sizes)}
    lengths |= {} if clusters is None else {"groups": len(clusters)}
    for name, length in lengths.items():
        if length != len(first):
            raise ValueError(f"{names[0]} has {len(first):,} items, {name} has {length:,}; expected as many of each")
    if len(first) < 2:
        raise ValueError("there is one item; an error of the difference takes at least two")
    if clusters is not None and len(labels) < 2:
        raise ValueError("groups: all items are of one group; errors by group take at least two")
    kind, (first, second) = _kind(scores, dict(zip(names, (first, second), strict=True)))
    if kind != "nll" and (units != "nats" or sizes is not None):
        said = "units: only NLLs have a unit" if sizes is None else "byte_counts: only NLLs give bits per byte"
        raise ValueError(f"{said}; these scores are '{kind}'")
    level, power = _share("level", level), _share("power", power)
    if power <= 1 - level:
        raise ValueError(f"power: expected more than 1 - level, {1 - level:.6g}, got {power:g}")
    design = Design(
        scores=kind,
        units=units if kind == "nll" else "1",
        nats=nats_per(units),
        level=level,
        power=power,
        replicates=_whole("replicates", replicates, least=1) if replicates is not None else None,
        seed=_whole("seed", seed, least=0),
    )
    found = compare_scores(first, second, clusters, sizes, design)
    if plot is not None:
        write_picture(found, second - first, clusters, labels, design.seed, plot)
    return found


def _numbers(values: Any, name: str) -> Array:
    """Finite numbers, one an item."""
    try:
        array = np.asarray(values)
        numeric = array.dtype.kind in "biuf" or not any(isinstance(each, str | bytes) for each in array.flat)
        array = array.astype(np.float64)
    except Exception:  # what an object raises that cannot become an array is its own affair
        numeric = False
    if not numeric or np.ma.isMaskedArray(values):
        raise ValueError(f"{name}: expected a number for each item, got {quoted(values)}")
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name}: expected a number for each item, shape (n,), got shape {array.shape}")
    wrong = np.flatnonzero(~(np.abs(array) < _LARGEST))
    if wrong.size:
        value = float(array[wrong[0]])
        hint = "; leave the item out of both" if math.isnan(value) else ""
        raise ValueError(f"{name}: item {wrong[0] + 1:,} is {value:g}; expected a number below {_LARGEST:g}{hint}")
    return array


def _bytes(values: Any) -> Array:
    sizes = _numbers(values, "byte_counts")
    wrong = np.flatnonzero(sizes < 0)
    if wrong.size:
        raise ValueError(f"byte_counts: item {wrong[0] + 1:,} has {sizes[wrong[0]]:g}; expected a number >= 0")
    if not sizes.any():
        raise ValueError("byte_counts: all are 0; expected some that are not")
    return sizes


def _clusters(groups: Any) -> tuple[Clusters, list[str]]:
    """The group of each item as a number, and the names of the groups."""
    if groups is None:
        return None, []
    import pandas as pd

    try:
        labels = np.asarray(groups)
    except ValueError:  # lists of different lengths
        raise ValueError(f"groups: expected a label for each item, got {quoted(groups)}") from None
    if labels.ndim != 1:
        raise ValueError(f"groups: expected a label for each item, shape (n,), got shape {labels.shape}")
    try:
        plain = labels.dtype.kind in "iufbU" and labels.dtype != np.longdouble  # pandas makes float64 of these
        codes, names = pd.factorize(labels if plain else labels.astype(object))
    except TypeError:
        raise ValueError("groups: expected labels, such as texts or whole numbers") from None
    lost = np.flatnonzero(codes < 0)
    if lost.size:
        raise ValueError(f"groups: item {lost[0] + 1:,} has none; expected a label for each item")
    clusters: NDArray[np.intp] = codes
    return clusters, [quoted(name) for name in names]


def _kind(asked: object, scores: dict[str, Array]) -> tuple[Scores, tuple[Array, Array]]:
    """What the scores are, said or told by their values, and they as such."""
    if asked is not None and not (isinstance(asked, str) and asked in _KINDS):
        raise ValueError(f"scores: expected {', '.join(_KINDS[:-1])} or {_KINDS[-1]}, got {quoted(asked)}")
    first, second = scores.values()
    if asked == "other":
        return "other", (first, second)
    if asked == "logprobs":
        _refuse(scores, lambda x: x > 0, 'a log-probability is never positive: give scores="nll" for NLLs')
        return "nll", (0 - first, 0 - second)
    if asked == "right" or (asked is None and all(np.isin(x, (0, 1)).all() for x in scores.values())):
        _refuse(scores, lambda x: ~np.isin(x, (0, 1)), "right is 1 and wrong is 0")
        return "right", (first, second)
    hint = 'give scores="logprobs" for log-probabilities, scores="other" for scores of another kind'
    _refuse(scores, lambda x: x < 0, f"an NLL is never negative: {hint}")
    return "nll", (first, second)


def _refuse(scores: dict[str, Array], wrong: Any, why: str) -> None:
    for name, values in scores.items():
        places = np.flatnonzero(wrong(values))
        if places.size:
            raise ValueError(f"{name}: item {places[0] + 1:,} is {values[places[0]]:g}, and {why}")


def _share(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 < value < 1:
        raise ValueError(f"{name}: expected a number between 0 and 1, got {quoted(value)}")
    return float(value)


def _whole(name: str, value: object, *, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not least <= value < 2**53:
        raise ValueError(f"{name}: expected a whole number >= {least}, got {quoted(value)}")
    return int(value)
