"""`mcdiv policy --tree` from Python: what a sequence says of KL(P‖Q) of sequences, and of its gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.catalogue import quoted
from mcdiv.core.domains import NONNEGATIVE, PROBABILITY, Problem
from mcdiv.core.number_format import counted
from mcdiv.errors import ScenarioError, ScenarioProblem
from mcdiv.policies.sequence_rows import SequenceRow, sequence_rows
from mcdiv.policies.sequence_values import SequenceValue, sequence_values
from mcdiv.policies.sequence_words import sequence_markdown, sequence_sentences
from mcdiv.policies.sequences import Along
from mcdiv.policies.tree import MAX_STEPS, Tree, coins
from mcdiv.policies.tree_form import tree_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class PolicySequences:
    """What one sequence says of KL(P‖Q) of sequences and of its gradient in the logits of P, for each estimator."""

    #: KL(P‖Q) and KL(Q‖P) of sequences, in nats
    kl_divergence: float
    reverse_kl_divergence: float
    #: expected number of tokens under the policy; the one that ends a sequence counts
    mean_length: float
    #: the same of what is drawn
    drawn_length: float
    #: how many sequences there are
    sequences: int
    #: ε, where ratios are also clipped to [1 − ε, 1 + ε]
    clip: float | None
    _along: Along

    @cached_property
    def value_rows(self) -> tuple[SequenceValue, ...]:
        """The rows of `values`."""
        return tuple(sequence_values(self._along, self.clip))

    @cached_property
    def gradient_rows(self) -> tuple[SequenceRow, ...]:
        """The rows of `gradients`."""
        return tuple(sequence_rows(self._along, self.clip))

    @property
    def logits(self) -> tuple[str, ...]:
        """What gradients are by: for each logit the tokens up to and with its own, or the step of going on."""
        return self._along.tree.parameter_names()

    @property
    def gradient(self) -> Array:
        """∇KL(P‖Q) of sequences by these logits; NaN where KL is infinite."""
        return self.gradient_rows[0].comparison.kl

    @property
    def values(self) -> pd.DataFrame:
        """Mean, bias and sd of one sequence by estimator, in nats; and how often it is infinite."""
        import pandas as pd

        return pd.DataFrame.from_records([row._asdict() for row in self.value_rows])

    @property
    def gradients(self) -> pd.DataFrame:
        """A row for each estimator: its expected gradient, how it compares, and a verdict."""
        import pandas as pd

        rows = self.gradient_rows
        means = np.array([row.comparison.mean for row in rows])
        vectors = pd.DataFrame(means, columns=[f"gradient_{k}" for k in range(means.shape[1])])
        names = pd.DataFrame({"estimator": [row.entry.name for row in rows]})
        return pd.concat([names, vectors, pd.DataFrame.from_records([row.findings() for row in rows])], axis=1)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Which gradients are right, in sentences."""
        return tuple(sequence_sentences(self._along, self.gradient_rows))

    def markdown(self) -> str:
        """A block of Markdown for a review: which gradients are right."""
        return sequence_markdown(self._along, self.gradient_rows, self.clip)

    def __repr__(self) -> str:
        """How many sequences there are, and KL."""
        said = f"{counted(self.sequences, 'sequence')}, KL(P‖Q) = {self.kl_divergence:.6g} nats"
        return f"<mcdiv.PolicySequences: {said}>"


