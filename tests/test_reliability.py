"""What happens to runs in real life happens to real runs here; `python -m benchmarks.reliability` does more of it."""

import importlib.util
import os
import random
import re
import shutil
import signal
import sys
from pathlib import Path

import faults
import pytest
from faults import Place, digests, prepared, wait_for

import mcdiv
from mcdiv.cli.progress import RESUMABLE
from mcdiv.files import store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="signals, limits and /proc as Linux has them"),
]
needs_dask = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="pip install 'mcdiv[dask]'")
#: so many more replicates that a run has to be ended by somebody
ENDLESS = ("--set", "replicates=1e7")


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return prepared(tmp_path_factory.mktemp("reliability"))


@pytest.fixture
def place(master: Place) -> Place:
    master.clear()
    return master


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """With blocks enough to be in the middle of them."""
    return prepared(tmp_path_factory.mktemp("longer"), replicates=2500)


def begun(place: Place) -> bool:
    return place.entries() > 3


def test_killed_twenty_times_at_random_moments_it_ends_with_the_same_bytes(place: Place) -> None:
    tally = faults.ended_early(place, signal.SIGKILL, 20, random.Random(1))
    assert tally["with blocks to go on from"] >= 3


@pytest.mark.unmeasured
def test_killed_while_results_are_put_in_place_it_goes_on_from_every_block(place: Place) -> None:
    assert place.run("--max-time", "0").code == 130
    renames = 0
    while (done := faults.killed_before_a_rename(place, renames + 1)).code == -signal.SIGKILL:
        entries = place.entries()
        assert entries > 20
        assert place.run() == faults.Ended(code=0, stderr="")
        assert digests(place.results) == place.expected
        assert place.entries() == entries, "blocks were done again"
        renames += 1
    assert done == faults.Ended(code=0, stderr="")
    assert renames == 3  # the earlier results aside, the new ones in their place, the ledger to them


def test_ctrl_c_ends_with_130_and_the_same_command_goes_on(place: Place) -> None:
    tally = faults.ended_early(place, signal.SIGINT, 3, random.Random(2))
    assert tally["stopped"] == 3


#: an estimator that never comes back, waiting where Python can break in, or in C, where it cannot
STUCK = """
import ctypes, time
from pathlib import Path
from mcdiv.estimators.contract import estimator

@estimator("entropy", reference_values=[], properties=set())
def stuck(counts):
    '''Never there.

    Formula: none
    Valid:   never
    Source:  this test
    '''
    c, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(256)
    c.pthread_mutex_lock(mutex)
    Path("begun").touch()
    WAIT
"""
IN_PYTHON, IN_C = "time.sleep(10_000)", "c.pthread_mutex_lock(mutex)"
INTERRUPTED = f"interrupted; {RESUMABLE}\n"


@pytest.mark.parametrize(
    ("backend", "wait", "times"),
    [
        *[("serial", IN_PYTHON, 1), ("serial", IN_C, 2), ("threads", IN_C, 1), ("threads", IN_C, 3)],
        *[("processes", IN_C, 1), ("processes", IN_C, 2)],
    ],
)
def test_ctrl_c_ends_a_run_whose_blocks_never_end(place: Place, backend: str, wait: str, times: int) -> None:
    (place.folder / "stuck.py").write_text(STUCK.replace("WAIT", wait), encoding="utf-8")
    (place.folder / "begun").unlink(missing_ok=True)
    settings = ["--set", "estimators=[plugin, stuck]", "--set", "estimands=entropy"]
    running = place.start("--plugin", "stuck.py", "--backend", backend, "--workers", "2", *settings, cold=True)
    wait_for((place.folder / "begun").exists)
    workers = faults.workers_of(running.pid)
    for _ in range(times):
        running.signal(signal.SIGINT)
        running.wait(0.02)
    assert running.ended() == faults.Ended(code=130, stderr=INTERRUPTED)
    wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))


def test_an_interrupted_run_says_so_and_holds_no_results_yet(place: Place) -> None:
    process = place.start(*ENDLESS)
    wait_for(lambda: begun(place))
    process.signal(signal.SIGINT)
    done = process.ended()
    assert done.code == 130
    assert done.stderr.endswith(INTERRUPTED)
    assert store.read_manifest(place.results)["status"] == "interrupted"
    with pytest.raises(store.StoreError, match="the same command continues"):
        store.read_result(place.results, "summary.csv")


