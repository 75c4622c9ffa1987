"""What `unmeasured` leaves out of coverage is left out, and nothing after it."""

import os
import sys
from typing import Any

import pytest
from cases import MEASURED, quick
from measuring import VARIABLE, unmeasured


def traced() -> set[str]:
    """The functions of this file whose lines a tracer sees, one of them called within `unmeasured`."""
    seen: set[str] = set()

    def tracer(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_filename == __file__:
            seen.add(frame.f_code.co_name)
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        _before()
        with unmeasured():
            _within()
        _after()
    finally:
        sys.settrace(before)
    return seen


def _before() -> None:
    pass


def _within() -> None:
    assert VARIABLE not in os.environ


def _after() -> None:
    pass


def test_no_line_is_traced_meanwhile_and_afterwards_all_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "pyproject.toml")
    assert traced() == {"_before", "_after"}
    assert os.environ[VARIABLE] == "pyproject.toml"


def test_another_tracer_than_that_of_coverage_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert traced() == {"_before", "_within", "_after"}


def test_of_many_cases_the_first_are_measured() -> None:
    marks = [{mark.name for mark in case.marks} for case in quick(2, range(MEASURED + 5))[2:]]
    assert marks == [{"slow"}] * (MEASURED - 2) + [{"slow", "unmeasured"}] * 5
