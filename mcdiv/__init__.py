"""mcdiv: the Monte Carlo workbench for entropy H(P), cross-entropy H(P, Q) and KL divergence KL(P‖Q).

    H(P, Q) = KL(P‖Q) + H(P)

Everything is loaded when it is first used: `import mcdiv` costs next to nothing.
"""

TYPE_CHECKING = False  # as that of typing, whose import is a good part of what starting a command takes
if TYPE_CHECKING:
    from typing import Any

    from mcdiv.api import estimate
    from mcdiv.checking import Checked, check, scenario_schema
    from mcdiv.choosing import catalogue, new, show
    from mcdiv.comparing import compare
    from mcdiv.core.information import (
        cross_entropy,
        cross_entropy_gradient,
        entropy,
        jeffreys_divergence,
        js_divergence,
        kl_divergence,
        kl_divergence_gradient,
    )
    from mcdiv.exact_study import exact
    from mcdiv.exact_values import ExactPerformance, exact_performance
    from mcdiv.explaining import Derivation, explain
    from mcdiv.exploring import explore
    from mcdiv.fitting import Fitted, fit
    from mcdiv.observing import Estimates, advise, estimates
    from mcdiv.pipeline import Results, run
    from mcdiv.plotting import Drawing, Plotted, plot
    from mcdiv.replaying import Replayed, replay
    from mcdiv.reporting import report
    from mcdiv.study.errors import BackendError, OutOfTime, ScenarioError, StoreError
    from mcdiv.uncertainty import IntervalEstimate, interval, standard_error

__version__ = "0.1.0"

_HOMES = {
    "entropy": "mcdiv.core.information",
    "cross_entropy": "mcdiv.core.information",
    "kl_divergence": "mcdiv.core.information",
    "cross_entropy_gradient": "mcdiv.core.information",
    "kl_divergence_gradient": "mcdiv.core.information",
    "js_divergence": "mcdiv.core.information",
    "jeffreys_divergence": "mcdiv.core.information",
    "estimate": "mcdiv.api",
    "exact_performance": "mcdiv.exact_values",
    "ExactPerformance": "mcdiv.exact_values",
    "interval": "mcdiv.uncertainty",
    "IntervalEstimate": "mcdiv.uncertainty",
    "standard_error": "mcdiv.uncertainty",
    "explain": "mcdiv.explaining",
    "Derivation": "mcdiv.explaining",
    "explore": "mcdiv.exploring",
    "plot": "mcdiv.plotting",
    "Plotted": "mcdiv.plotting",
    "report": "mcdiv.reporting",
    "fit": "mcdiv.fitting",
    "Fitted": "mcdiv.fitting",
    "catalogue": "mcdiv.choosing",
    "show": "mcdiv.choosing",
    "new": "mcdiv.choosing",
    "check": "mcdiv.checking",
    "Checked": "mcdiv.checking",
    "scenario_schema": "mcdiv.checking",
    "compare": "mcdiv.comparing",
    "Estimates": "mcdiv.observing",
    "advise": "mcdiv.observing",
    "estimates": "mcdiv.observing",
    "exact": "mcdiv.exact_study",
    "Replayed": "mcdiv.replaying",
    "replay": "mcdiv.replaying",
    "Drawing": "mcdiv.plotting",
    "run": "mcdiv.pipeline",
    "Results": "mcdiv.pipeline",
    "BackendError": "mcdiv.study.errors",
    "OutOfTime": "mcdiv.study.errors",
    "ScenarioError": "mcdiv.study.errors",
    "StoreError": "mcdiv.study.errors",
}

__all__ = [
    "BackendError",
    "Checked",
    "Derivation",
    "Drawing",
    "Estimates",
    "ExactPerformance",
    "Fitted",
    "IntervalEstimate",
    "OutOfTime",
    "Plotted",
    "Replayed",
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
    "exact",
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
    "replay",
    "report",
    "run",
    "scenario_schema",
    "show",
    "standard_error",
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
