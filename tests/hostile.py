"""Scenarios as nobody should write them: small ones and the shipped ones, changed at random until something is wrong.

Tests try some thousands, `python -m benchmarks.hostile scenarios` a million.
"""

import copy
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from small import small

from mcdiv.core.distributions import FAMILIES
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.estimators.registry import names
from mcdiv.files.shipped import shipped_scenarios
from mcdiv.files.yaml_text import ScenarioText, read_file, write_text
from mcdiv.intervals.contract import INTERVALS
from mcdiv.results.loading import parse
from mcdiv.scenario.model import read_scenario

#: what may follow a place in a message is one line of this many characters at most
LONGEST_LINE = 1000

BASES: list[dict[str, Any]] = [
    small(),
    small(model={"uniform": 2}, model_sample_sizes=[5], estimators=["plugin"], save="outcomes"),
    small(truth={"zipf": {"k": [3, 4], "s": 1}}, model=None, estimators=["plugin", {"additive": {"alpha": 0.5}}]),
    small(truth={"categorical": {"pmf": [0.5, "1/4", 0.25]}}, model={"softmax": {"logits": [1, 2, 3]}}),
    small(truth={"dirichlet": {"k": 3, "alpha": 0.1, "seed": 4}}, model={"geometric": {"k": 3, "ratio": 0.5}}),
    small(truth={"two_level": {"k": 4, "share": 0.5, "mass": 0.8}}, model={"spike_and_slab": {"k": 4, "spike": 0.9}}),
    small(truth={"power_law": {"k": 3, "s": 1, "cutoff": 2}}, model={"counts": {"values": [1, "2*3"], "name": "m"}}),
    small(
        truth={"mixture": {"components": [{"weight": 0.7, "zipf": 3}, {"weight": 0.3, "uniform": 3}]}},
        model={"counts": {"file": "data.csv", "smoothing": "laplace"}},
    ),
    small(intervals=["delta", {"bayes": {"alpha": 0.5}}], level=0.9, units="bits", mode="both"),
    small(replicates={"until": {"measure": "bias", "mcse": 1e-4}, "min": 100, "max": 1e4}, mode="monte_carlo"),
    small(
        truth={"coin": [0.3, 0.5]},
        zip=["truth.coin", "sample_sizes"],
        exclude=[{"sample_size": 5, "truth": "coin(p=0.3)"}],
        checks=[{"estimand": "entropy", "measure": "bias", "estimator": "plugin", "below": 1}],
    ),
    small(learning={"method": ["newton"], "steps": 5, "learning_rate": [0.5], "batch_size": 2}, paths=1),
]
_WORDS = [
    *FAMILIES, *ESTIMANDS, "renyi(order=2)", "hill(order=1/3)", *names(), *INTERVALS,
    *(key for base in BASES for key in base), "until", "measure", "mcse",
    "p", "k", "s", "alpha", "weight", "file", "name", "values", "outcomes", "parquet", "coverage", "bias", "rmse",
    "coin(p=0.5)", "truth.coin.p", "sample_sizes",
]  # fmt: skip
_NUMBERS = [
    0, -0.0, 1, -1, 2, 3, 5, 20, 0.1, 0.25, 0.5, 0.9, 1.5, 7, 10, 100, 1000, 1e-300, 5e-324, 2.9e-322, 1e-320, 1e300,
    1.7e308, -1e308, 1e6, 10**6 + 1, 2**53, 2**63, 2**64, 10**18, 10**40, 10**400, 1e-10, 1 - 2**-53, float("nan"),
    float("inf"), float("-inf"), "1/3", "1/0", "-1/3", "1e6", "1_0", "0x10", "1e-400", "9" * 400, "1/" + "9" * 400,
    "9" * 5000, "1e999999999", "nan",
]  # fmt: skip
_TEXTS = [
    "", " ", "x" * 2000, "two\nlines", "a\u2028b", "a\u2029b", "a\x85b", "tab\there", "\u202eright to left", "é", "👍",
    "e\u0301", "$x$", "%s%n", "{0}", "=1+1", "../up", "/dev/zero", "/dev/stdin", "-", ".", "a/b", "<b>", "٣", "\ufeff",
    "nul", "3*5", "1000001*1", "9" * 30 + "*1", "1*2*3", "*", "~", "null", "yes",
]  # fmt: skip
_TOKENS = [
    "&a ", "*a", "!!int ", "!!str ", "!<x> ", "!!python/object:os.system ", "? ", ": ", "- ", "[", "]", "{", "}", "| ",
    "> ", "'", '"', "#", "%YAML 1.1\n", "%TAG ! x\n", "---\n", "...\n", "\t", "\r", "\n", "  ", ",", "<<: *a\n", "@",
    "`", "&", "*", '"\\U00110000"', '"\\UFFFFFFFF"', '"\\xZZ"', '"\\uD83D\\uDE00"', '"\\0"', '"\\e[31m"', '"\\L"',
    '"\\N"', '"\\_"', "\0", "\x1b", "\x7f", "\ufeff", "\u2028", "\ud7ff", "\uffff", "1e400", "9" * 5000,
    ".inf", "-.inf", ".nan", "0o17", "0b1", "[" * 60, "{a: " * 60, "- " * 60, "a: &b [*b]\n",
    "'" * 7, "\\", "\u0085", "x" * 3000,
]  # fmt: skip
_BOMB = "a0: &a0 [1, 1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 25))

