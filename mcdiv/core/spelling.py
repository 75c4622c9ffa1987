"""How a name with parameters is spelled, in tables and where one is asked for: additive(alpha=0.5)."""

import re
from collections.abc import Iterable
from typing import Any

from mcdiv.core.catalogue import quoted
from mcdiv.core.distributions import text_of


def spelled(name: str, parameters: Iterable[tuple[str, Any]]) -> str:
    """Name and parameters in one: additive(alpha=0.5)."""
    given = ", ".join(f"{key}={value if isinstance(value, str) else text_of(value)}" for key, value in parameters)
    return f"{name}({given})" if given else name


def read_spelling(text: str) -> tuple[str, dict[str, str]]:
    """The name and the parameters of such a spelling, their values still text; a bare name has none.

    Raises
    ------
    ValueError
        The brackets do not hold parameters.
    """
    name, bracket, inside = text.strip().partition("(")
    if not bracket:
        return text, {}
    parts = [part.partition("=") for part in inside.removesuffix(")").split(",")]
    given = {key.strip(): value.strip() for key, _, value in parts}
    well = inside.endswith(")") and len(given) == len(parts)
    if not well or not all(re.fullmatch(r"\w+", key) and value for key, value in given.items()):
        raise ValueError(f"expected a name and its parameters, such as additive(alpha=0.5), got '{quoted(text)}'")
    return name.strip(), given
