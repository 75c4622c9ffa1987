"""Which of many cases are tried at once, and which wait for `pytest -m ""`."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import settings

#: so many cases of one kind show coverage the lines that all of them take
MEASURED = 6


def quick(number: int, cases: Sequence[Any], measured: int = MEASURED) -> list[Any]:
    """Of many cases of one kind plain `pytest` tries the first few; the others are marked slow.

    Coverage looks at the first few of all, which may be more.
    """
    others = [case if isinstance(case, tuple) else (case,) for case in cases[number:]]
    seen, unseen = [pytest.mark.slow], [pytest.mark.slow, pytest.mark.unmeasured]
    marks = [seen if place < measured else unseen for place in range(number, len(cases))]
    return [*cases[:number], *(pytest.param(*case, marks=m) for case, m in zip(others, marks, strict=True))]


def examples(number: int) -> settings:
    """So many random cases of a law for `pytest -m ""`, and fewer for plain `pytest`."""
    default = settings.get_profile("default").max_examples
    return settings(max_examples=max(5, number * settings().max_examples // default), deadline=None)
