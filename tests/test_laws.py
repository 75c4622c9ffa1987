"""The laws of mcdiv.testing for every entry of the catalogue: a new estimator is held to them without a word here."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcdiv.core.cards import card_of
from mcdiv.estimators.entry import Estimator
from mcdiv.estimators.registry import entries, find, names
from mcdiv.policies.contract import GRADIENT_ESTIMATORS
from mcdiv.testing.inputs import with_example
from mcdiv.testing.laws import FIXED_LAWS, LAWS_OF_COUNTS, TestedLaw

#: sums of entropies of pairs are for test_joint
LISTED = [
    (entry, f"{entry.name}-{entry.estimand}-{entry.design}")
    for entry in map(with_example, entries())
    if entry.entropies is None
]


def waits(law: TestedLaw, entry: Estimator) -> bool:
    """Whether a law of an entry is slow: all but the reference values of derived entries, and of the costliest."""
    lifted = entry.lift is not None and entry.name != "miller_madow"
    preset = entry.name != "additive" and find("tsallis(order=2)", entry.name, "sample") is not None
    return "reference values" not in law.says and (lifted or entry.name == "pym" or (preset and entry.name != "plugin"))


def pairs(laws: list[TestedLaw], *, together: bool = False) -> list[object]:
    """Each law with each estimator that it applies to; without those that are tried together."""
    later = (pytest.mark.slow, pytest.mark.unmeasured)
    return [
        pytest.param(law, entry, id=f"{law.says}-{name}", marks=later if waits(law, entry) else ())
        for law in laws
        for entry, name in LISTED
        if law.applies(entry) and (waits(law, entry) or not together)
    ]


counts_lists = st.integers(1, 6).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 30), min_size=k, max_size=k).filter(any), min_size=1, max_size=4)
)


@pytest.mark.parametrize("law", [pytest.param(law, id=law.says) for law in LAWS_OF_COUNTS])
@settings(max_examples=5, deadline=None)
@given(rows=counts_lists)
def test_a_law_of_any_counts_holds_for_all_that_are_quick(law: TestedLaw, rows: list[list[int]]) -> None:
    for entry, _ in LISTED:  # drawing counts for each of them takes longer than the law
        if not waits(law, entry):
            law.hold(entry, rows)


@pytest.mark.parametrize("law, entry", pairs(LAWS_OF_COUNTS, together=True))
@settings(max_examples=5, deadline=None)
@given(rows=counts_lists)
def test_a_law_of_any_counts_holds(law: TestedLaw, entry: Estimator, rows: list[list[int]]) -> None:
    law.hold(entry, rows)


@pytest.mark.parametrize("law, entry", pairs(FIXED_LAWS))
def test_a_law_with_an_input_of_its_own_holds(law: TestedLaw, entry: Estimator) -> None:
    law.hold(entry)


# Each of the gradient estimators has its reference values in test_policies.py, all entries of a gradient at once.
@pytest.mark.parametrize("name", [name for name in names() if name not in GRADIENT_ESTIMATORS])
def test_every_estimator_has_an_anchor_of_its_own(name: str) -> None:
    assert any(entry.reference_values for entry in entries() if entry.name == name)


def test_a_card_without_its_headings_is_refused() -> None:
    def nameless(n, N, K):
        """Something.

        Formula: x
        Valid:   always
        """

    with pytest.raises(ValueError, match=r"test_laws.py: nameless: the docstring has no 'Source:'"):
        card_of(nameless)