def test_earlier_results_stay_while_the_next_run_is_killed(place: Place) -> None:
    assert place.run("--set", "replicates=300").code == 0
    earlier = digests(place.results)
    process = place.start(*ENDLESS)
    count = place.entries()
    wait_for(lambda: place.entries() > count + 3)
    process.signal(signal.SIGKILL)
    process.ended()
    assert digests(place.results) == earlier
    assert store.read_manifest(place.results)["status"] == "complete"
    assert place.run().code == 0
    assert digests(place.results) == place.expected


def test_two_runs_at_once_the_second_is_refused_and_the_first_goes_on(place: Place) -> None:
    assert faults.doubled(place, 1)["refused in one line"] == 1


def test_writes_that_fail_are_one_line_and_what_is_finished_is_kept(place: Place) -> None:
    tally = faults.without_room(place, [9_000, 40_000])
    assert tally["refused in one line, and went on"] == 2


@pytest.mark.unmeasured
@pytest.mark.skipif(not faults.disks_can_be_made(), reason="this user may not mount anything")
def test_a_full_disk_is_one_line_and_with_more_room_it_goes_on(place: Place) -> None:
    tally = faults.on_a_full_disk(place, [60])
    assert tally["refused in one line, and went on"] == 1


@pytest.mark.skipif(not faults.disks_can_be_made(), reason="this user may not mount anything")
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_computed(place: Place) -> None:
    script = 'mkdir -p results && mount -t tmpfs -o ro tmpfs results && exec "$0" -m mcdiv run small.yaml'
    command = ["unshare", "-rm", "sh", "-c", script, sys.executable]
    done = faults.shell(command, place.folder)
    assert done.code == 2
    assert done.stderr == "results: cannot write results here: read-only file system\n"


@pytest.mark.parametrize("cut", [False, True], ids=["bits flipped", "cut off"])
@pytest.mark.parametrize("killed", [False, True], ids=["finished", "killed"])
def test_a_damaged_ledger_is_refused_or_of_no_consequence_and_never_believed(
    place: Place, *, cut: bool, killed: bool
) -> None:
    tally = faults.damaged(place, 10, random.Random(3), cut=cut, killed=killed)
    assert killed or tally["refused in one line and left as it was"] >= 4


def test_a_refused_ledger_can_be_replaced(place: Place) -> None:
    assert place.run().code == 0
    ledger = place.results / "ledger.sqlite"
    ledger.write_bytes(ledger.read_bytes()[:-5000])
    refused = place.run()
    assert refused.code == 2
    assert refused.stderr == (
        "results/small/ledger.sqlite: damaged; the same command with --fresh replaces it; to keep it: "
        "mv results/small/ledger.sqlite results/small/ledger.sqlite.old\n"
    )
    assert place.run("--fresh").code == 0
    assert digests(place.results) == place.expected


def test_a_clock_that_goes_backwards_changes_nothing(place: Place) -> None:
    assert faults.by_a_clock_that_goes_backwards(place, 1)["pieces"] > 1


def test_time_that_is_over_ends_with_130_at_a_block_and_the_same_command_goes_on(place: Place) -> None:
    done = place.run("--max-time", "0.5s", *ENDLESS)
    assert done.code == 130
    assert done.stderr.startswith("time is up; finished blocks are kept, and the same command continues")
    assert place.run("--max-time", "1h30m").code == 0
    assert digests(place.results) == place.expected
    assert "expected a time such as 90, 45m or 1h30m" in place.run("--max-time", "soon").stderr


def test_a_worker_process_that_is_killed_is_survived_and_the_bytes_are_the_same(longer: Place) -> None:
    assert faults.with_a_worker_killed(longer, 1, random.Random(4))["workers killed"] == 1


@pytest.mark.unmeasured
def test_worker_processes_end_with_a_run_that_is_killed(place: Place) -> None:
    process = place.start("--backend", "processes", "--workers", "2", *ENDLESS, cold=True)
    wait_for(lambda: begun(place))
    workers = faults.workers_of(process.pid)
    assert len(workers) == 2
    process.signal(signal.SIGKILL)
    process.ended()
    wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))


