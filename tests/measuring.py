"""Where coverage does not look: tracing makes Python half as slow again, matplotlib's lines included."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: whoever starts Python while this variable is set is measured
VARIABLE = "COVERAGE_PROCESS_START"


@contextmanager
def unmeasured() -> Iterator[None]:
    """Trace no line meanwhile, neither here nor in commands that are started meanwhile."""
    tracer, settings = sys.gettrace(), os.environ.get(VARIABLE)
    if settings is None:
        yield
        return
    sys.settrace(None)
    del os.environ[VARIABLE]
    try:
        yield
    finally:
        os.environ[VARIABLE] = settings
        sys.settrace(tracer)
