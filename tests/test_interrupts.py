"""Ctrl-C is one line wherever it falls: while modules are imported, or where nothing can be raised."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import faults
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="signals as Linux has them"),
]


def test_ctrl_c_while_the_command_is_imported_is_one_line(tmp_path: Path) -> None:
    code = "import mcdiv.__main__ as command; print(flush=True); command.main()"
    for seconds in (0, 0.01, 0.03, 0.1):
        process = subprocess.Popen(
            [sys.executable, "-c", code, "run", "fair"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=faults.environment(),
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=faults.LONG)
        assert process.returncode == 130
        assert re.fullmatch("interrupted; .*\n", told)


#: signals ourselves where an exception can be raised by nobody
FINALISER = """
import os, signal, time
from mcdiv.engine import interrupts

class Object:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)

interrupts.begin()
"""


@pytest.mark.parametrize(
    "then",
    [
        "Object(); time.sleep(60)",
        "Object(); interrupts.end()",
        # main() of the module and main() of the command line: the second one forgets nothing
        "Object(); interrupts.begin(); interrupts.end()",
        # the processes of multiprocessing leave without what atexit holds
        "Object(); interrupts.begin(); interrupts.end(); os._exit(0)",
    ],
)
def test_ctrl_c_that_falls_into_a_finaliser_is_one_line(then: str) -> None:
    done = python(FINALISER + then)
    assert done.returncode == 130
    assert re.fullmatch("interrupted; .*\n", done.stderr)


@pytest.mark.parametrize("then", ["", "os._exit(0)"])
def test_ctrl_c_after_the_end_of_a_command_changes_nothing(then: str) -> None:
    done = python(FINALISER + "interrupts.end(); Object(); " + then)
    assert (done.returncode, done.stderr) == (0, "")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=faults.LONG, check=False
    )