def policy_sequences(
    tree: Mapping[Any, Any] | str | Path | None = None,
    *,
    steps_policy: Sequence[Any] | None = None,
    steps_reference: Sequence[Any] | None = None,
    drawn_from: Sequence[Any] | None = None,
    clip: float | None = None,
) -> PolicySequences:
    """What one sequence of tokens says of KL(P‖Q) of sequences and of its gradient: exact, for estimators in use.

    Parameters
    ----------
    tree : mapping, str or Path, optional
        What may come first: `policy` and `reference`, mappings of the same tokens to probabilities that sum to 1; and
        `then`, a mapping of tokens to the same for what follows them. A token that `then` does not have ends the
        sequence. `drawn_from` beside them at every prefix is O, which the sequences are drawn from; left out, that is
        the policy. Or the path of a YAML or JSON file that holds this. Up to 10^6 sequences.
    steps_policy, steps_reference : sequence of float, optional
        In place of a tree: the probabilities to go on at each step, else the sequence ends; after the last step it
        ends either way.
    drawn_from : sequence of float, optional
        Of steps: O, the same way. Left out, sequences are drawn from the policy.
    clip : float, optional
        ε >= 0, where sequences are drawn from O: adds rows whose ratios p/o are clipped to [1 − ε, 1 + ε].

    Returns
    -------
    PolicySequences
        `.values`, `.gradients` as DataFrames; `.sentences`, `.markdown()`. In `.values`, sd is √n times the standard
        deviation of what a large batch of n sequences returns. Gradients are by `.logits`, the softmax logits of all
        tokens at all prefixes, or of steps by the logit of going on. In `.gradients`, relative_error and cosine are
        those of the expected gradient against ∇KL(P‖Q), NaN where undefined; `draws` is how many sequences make the
        trace of the covariance as small as one does with the best exact estimator that varies, 0 for an exact one that
        does not, and ∞ for what is not exact. Where sequences are drawn from O, both have rows with ratios as weights:
        a token's own, cumulative up to it, of the sequence, and the geometric mean over its tokens; detached,
        differentiated and clipped.

    Raises
    ------
    ValueError
        Probabilities do not sum to 1, tokens differ, or there are too many sequences; the message has a line for each
        mistake, which names its place.

    Notes
    -----
    A token's k1 = ln(p/q), k2 = ½ k1², k3 = q/p − 1 − ln(q/p) (Schulman, 2020, Approximating KL divergence), at its
    prefix; P and Q of a sequence are the products over its tokens.

    Examples
    --------
    >>> lab = policy_sequences(steps_policy=[0.6, 0.3], steps_reference=[0.5, 0.6])
    >>> round(lab.kl_divergence, 6), round(lab.mean_length, 6), lab.gradient.round(4).tolist()
    (0.130408, 1.6, [0.1414, -0.1578])
    >>> found = lab.gradients.set_index("estimator")
    >>> found.loc["k3 in loss, summed over tokens", ["gradient_0", "gradient_1"]].astype(float).round(4).tolist()
    [0.1, -0.18]
    >>> found.loc["k2 in loss, summed over tokens", "verdict"]
    'exact with prefixes held fixed'
    """
    steps = {"steps_policy": steps_policy, "steps_reference": steps_reference}
    given = {name: value for name, value in steps.items() if value is not None}
    if (tree is None) != (len(given) == 2) or (tree is not None and given):
        raise ValueError("expected a tree, or both steps_policy and steps_reference")
    if tree is None:
        own = {} if drawn_from is None else {"drawn_from": drawn_from}
        return lab_of_sequences(tree_of_steps(given | own), clip)
    if drawn_from is not None:
        raise ValueError("drawn_from: a tree has its own, beside 'policy' at every prefix")
    if not isinstance(tree, (str, Path)):
        return lab_of_sequences(_made(tree, lambda problems: [f"tree: {_text(each)}" for each in problems]), clip)
    return lab_of_sequences(tree_in(tree), clip)


def tree_in(path: str | Path) -> Tree:
    """The tree in a file; a ScenarioError has a line for every mistake."""
    from mcdiv.files.disk import as_path
    from mcdiv.files.trees import read_tree

    found, lines = read_tree(str(as_path("tree", path)))
    return _made(found, lines)


def tree_of_steps(steps: Mapping[str, Any]) -> Tree:
    """The tree of coins at steps: lists of probabilities to go on, of P, Q and maybe O, by their arguments."""
    pmfs = [_shares(name, values) for name, values in steps.items()]
    lengths = [len(pmf) for pmf in pmfs]
    if len({*lengths}) > 1:
        said = (f"{name} has {counted(length, 'step')}" for name, length in zip(steps, lengths, strict=True))
        raise ValueError(f"{', '.join(said)}; they must be the same")
    return coins(*pmfs)


def lab_of_sequences(tree: Tree, clip: Any = None) -> PolicySequences:
    """The same of a tree that is checked; a ValueError says what is wrong with the clip."""
    for _, message in NONNEGATIVE.problems(clip) if clip is not None else ():
        raise ValueError(f"clip: {message}")
    if clip is not None and tree.o is None:
        raise ValueError("clip: the policy draws, so that every ratio is 1; 'drawn_from' says what else does")
    along = Along(tree=tree)
    return PolicySequences(
        kl_divergence=along.kl,
        reverse_kl_divergence=along.reverse_kl,
        mean_length=along.mean_length,
        drawn_length=along.drawn_length,
        clip=None if clip is None else float(NONNEGATIVE.parse(clip)),
        sequences=int(tree.ends.sum()),
        _along=along,
    )


def _made(nested: Any, lines: Any) -> Tree:
    tree, problems = tree_of(nested)
    if tree is None:
        raise ScenarioError(lines(problems))
    return tree


def _text(problem: Problem) -> str:
    path, message = problem
    return ScenarioProblem(path=path, message=message).text()


def _shares(name: str, values: Any) -> Array:
    if isinstance(values, (str, Mapping)) or not hasattr(values, "__iter__") or not len(values := list(values)):
        raise ValueError(f"{name}: expected a list of probabilities to go on, got {quoted(values)}")
    if len(values) > MAX_STEPS:
        raise ValueError(f"{name}: has more than {MAX_STEPS:,} steps")
    for place, value in enumerate(values):
        for _, message in PROBABILITY.problems(value):
            raise ValueError(f"{name}[{place}]: {message}")
    return np.array([float(PROBABILITY.parse(value)) for value in values])