Path_ = tuple[str | int, ...]


class Hostile:
    """Scenarios changed at random, and what is wrong with what mcdiv makes of them."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.dice = random.Random(seed)
        self._file = folder / "s.yaml"
        (folder / "data.csv").write_text("k,n\na,3\nb,2\nc,1\n", encoding="utf-8")
        self._texts = [write_text(base) for base in BASES]
        self._shipped = [path.read_text(encoding="utf-8") for path in shipped_scenarios().values()]
        self._trees = [copy.deepcopy(base) for base in BASES]
        self._trees += [read_file(path).values for path in shipped_scenarios().values() if path.stat().st_size < 2000]

    def try_one(self) -> tuple[str, str, object]:
        """How one more scenario ended ("read", "refused", or what is wrong), and the scenario."""
        if self.dice.random() < 0.3:
            raw = self._text()
            self._file.write_bytes(raw)
            return (*ended(lambda: read_file(self._file)), raw)
        tree = self._tree()
        text = ScenarioText(source=str(self._file), values=copy.deepcopy(tree))
        return (*ended(lambda: text), tree)

    def _text(self) -> bytes:
        text = self.dice.choice(self._texts if self.dice.random() < 0.95 else self._shipped)
        for _ in range(self.dice.randint(1, 3)):
            text = self.dice.choice([_cut, _doubled, _spliced, _spliced, _swapped, _shuffled, _bombed])(self.dice, text)
        raw = bytearray(text.encode("utf-8", "surrogatepass"))
        if self.dice.random() < 0.2 and raw:
            raw[self.dice.randrange(len(raw))] ^= 1 << self.dice.randrange(8)
        return bytes(raw)

    def _tree(self) -> dict[str, Any]:
        tree = copy.deepcopy(self.dice.choice(self._trees))
        for _ in range(self.dice.choice([1, 1, 1, 2, 3, 5])):
            self.dice.choice([_other, _other, _other, _moved, _renamed, _dropped, _wrapped, _many])(self.dice, tree)
        return tree


def ended(read: Callable[[], ScenarioText]) -> tuple[str, str]:
    """Whether a scenario is read or refused, or what is wrong with how it is; and what was said."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            scenario = parse(read())
            written = scenario.as_written()
            again, problems = read_scenario(written)
    except ScenarioError as error:
        wrong = [line for line in error.problems if not line or len(line) > LONGEST_LINE or not _on_one_line(line)]
        if wrong or not error.problems:
            return "a problem that is not one line", repr(wrong[:1])[:300]
        return "refused", error.problems[0]
    except Exception as error:
        return f"{type(error).__name__}", f"{error!r:.300}"
    if again is None or again.as_written() != written:
        return "what is written does not read back", f"{problems!r:.300}"
    return "read", ""


