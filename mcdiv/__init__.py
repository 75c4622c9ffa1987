"""mcdiv: the Monte Carlo workbench for entropy H(P), cross-entropy H(P, Q) and KL divergence KL(P‖Q).

    H(P, Q) = KL(P‖Q) + H(P)

Everything is loaded when it is first used: `import mcdiv` costs next to nothing.
"""

TYPE_CHECKING = False  # as that of typing, whose import is a good part of what starting a command takes
if TYPE_CHECKING:
    from typing import Any

    from mcdiv.api.catalogue import catalogue, new, show
    from mcdiv.api.check import Checked, check, scenario_schema
    from mcdiv.api.doctor import doctor
    from mcdiv.api.entropy_difference import EntropyDifference, entropy_difference
    from mcdiv.api.estimate import estimate
    from mcdiv.api.estimates import advise, estimates
    from mcdiv.api.estimates_of_file import Estimates
    from mcdiv.api.exact import exact
    from mcdiv.api.exact_performance import ExactPerformance, exact_performance
    from mcdiv.api.explain import Derivation, explain
    from mcdiv.api.explore import explore
    from mcdiv.api.fixtures import fixtures
    from mcdiv.api.paired import paired
    from mcdiv.api.plan import plan
    from mcdiv.api.plan_power import PowerPlan, plan_power
    from mcdiv.api.policy import PolicyLab, policy
    from mcdiv.api.policy_sequences import PolicySequences, policy_sequences
    from mcdiv.api.read import Observations, read
    from mcdiv.api.read_scores import read_scores
    from mcdiv.api.replay import Replayed, replay
    from mcdiv.api.sample_size_plan import SampleSizePlan
    from mcdiv.api.test import test
    from mcdiv.api.tests import tests
    from mcdiv.api.threshold import Alarm, Threshold, alarm_probability, threshold
    from mcdiv.api.thresholds import Thresholds, thresholds
    from mcdiv.api.top_k_divergence import TopKDivergence, top_k_divergence
    from mcdiv.core.gradients import cross_entropy_gradient, kl_divergence_gradient
    from mcdiv.core.information import cross_entropy, entropy, jeffreys_divergence, js_divergence, kl_divergence
    from mcdiv.core.logits import from_logits
    from mcdiv.diagnosis.diagnosed import Diagnosis
    from mcdiv.errors import BackendError, OutOfTime, ScenarioError, StoreError
    from mcdiv.files.scores import ScoresOfItems
    from mcdiv.lessons.fit.run import Fitted, fit
    from mcdiv.observed.drift import FeatureDrift
    from mcdiv.observed.uncertainty import IntervalEstimate, interval, standard_error
    from mcdiv.results.compare import compare
    from mcdiv.results.methods import methods
    from mcdiv.results.pages import report
    from mcdiv.results.pictures import Drawing, Plotted, plot
    from mcdiv.results.run import run
    from mcdiv.results.study_results import Results
    from mcdiv.results.table import table
    from mcdiv.significance.paired import PairedComparison
    from mcdiv.significance.tested import Tested

__version__ = "0.1.0"

_HOMES = {
    "entropy": "mcdiv.core.information",
    "cross_entropy": "mcdiv.core.information",
    "kl_divergence": "mcdiv.core.information",
    "cross_entropy_gradient": "mcdiv.core.gradients",
    "kl_divergence_gradient": "mcdiv.core.gradients",
    "js_divergence": "mcdiv.core.information",
    "jeffreys_divergence": "mcdiv.core.information",
    "estimate": "mcdiv.api.estimate",
    "entropy_difference": "mcdiv.api.entropy_difference",
    "EntropyDifference": "mcdiv.api.entropy_difference",
    "exact_performance": "mcdiv.api.exact_performance",
    "ExactPerformance": "mcdiv.api.exact_performance",
    "interval": "mcdiv.observed.uncertainty",
    "IntervalEstimate": "mcdiv.observed.uncertainty",
    "standard_error": "mcdiv.observed.uncertainty",
    "doctor": "mcdiv.api.doctor",
    "Diagnosis": "mcdiv.diagnosis.diagnosed",
    "explain": "mcdiv.api.explain",
    "Derivation": "mcdiv.api.explain",
    "explore": "mcdiv.api.explore",
    "plot": "mcdiv.results.pictures",
    "Plotted": "mcdiv.results.pictures",
    "methods": "mcdiv.results.methods",
    "report": "mcdiv.results.pages",
    "from_logits": "mcdiv.core.logits",
    "fit": "mcdiv.lessons.fit.run",
    "fixtures": "mcdiv.api.fixtures",
    "Fitted": "mcdiv.lessons.fit.run",
    "catalogue": "mcdiv.api.catalogue",
    "show": "mcdiv.api.catalogue",
    "new": "mcdiv.api.catalogue",
    "check": "mcdiv.api.check",
    "Checked": "mcdiv.api.check",
    "scenario_schema": "mcdiv.api.check",
    "compare": "mcdiv.results.compare",
    "Estimates": "mcdiv.api.estimates_of_file",
    "advise": "mcdiv.api.estimates",
    "estimates": "mcdiv.api.estimates",
    "exact": "mcdiv.api.exact",
    "paired": "mcdiv.api.paired",
    "PairedComparison": "mcdiv.significance.paired",
    "SampleSizePlan": "mcdiv.api.sample_size_plan",
    "plan": "mcdiv.api.plan",
    "PolicyLab": "mcdiv.api.policy",
    "policy": "mcdiv.api.policy",
    "policy_sequences": "mcdiv.api.policy_sequences",
    "PolicySequences": "mcdiv.api.policy_sequences",
    "top_k_divergence": "mcdiv.api.top_k_divergence",
    "TopKDivergence": "mcdiv.api.top_k_divergence",
    "read": "mcdiv.api.read",
    "Observations": "mcdiv.api.read",
    "read_scores": "mcdiv.api.read_scores",
    "ScoresOfItems": "mcdiv.files.scores",
    "PowerPlan": "mcdiv.api.plan_power",
    "plan_power": "mcdiv.api.plan_power",
    "Replayed": "mcdiv.api.replay",
    "replay": "mcdiv.api.replay",
    "threshold": "mcdiv.api.threshold",
    "Threshold": "mcdiv.api.threshold",
    "Alarm": "mcdiv.api.threshold",
    "thresholds": "mcdiv.api.thresholds",
    "Thresholds": "mcdiv.api.thresholds",
    "FeatureDrift": "mcdiv.observed.drift",
    "alarm_probability": "mcdiv.api.threshold",
    "Drawing": "mcdiv.results.pictures",
    "run": "mcdiv.results.run",
    "table": "mcdiv.results.table",
    "test": "mcdiv.api.test",
    "tests": "mcdiv.api.tests",
    "Tested": "mcdiv.significance.tested",
    "Results": "mcdiv.results.run",
    "BackendError": "mcdiv.errors",
    "OutOfTime": "mcdiv.errors",
    "ScenarioError": "mcdiv.errors",
    "StoreError": "mcdiv.errors",
}

__all__ = [
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


def __getattr__(name: str) -> "Any":
    """Load a public name from its home on first use."""
    from importlib import import_module

    if name == "testing":  # a module, for authors of plug-ins
        return import_module("mcdiv.testing")
    if name not in _HOMES:
        raise AttributeError(f"module 'mcdiv' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted([*__all__, "__version__"])
