"""Which of many cases are tried at once, and which wait for `pytest -m ""`."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import settings


def quick(number: int, cases: Sequence[Any]) -> list[Any]:
    """Of many cases of one kind plain `pytest` tries the first few; the others are marked slow."""
    others = [case if isinstance(case, tuple) else (case,) for case in cases[number:]]
    return [*cases[:number], *(pytest.param(*case, marks=pytest.mark.slow) for case in others)]


def examples(number: int) -> settings:
    """So many random cases of a law for `pytest -m ""`, and fewer for plain `pytest`."""
    default = settings.get_profile("default").max_examples
    return settings(max_examples=max(5, number * settings().max_examples // default), deadline=None)
