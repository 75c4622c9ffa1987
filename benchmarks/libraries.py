"""What other libraries return for the golden cases, as a table in Markdown: each where it is installed.

    mcdiv fixtures -o golden
    python benchmarks/libraries.py golden

It needs nothing but the files, so that it runs in the environment of any of these libraries.
"""

import json
import math
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

CASES = [
    *("direction", "equal", "zero_in_p", "zero_in_q", "zero_in_both", "near_equal_1e_4", "near_equal_1e_9", "clipped"),
    *("not_normalised", "counts"),
]
#: samples of infomeasure have no more draws
MAX_DRAWS = 1000
#: fewer are a coincidence
FEWEST_DIGITS = 3


class Call(NamedTuple):
    """A way to have a quantity."""

    text: str
    quantity: str
    library: str
    of: Callable[[Any, Any, dict[str, Any]], float]
    kind: str = "float64"


def calls() -> Iterator[Call]:
    """All of them; a library that is not installed raises ImportError when it is called."""

    def scipy(p: Any, q: Any, how: Callable[[Any, Any, Any], Any], module: str) -> float:
        import numpy as np

        return float(how(import_module(module), np.array(p), np.array(q)))

    def torch(p: Any, q: Any, how: Callable[[Any, Any, Any], Any], kind: str = "float64") -> float:
        library = import_module("torch")
        return float(how(library, *(library.tensor(x, dtype=getattr(library, kind)) for x in (p, q))))

    kl, ce, js = "kl_divergence", "cross_entropy", "js_divergence"
    for text, quantity, module, how in [
        ("scipy.stats.entropy(p, q)", kl, "scipy.stats", lambda s, p, q: s.entropy(p, q)),
        ("scipy.special.rel_entr(p, q).sum()", kl, "scipy.special", lambda s, p, q: s.rel_entr(p, q).sum()),
        ("scipy.special.kl_div(p, q).sum()", kl, "scipy.special", lambda s, p, q: s.kl_div(p, q).sum()),
        (
            *("scipy.spatial.distance.jensenshannon(p, q)**2", js, "scipy.spatial.distance"),
            lambda s, p, q: s.jensenshannon(p, q) ** 2,
        ),
    ]:
        yield Call(text, quantity, "scipy", lambda p, q, case, how=how, module=module: scipy(p, q, how, module))

    def kl_div(reduction: str, *, log_target: bool = False) -> Callable[[Any, Any, Any], Any]:
        def of(t: Any, p: Any, q: Any) -> Any:
            target = p.log() if log_target else p
            return t.nn.functional.kl_div(q.log(), target, reduction=reduction, log_target=log_target)

        return of

    def of_categorical(t: Any, p: Any, q: Any) -> Any:
        return t.distributions.kl_divergence(*(t.distributions.Categorical(probs=x) for x in (p, q)))

    for text, how, kind in [
        ('torch.nn.functional.kl_div(q.log(), p, reduction="sum")', kl_div("sum"), "float64"),
        ("the same in float32", kl_div("sum"), "float32"),
        ("torch.nn.functional.kl_div(q.log(), p)", kl_div("mean"), "float64"),
        ('torch.nn.functional.kl_div(q.log(), p.log(), "sum", log_target)', kl_div("sum", log_target=True), "float64"),
        ("torch.distributions.kl_divergence(Categorical(p), Categorical(q))", of_categorical, "float64"),
    ]:
        yield Call(text, kl, "torch", lambda p, q, case, how=how, kind=kind: torch(p, q, how, kind), kind)

    def tfp(p: Any, q: Any, case: dict[str, Any]) -> float:
        import numpy as np

        found = import_module("tensorflow_probability.substrates.numpy").distributions
        return float(found.kl_divergence(*(found.Categorical(probs=np.array(x)) for x in (p, q))))

    yield Call("tfp.distributions.kl_divergence(Categorical(probs=p), …)", kl, "tensorflow_probability", tfp)

    def log_loss(p: Any, q: Any, case: dict[str, Any]) -> float:
        found = import_module("sklearn.metrics")
        return float(found.log_loss(range(len(p)), [q] * len(p), sample_weight=p))

    yield Call("sklearn.metrics.log_loss(range(K), [q]*K, sample_weight=p)", ce, "sklearn", log_loss)

    def infomeasure(p: Any, q: Any, case: dict[str, Any]) -> float:
        found = import_module("infomeasure")
        return float(found.kld(*samples(case), approach="discrete"))

    yield Call('infomeasure.kld(x, y, approach="discrete")', kl, "infomeasure", infomeasure)


def samples(case: dict[str, Any]) -> list[Any]:
    """Draws whose shares are the pmfs, as few as there are."""
    from fractions import Fraction

    import numpy as np

    drawn = []
    for side in "pq":
        shares = [Fraction(x) for x in case["inputs"]["exact"][side]]
        size = math.lcm(*(x.denominator for x in shares))
        if size > MAX_DRAWS:
            raise ValueError("needs more draws")
        drawn.append(np.repeat(np.arange(len(shares)), [int(x * size) for x in shares]))
    return drawn


def cell(call: Call, case: dict[str, Any]) -> str:
    """✓ for what the formula gives of the floats as they are; else which other quantity it is, or the value."""
    try:
        value = call.of(case["inputs"][call.kind]["p"], case["inputs"][call.kind]["q"], case)
    except ImportError:
        raise
    except Exception as error:
        return "–" if "more draws" in str(error) else "error"
    outputs, inputs = case["outputs"][call.kind], case["inputs"]["exact"]
    given, normalised = outputs["as_given"], outputs["normalised"]
    right = float(given[call.quantity])
    names = {
        "✓": right,
        "normalised": float(normalised[call.quantity]),
        "KL/K": right / len(inputs["p"]),
        "+ Σ(q − p)": float(given["generalised_kl"]),
        "KL(Q‖P)": float(given["kl_divergence_reverse"]),
    }
    enough = 5 if call.kind == "float32" else 9
    for name, other in names.items():
        if right_digits(value, other) >= enough:
            return name
    for name, other in names.items():
        if (digits := right_digits(value, other)) >= FEWEST_DIGITS:
            return f"{int(digits)} digits" if name == "✓" else f"{name}, {int(digits)} digits"
    return f"{value:.4g}".replace("-", "−").replace("inf", "∞")


def right_digits(value: float, other: float) -> float:
    """To how many digits two values agree."""
    if value == other:
        return math.inf
    if other == 0 or not math.isfinite(value) or not math.isfinite(other):
        return 0.0
    return -math.log10(abs(value / other - 1) or 1e-17)


def table(folder: Path) -> Iterator[str]:
    """The lines of the table."""
    cases = [json.loads((folder / f"{name}.json").read_text("utf-8")) for name in CASES]
    yield f"| call | {' | '.join(CASES)} |"
    yield f"|---|{'---|' * len(CASES)}"
    versions = {}
    for call in calls():
        try:
            cells = [cell(call, case) for case in cases]
        except ImportError:
            print(f"{call.library} is not installed", file=sys.stderr)
            continue
        versions[call.library] = import_module(call.library)
        text = call.text if call.text.startswith("the same") else f"`{call.text}`"
        yield f"| {text} | {' | '.join(cells)} |"
    yield ""
    yield "Of " + ", ".join(f"{name} {getattr(module, '__version__', '')}" for name, module in versions.items()) + "."


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with suppress(ImportError):
        import_module("numpy").seterr(all="ignore")
    print("\n".join(table(Path(sys.argv[1]))))
