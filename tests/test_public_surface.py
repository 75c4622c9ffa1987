"""What `import mcdiv` offers: which names, and signatures that a person can read."""

import inspect

import pytest

import mcdiv

PUBLIC = [
    "BackendError",
    "Checked",
    "Derivation",
    "Estimates",
    "ExactPerformance",
    "Fitted",
    "IntervalEstimate",
    "OutOfTime",
    "Plotted",
    "Results",
    "ScenarioError",
    "StoreError",
    "advise",
    "catalogue",
    "check",
    "compare",
    "cross_entropy",
    "cross_entropy_gradient",
    "entropy",
    "estimate",
    "estimates",
    "exact_performance",
    "explain",
    "explore",
    "fit",
    "interval",
    "jeffreys_divergence",
    "js_divergence",
    "kl_divergence",
    "kl_divergence_gradient",
    "new",
    "plot",
    "report",
    "run",
    "scenario_schema",
    "show",
    "standard_error",
]
CALLED = [name for name in PUBLIC if name != "OutOfTime"]  # which takes what any exception does


def test_the_public_names_are_these() -> None:
    assert sorted(mcdiv.__all__) == PUBLIC
    assert set(dir(mcdiv)) == {*PUBLIC, "__version__"}


@pytest.mark.parametrize("name", CALLED)
def test_a_signature_can_be_read(name: str) -> None:
    signature = inspect.signature(getattr(mcdiv, name))
    for parameter in signature.parameters.values():
        assert isinstance(parameter.annotation, str), f"{parameter}: not as it is written"
        assert len(parameter.annotation) < 60, f"{parameter}: too long to read"
        assert " at 0x" not in repr(parameter.default), f"{parameter}: a default that says nothing"
