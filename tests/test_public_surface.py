"""What `import mcdiv` offers: which names, and signatures that a person can read."""

import builtins
import inspect
import re

import pytest

import mcdiv
from mcdiv import errors

PUBLIC = [
    "Alarm",
    "BackendError",
    "Checked",
    "Derivation",
    "Diagnosis",
    "Drawing",
    "EntropyDifference",
    "Estimates",
    "ExactPerformance",
    "FeatureDrift",
    "Fitted",
    "IntervalEstimate",
    "Observations",
    "OutOfTime",
    "PairedComparison",
    "Plotted",
    "PolicyLab",
    "PolicySequences",
    "PowerPlan",
    "Replayed",
    "Results",
    "SampleSizePlan",
    "ScenarioError",
    "ScoresOfItems",
    "StoreError",
    "Tested",
    "Threshold",
    "Thresholds",
    "TopKDivergence",
    "advise",
    "alarm_probability",
    "catalogue",
    "check",
    "compare",
    "cross_entropy",
    "cross_entropy_gradient",
    "doctor",
    "entropy",
    "entropy_difference",
    "estimate",
    "estimates",
    "exact",
    "exact_performance",
    "explain",
    "explore",
    "fit",
    "fixtures",
    "from_logits",
    "interval",
    "jeffreys_divergence",
    "js_divergence",
    "kl_divergence",
    "kl_divergence_gradient",
    "methods",
    "new",
    "paired",
    "plan",
    "plan_power",
    "plot",
    "policy",
    "policy_sequences",
    "read",
    "read_scores",
    "replay",
    "report",
    "run",
    "scenario_schema",
    "show",
    "standard_error",
    "table",
    "test",
    "tests",
    "threshold",
    "thresholds",
    "top_k_divergence",
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


def test_the_tree_of_exceptions_is_as_it_is_drawn() -> None:
    drawn = re.findall(r"^( *(?:│   )*)(?:[├└]── )?(\w+)(?: {2,}|$)", errors.__doc__ or "", re.MULTILINE)
    above: list[type] = []
    named = set()
    for indent, name in drawn[1:]:
        kind = getattr(mcdiv, name, None) or getattr(builtins, name)
        depth = len(indent) // 4 - 1
        assert issubclass(kind, above[depth - 1] if depth else Exception), name
        above[depth:] = [kind]
        named.add(name)
    ours = {name for name in PUBLIC if isinstance(kind := getattr(mcdiv, name), type) and issubclass(kind, Exception)}
    assert ours <= named