def _on_one_line(line: str) -> bool:
    return len(line.splitlines()) == 1 and not any(0xD800 <= ord(c) < 0xE000 or (ord(c) < 32) for c in line)


def _odd(dice: random.Random) -> Any:
    kind = dice.randrange(9)
    if kind < 3:
        return dice.choice(_NUMBERS)
    if kind < 5:
        return dice.choice(_TEXTS)
    if kind < 6:
        return dice.choice(_WORDS)
    if kind < 7:
        return {dice.choice(_WORDS): _odd(dice)}
    if kind < 8:
        return [_odd(dice) for _ in range(dice.randrange(4))]
    return dice.choice([None, True, False, [], {}, [[]], [[], []], [{}], {"": None}])


def _places(tree: Any, path: Path_ = ()) -> list[Path_]:
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [place for key, value in inside for place in ((*path, key), *_places(value, (*path, key)))]


def _holder(tree: Any, path: Path_) -> Any:
    for key in path[:-1]:
        tree = tree[key]
    return tree


def _pick(dice: random.Random, tree: Any) -> tuple[Any, Any]:
    path = dice.choice(_places(tree) or [("name",)])
    return _holder(tree, path), path[-1]


def _other(dice: random.Random, tree: Any) -> None:
    holder, key = _pick(dice, tree)
    holder[key] = _odd(dice)


def _moved(dice: random.Random, tree: Any) -> None:
    (one, key), (two, other) = _pick(dice, tree), _pick(dice, tree)
    if isinstance(one, dict) and key not in one:
        return
    one[key] = copy.deepcopy(two.get(other) if isinstance(two, dict) else two[other])


def _renamed(dice: random.Random, tree: Any) -> None:
    holder, key = _pick(dice, tree)
    if isinstance(holder, dict) and key in holder:
        holder[str(dice.choice([*_WORDS, *_TEXTS]))] = holder.pop(key)


def _dropped(dice: random.Random, tree: Any) -> None:
    holder, key = _pick(dice, tree)
    if isinstance(holder, list) or key in holder:
        del holder[key]


def _wrapped(dice: random.Random, tree: Any) -> None:
    holder, key = _pick(dice, tree)
    value = copy.deepcopy(holder.get(key) if isinstance(holder, dict) else holder[key])
    for _ in range(dice.choice([1, 1, 1, 2, 40])):
        value = [value] if dice.random() < 0.5 else {dice.choice(_WORDS): value}
    holder[key] = value


def _many(dice: random.Random, tree: Any) -> None:
    holder, key = _pick(dice, tree)
    value = holder.get(key) if isinstance(holder, dict) else holder[key]
    times = dice.choice([2, 3, 10, 100])
    if dice.random() < 0.5 and isinstance(value, int) and 0 <= value < 10**6:
        holder[key] = [value + i for i in range(times)]
    else:
        holder[key] = [copy.deepcopy(value) for _ in range(times)]


def _cut(dice: random.Random, text: str) -> str:
    start = dice.randrange(len(text) + 1)
    return text[:start] + text[start + dice.choice([1, 1, 2, 5, 20, 200]) :]


def _doubled(dice: random.Random, text: str) -> str:
    start = dice.randrange(len(text) + 1)
    return text[:start] + text[start : start + dice.choice([1, 3, 10, 50])] * 2 + text[start:]


def _spliced(dice: random.Random, text: str) -> str:
    start = dice.randrange(len(text) + 1)
    token = str(dice.choice(dice.choice([_TOKENS, _TOKENS, _NUMBERS, _TEXTS, _WORDS])))
    return text[:start] + token + text[start + dice.choice([0, 0, 1, 4]) :]


def _swapped(dice: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    one, two = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return "".join(lines)


def _shuffled(dice: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    lines.insert(dice.randrange(len(lines) + 1), dice.choice(lines))
    return "".join(lines)


def _bombed(dice: random.Random, text: str) -> str:
    return text if dice.random() < 0.98 else text + _BOMB
