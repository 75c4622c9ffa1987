"""What `import mcdiv` offers: which names, and signatures that a person can read."""

import inspect

import pytest

import mcdiv

PUBLIC = [
    "BackendError",
    "ExactPerformance",
    "IntervalEstimate",
    "OutOfTime",
    "Results",
    "ScenarioError",
    "StoreError",
    "cross_entropy",
    "cross_entropy_gradient",
    "entropy",
    "estimate",
    "exact_performance",
    "interval",
    "jeffreys_divergence",
    "js_divergence",
    "kl_divergence",
    "kl_divergence_gradient",
    "run",
    "standard_error",
]
OURS = [name for name in PUBLIC if not issubclass(type(getattr(mcdiv, name)), type) or name != "OutOfTime"]


def test_the_public_names_are_these() -> None:
    assert sorted(mcdiv.__all__) == PUBLIC
    assert set(dir(mcdiv)) == {*PUBLIC, "__version__"}


@pytest.mark.parametrize("name", OURS)
def test_a_signature_can_be_read(name: str) -> None:
    signature = inspect.signature(getattr(mcdiv, name))
    for parameter in signature.parameters.values():
        assert isinstance(parameter.annotation, str), f"{parameter}: not as it is written"
        assert len(parameter.annotation) < 60, f"{parameter}: too long to read"
        assert " at 0x" not in repr(parameter.default), f"{parameter}: a default that says nothing"
