"""What messages call an option, in the words of a call from Python: `--alphabet-size` is 'alphabet_size'.

Files of data are read, checked and judged for the command and for Python alike, in sentences that name options.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from mcdiv.errors import ScenarioError

#: arguments that are not called as their options are
_ARGUMENTS = {
    "estimator": "estimators",
    "estimand": "estimands",
    "output": "out",
    "plugin": "plugins",
    "set": "settings",
}
#: the options that such sentences name; what else looks like one is a user's text
_NAMES = [
    "advise",
    "against",
    "alphabet-size",
    "by",
    "column",
    "condition",
    "draws",
    "estimand",
    "estimator",
    "interval",
    "ignore",
    "layout",
    "level",
    "missing",
    "normalise",
    "model",
    "output",
    "plot",
    "plugin",
]
_NAMES += ["a", "b", "item"]  # of scores
_NAMES += ["order", "replicate", "samples", "set", "sort", "spectrum", "symbols", "text", "truth", "units", "weights"]
_OPTION = re.compile(rf"(?<![\w-])(?:--({'|'.join(_NAMES)})|-(n))(?![\w-])")


def in_python(text: str) -> str:
    """A sentence with arguments in place of options, in quotes but where they are its place, before the colon."""
    return _OPTION.sub(lambda found: _argument(found) if found.start() == 0 else f"'{_argument(found)}'", text)


def _argument(found: re.Match[str]) -> str:
    option = found[1] or found[2]
    return _ARGUMENTS.get(option, option.replace("-", "_"))


@contextmanager
def arguments_named() -> Iterator[None]:
    """Within it a ScenarioError names arguments."""
    try:
        yield
    except ScenarioError as error:
        problems = list(map(in_python, error.problems))
    else:
        return
    raise ScenarioError(problems)