@needs_dask
def test_a_dask_worker_that_is_killed_is_survived_and_the_bytes_are_the_same(longer: Place) -> None:
    assert faults.with_a_dask_worker_killed(longer, 1, random.Random(5))["workers killed"] == 1


@pytest.mark.parametrize(
    ("backend", "workers"),
    [
        *[("serial", 1), ("threads", 1), ("threads", 2), ("threads", 3), ("processes", 2)],
        pytest.param("dask", 2, marks=needs_dask),
    ],
)
def test_every_backend_writes_the_bytes_that_killed_runs_end_with(place: Place, backend: str, workers: int) -> None:
    done = place.run("--backend", backend, "--workers", str(workers))
    assert done == faults.Ended(code=0, stderr="")
    assert digests(place.results) == place.expected


@pytest.fixture
def another_numpy(tmp_path: Path) -> dict[str, str]:
    """The environment of a worker that believes to have another NumPy."""
    (tmp_path / "sitecustomize.py").write_text("import numpy\nnumpy.__version__ = '9.9'\n", encoding="utf-8")
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), faults.HERE])}


@needs_dask
def test_a_dask_worker_with_another_mcdiv_is_refused_by_name(place: Place, tmp_path: Path) -> None:
    package = Path(faults.HERE) / "mcdiv"
    shutil.copytree(package, tmp_path / "mcdiv", ignore=shutil.ignore_patterns("__pycache__"))
    start = tmp_path / "mcdiv" / "__init__.py"
    text = start.read_text(encoding="utf-8").replace(f'"{mcdiv.__version__}"', '"9.9"')
    start.write_text(text, encoding="utf-8")
    with faults.dask_cluster(place.folder, [{"PYTHONPATH": str(tmp_path)}]) as cluster:
        done = place.run("--backend", "dask", "--scheduler", cluster.address)
    assert done.code == 2
    assert re.fullmatch(r"Dask worker tcp://\S+ has mcdiv 9\.9, here is \S+; they must be the same\n", done.stderr)


@needs_dask
def test_a_dask_worker_with_another_numpy_is_refused_by_name_also_if_it_joins_later(
    place: Place, another_numpy: dict[str, str]
) -> None:
    with faults.dask_cluster(place.folder, [{}]) as cluster:
        process = place.start("--backend", "dask", "--scheduler", cluster.address, *ENDLESS)
        wait_for(lambda: begun(place))
        cluster.join(another_numpy)
        done = process.ended()
        assert done.code == 2
        told = r"Dask worker tcp://\S+ has NumPy 9\.9, here is \S+; they must be the same\n"
        assert re.fullmatch(told, done.stderr)
        assert place.run("--backend", "dask", "--scheduler", cluster.address) == done


@needs_dask
def test_a_dask_cluster_that_is_lost_is_one_line_and_the_run_goes_on_without_it(place: Place) -> None:
    with faults.dask_cluster(place.folder, [{}]) as cluster:
        process = place.start("--backend", "dask", "--scheduler", cluster.address, *ENDLESS)
        wait_for(lambda: begun(place))
        cluster.scheduler.kill()
        done = process.ended()
    assert done == faults.Ended(code=2, stderr="the Dask cluster is lost: its scheduler is gone\n")
    assert place.run().code == 0
    assert digests(place.results) == place.expected


@needs_dask
def test_a_scheduler_that_does_not_answer_is_one_line_within_ten_seconds(place: Place) -> None:
    import socket

    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        done = place.run("--backend", "dask", "--scheduler", address)
    assert done == faults.Ended(code=2, stderr=f"no Dask scheduler answers at {address}: silent for 4 s\n")


def test_without_dask_it_says_what_to_install(place: Place) -> None:
    code = "import sys; sys.modules['distributed'] = None; from mcdiv.cli.main import main; main()"
    done = faults.shell([sys.executable, "-c", code, "run", "small.yaml", "--backend", "dask"], place.folder)
    assert done == faults.Ended(code=2, stderr="the backend dask needs Dask: pip install 'mcdiv[dask]'\n")
    assert "goes with --backend dask" in place.run("--scheduler", "tcp://127.0.0.1:1").stderr
