"""The ledger: what was finished is used again, nothing else is, and nobody can tell from the bytes."""

import ast
import itertools
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import quick
from hypothesis import given
from hypothesis import strategies as st
from small import scenario_of

from mcdiv.core import outcomes
from mcdiv.engine import block as engine
from mcdiv.engine import interval_block
from mcdiv.engine.block import run_block
from mcdiv.engine.cache import columns, ledger, source_hash
from mcdiv.engine.cache import keys as parts
from mcdiv.engine.cache.codec import canonical, packed, unpacked
from mcdiv.engine.cache.columns import Columns
from mcdiv.engine.cache.runner import Deadline
from mcdiv.engine.estimate_block import EstimateBlock
from mcdiv.engine.interval_block import IntervalBlock, interval_blocks
from mcdiv.engine.plan import Block, plan_of
from mcdiv.engine.pool import open_pool
from mcdiv.engine.work import Work
from mcdiv.errors import OutOfTime, StoreError
from mcdiv.results.run import run
from mcdiv.results.study_results import Results

#: drawn in many blocks of 54, since there are too many outcomes to list
DRAWN: dict[str, Any] = {
    "truth": {"zipf": 600},
    "model": {"uniform": 600},
    "sample_sizes": [20, 50],
    "replicates": 150,
    "estimands": ["entropy", "kl_divergence"],
}
#: faults, sampled models, intervals, listed outcomes
STUDIES: list[dict[str, Any]] = [
    {},
    {"model": {"coin": 1}, "sample_sizes": [3]},
    {"model_sample_sizes": [2], "sample_sizes": [2], "estimators": ["plugin", "laplace"]},
    {"mode": "exact", "truth": {"zipf": 300}, "model": None, "sample_sizes": [30]},
    {"intervals": ["delta", "jackknife"], "truth": {"zipf": 4}, "model": None},
    {**DRAWN, "intervals": ["delta"]},
]


def csv_of(results: Results) -> dict[str, bytes]:
    assert results.folder is not None
    return {path.name: path.read_bytes() for path in results.folder.glob("*.csv")}


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many blocks need not be many replicates."""
    monkeypatch.setattr(outcomes, "BLOCK_ENTRIES", 2**15)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """How many rows of estimates (or of intervals) were made, by sample size and label."""
    counts: Counter = Counter()
    honest = columns.Columns.of

    def watched(self: Columns, key: Any, rows: slice, make: Any) -> Any:
        def counted() -> Any:
            column = make()
            name = "/".join(part.label for part in key) if isinstance(key, tuple) else f"{key.estimand}/{key.label}"
            counts[name] += column[0].shape[-1]
            return column

        return honest(self, key, rows, counted)

    monkeypatch.setattr(columns.Columns, "of", watched)
    return counts


def all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is made counts as expensive."""
    monkeypatch.setattr(parts, "Columns", partial(Columns, expensive_from=-1.0))


def works_on(blocks: Iterable[Block], intervals: Iterable[IntervalBlock]) -> list[Work[Any]]:
    """All that a worker does for a study."""
    return [*(EstimateBlock(block=block) for block in blocks), *intervals]


@pytest.mark.slow
@pytest.mark.parametrize("changes", STUDIES, ids=str)
def test_a_block_is_the_sum_of_its_parts_bit_by_bit(changes: dict) -> None:
    scenario = scenario_of(**changes)
    plan = plan_of(scenario).seeded(7)
    blocks = [b for c in plan.conditions for b in plan.blocks(c)][:4]
    means = {(b.condition.number, t): 0.1 for b in blocks for t, _ in plan.intervals(b.condition)}
    for work in works_on(blocks, interval_blocks(plan, blocks, means)):
        whole = work.run()
        contents = {part: parts.pack(work, work.restricted_to([part]).run(), part) for part in work.parts()}
        assert contents == {part: parts.pack(work, whole, part) for part in work.parts()}
        again = parts.joined(work, contents)
        assert set(again.simulated) == set(whole.simulated)
        for name, moments in whole.simulated.items():
            assert again.simulated[name].mean.tobytes() == moments.mean.tobytes()  # type: ignore[index]
            assert again.simulated[name].scatter.tobytes() == moments.scatter.tobytes()  # type: ignore[index]
        if isinstance(whole, engine.BlockResult):
            assert isinstance(again, engine.BlockResult)
            assert (again.bias, again.variance) == (whole.bias, whole.variance)
            assert set(again.failures) == set(whole.failures)


@pytest.mark.slow
@given(st.lists(st.floats() | st.integers(-(2**53), 2**53), max_size=9), st.dictionaries(st.text(), st.floats()))
def test_numbers_come_back_as_they_were(numbers: list[float], named: dict[str, float]) -> None:
    value = (np.array(numbers, dtype=np.float64), named, None)
    array, found, nothing = unpacked(tuple[np.ndarray, dict[str, float], int | None], packed(value))
    assert array.tobytes() == value[0].tobytes()
    assert repr(found) == repr(named)
    assert nothing is None


@given(st.binary(max_size=60))
def test_bytes_that_hold_no_record_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        unpacked(tuple[np.ndarray, dict[int, str]], content)


def test_equal_values_and_only_those_have_the_same_text() -> None:
    values = [1, 1.0, "1", True, None, (1,), (1, 1), ("1",), 0.1, 0.1 + 1e-17, np.nextafter(0.1, 1), "a,b", ("a", "b")]
    assert len({canonical(value) for value in values}) == len(values) - 1  # 0.1 and 0.1 + 1e-17 are one number


@pytest.mark.slow
@pytest.mark.parametrize("changes", quick(3, STUDIES), ids=str)
def test_with_a_ledger_without_one_and_from_one_the_bytes_are_the_same(folder: Path, changes: dict) -> None:
    scenario = scenario_of(**changes)
    first, second = run(scenario, out="one"), run(scenario, out="one", backend="serial")
    assert csv_of(first) == csv_of(second)
    from mcdiv.results.csv_tables import to_csv

    alone = run(scenario, backend="serial")
    assert {f"{name}.csv": to_csv(table).encode() for name, table in alone.tables.items()} == csv_of(first)


@pytest.mark.slow
def test_a_second_run_makes_nothing(folder: Path, made: Counter) -> None:
    scenario = scenario_of(**DRAWN, intervals=["delta"])
    run(scenario, out="r", backend="serial")
    assert made["entropy/plugin"] >= 2 * 150
    made.clear()
    told: list[str] = []
    run(scenario, out="r", backend="serial", on_note=told.append)
    assert not made
    assert told == ["14 of 14 blocks were there from earlier runs"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        *quick(
            1,
            [
                ({"replicates": 108}, {"replicates": 150}, 2 * 42),
                ({"estimators": ["plugin", "zhang"]}, {"estimators": ["zhang"]}, None),
                ({"estimators": ["plugin"]}, {"estimators": ["plugin", "zhang"]}, None),
                ({"estimands": ["entropy"]}, {"estimands": ["entropy", "kl_divergence"]}, 0),
                ({"sample_sizes": [20]}, {"sample_sizes": [10, 20, 50]}, 2 * 150),
                ({"truth": {"zipf": {"k": 600, "s": [1, 2]}}}, {"truth": {"zipf": {"k": 600, "s": [0.5, 1]}}}, 2 * 150),
            ],
        )
    ],
    ids=["replicates", "fewer estimators", "estimators", "estimands", "sample sizes", "truths"],
)
def test_asking_for_more_makes_only_what_is_missing(
    folder: Path, made: Counter, monkeypatch: pytest.MonkeyPatch, before: dict, after: dict, rows: int | None
) -> None:
    all_kept(monkeypatch)
    wanted = scenario_of(**{**DRAWN, "intervals": ["delta"], **after})
    expected = csv_of(run(wanted, out="fresh", backend="serial"))
    run(scenario_of(**{**DRAWN, "intervals": ["delta"], **before}), out="r", backend="serial")
    made.clear()
    assert csv_of(run(wanted, out="r", backend="serial")) == expected
    if rows is None:
        assert made["entropy/plugin"] == 0
        assert made["entropy/zhang"] == (2 * 150 if before["estimators"] == ["plugin"] else 0)
    else:
        assert made["entropy/plugin"] == rows
        assert made["plugin/delta"] in (2 * rows, 2 * 150 if "estimands" in after else -1)


@pytest.mark.slow
def test_cheap_estimates_are_not_kept_but_made_again(folder: Path, made: Counter, monkeypatch: Any) -> None:
    monkeypatch.setattr(parts, "Columns", partial(Columns, expensive_from=1e9))
    run(scenario_of(**DRAWN | {"estimators": ["plugin"]}), out="r", backend="serial")
    made.clear()
    wanted = scenario_of(**DRAWN | {"estimators": ["plugin", "zhang"]})
    found = csv_of(run(wanted, out="r", backend="serial"))
    assert made["entropy/plugin"] == made["entropy/zhang"] == 2 * 150
    assert found == csv_of(run(wanted, out="fresh", backend="serial"))


@pytest.mark.slow
def test_more_replicates_of_listed_outcomes_make_no_estimate_anew(
    folder: Path, made: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_kept(monkeypatch)
    run(scenario_of(replicates=100, seed=1), out="r", backend="serial")
    made.clear()
    more = csv_of(run(scenario_of(replicates=10**9, seed=2), out="r", backend="serial"))
    assert not made
    assert more == csv_of(run(scenario_of(replicates=10**9, seed=2), out="fresh", backend="serial"))


def test_exceptions_are_remembered_with_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(rows: slice) -> tuple[np.ndarray, dict[int, str]]:
        return np.arange(rows.start, rows.stop, dtype=float), {1: f"at {rows.start + 1}"}

    first = Columns(expensive_from=-1.0)
    pieces = [slice(0, 4), slice(4, 7)]
    told = [first.of("x", rows, partial(make, rows)) for rows in pieces]
    content = packed(first.expensive()["x"])
    second = Columns({"x": unpacked(tuple[np.ndarray, dict[int, str]], content)})
    for rows, (values, raised) in zip(pieces, told, strict=True):
        found = second.of("x", rows, pytest.fail)  # type: ignore[arg-type]
        assert found[0].tolist() == values.tolist()
        assert found[1] == raised
    assert not second.expensive()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "said"),
    quick(
        1,
        [
            (
                {"truth": {"coin": 0.3}},
                "the truth is coin(p=0.3), it was coin(p=0.5); no block of another truth is used",
            ),
            ({"seed": 8}, "the seed is 8, it was 7; no block of another seed is used"),
            (
                {"model": {"coin": 0.3}},
                "the model is coin(p=0.3), it was coin(p=0.6); no block of another model is used",
            ),
        ],
    ),
)
def test_what_changed_is_said_and_never_mixed(folder: Path, changes: dict, said: str) -> None:
    run(scenario_of(mode="monte_carlo"), out="r")
    told: list[str] = []
    found = csv_of(run(scenario_of(mode="monte_carlo", **changes), out="r", on_note=told.append))
    assert told == [said]
    assert found == csv_of(run(scenario_of(mode="monte_carlo", **changes), out="fresh"))


@pytest.mark.slow
def test_what_is_said_to_have_changed_is_true_where_an_older_run_was_the_same(folder: Path) -> None:
    told: list[str] = []
    for seed in (7, 8, 7):
        told.clear()
        run(scenario_of(seed=seed), out="r", backend="serial", on_note=told.append)
    assert told == [
        "the seed is 7, it was 8; no block of another seed is used",
        "2 of 2 blocks were there from earlier runs",
    ]


@pytest.mark.slow
def test_changed_code_and_changed_libraries_are_said_and_their_blocks_dropped(
    folder: Path, monkeypatch: pytest.MonkeyPatch, made: Counter
) -> None:
    from mcdiv.engine.cache import runner

    run(scenario_of(), out="r", backend="serial")
    honest = source_hash._hash
    monkeypatch.setattr(source_hash, "_hash", lambda name: honest(name) + "x" * name.endswith("core.moments"))
    runner._code.cache_clear()
    made.clear()
    told: list[str] = []
    run(scenario_of(), out="r", backend="serial", on_note=told.append)
    assert told == ["the code changed (mcdiv.core.moments); nothing that other code computed is used"]
    assert made["entropy/plugin"] > 0
    monkeypatch.setattr(np, "__version__", "1.0")
    runner._code.cache_clear()
    told.clear()
    run(scenario_of(), out="r", backend="serial", on_note=told.append)
    assert [line.partition(",")[0] for line in told] == ["NumPy is 1.0"]
    with sqlite3.connect("r/small/ledger.sqlite") as database:
        assert len(database.execute("SELECT DISTINCT era FROM entries").fetchall()) == 1
    database.close()
    runner._code.cache_clear()


@pytest.mark.parametrize("module", ["samplers", "levels", "outcomes", "fingerprints"])
def test_what_another_sampler_drew_is_asked_for_by_nobody(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mcdiv.engine.cache import runner

    scenario = scenario_of(truth={"zipf": 30}, model=None, estimators=["plugin"], intervals=["delta"])
    plan = plan_of(scenario).seeded(1)
    blocks = [block for condition in plan.conditions for block in plan.blocks(condition)]
    works = works_on(blocks, interval_blocks(plan, blocks, defaultdict(float)))
    assert {type(work).__name__ for work in works} == {"EstimateBlock", "IntervalBlock"}

    def keys() -> set[bytes]:
        runner._code.cache_clear()
        return {key for work in works for key in parts.Keys(runner._code).of(work)[0]}

    before, honest = keys(), source_hash._hash
    assert keys() == before
    monkeypatch.setattr(source_hash, "_hash", lambda name: honest(name) + "x" * (name == f"mcdiv.core.{module}"))
    assert not keys() & before
    runner._code.cache_clear()


def test_the_code_of_an_estimator_is_its_file_and_what_that_imports() -> None:
    found = set(source_hash.hashes(["mcdiv.estimators.bayesian"]))
    assert {"mcdiv.estimators.bayesian", "mcdiv.core.special", "mcdiv.core.arrays"} <= found
    assert "mcdiv.estimators.bub" not in found
    assert {"mcdiv.core.samplers", "mcdiv.core.moments"} <= set(source_hash.hashes([run_block.__module__]))
    assert not any(name.startswith("mcdiv.results") for name in source_hash.hashes([interval_block.__name__]))
    for module in found:  # the text is searched, not parsed, which is slow
        tree = ast.parse(Path(source_hash._path(module) or "").read_text(encoding="utf-8"))
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert {n.module for n in froms if (n.module or "").count(".") == 2 and "mcdiv." in (n.module or "")} <= found
    nobody = source_hash.hashes(["__typed_in__"])
    source_hash._hash.cache_clear()
    assert nobody != source_hash.hashes(["__typed_in__"])  # what cannot be read is taken for changed


def test_the_code_of_a_plugin_is_its_module_and_those_beside_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "theirs").mkdir()
    (folder / "theirs" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "theirs" / "rules.py").write_text("from .sums import total\nimport os\n", encoding="utf-8")
    (folder / "theirs" / "sums.py").write_text("from mcdiv.core import moments\ntotal = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    import theirs.rules  # type: ignore[import-not-found]

    found = source_hash.hashes([theirs.rules.__name__])
    assert {"theirs.rules", "theirs.sums", "mcdiv.core.moments", "mcdiv.core.arrays"} == set(found)


def test_the_code_of_a_plugin_is_a_module_beside_it_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "near.py").write_text("import beside\nimport math\n", encoding="utf-8")
    (folder / "beside.py").write_text("one = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    import near  # type: ignore[import-not-found]

    assert {"near", "beside"} == set(source_hash.hashes([near.__name__]))


def test_work_that_is_not_a_block_is_handed_out_and_not_kept() -> None:
    from mcdiv.engine.cache.runner import BlockRunner

    wrapped = []

    def around(work: Any) -> Any:
        wrapped.append(work)
        return work

    with open_pool("threads", 2) as pool:
        runner = BlockRunner(pool, ledger=object(), wrap=around)  # type: ignore[arg-type]
        assert list(runner.map(abs, [-3, 2, -1])) == [3, 2, 1]
    assert wrapped == [abs]


@pytest.mark.slow
def test_a_seed_that_was_drawn_is_drawn_once(folder: Path) -> None:
    first = run(scenario_of(seed=None), out="r")
    assert run(scenario_of(seed=None), out="r").scenario.seed == first.scenario.seed
    assert run(scenario_of(seed=None), out="r", fresh=True).scenario.seed != first.scenario.seed


@pytest.mark.slow
def test_fresh_uses_nothing(folder: Path, made: Counter) -> None:
    run(scenario_of(), out="r", backend="serial")
    made.clear()
    run(scenario_of(), out="r", backend="serial", fresh=True)
    assert made["entropy/plugin"] > 0


def looked_at_three_times() -> Deadline:
    """Three seconds by a clock that is a second later each time it is read: how fast the machine is does not matter."""
    return Deadline(3, clock=itertools.count(0.0).__next__)


def test_out_of_time_everything_finished_is_kept(folder: Path, made: Counter) -> None:
    scenario = scenario_of(**DRAWN)
    with pytest.raises(OutOfTime):
        run(scenario, out="r", max_time=0)
    assert not made
    expected = csv_of(run(scenario, out="fresh"))
    blocks = []
    for _ in range(20):
        try:
            found = run(scenario, out="r", backend="serial", max_time=looked_at_three_times())
        except OutOfTime:
            with ledger.open_ledger(folder / "r" / "small", "code") as database:
                blocks.append(database._connection.execute("SELECT count(*) FROM entries").fetchone()[0])
            continue
        assert csv_of(found) == expected
        assert len(blocks) >= 2
        assert blocks == sorted(set(blocks)), "a run came to nothing"
        return
    pytest.fail("it never ends")


@pytest.mark.slow
def test_what_is_read_and_verified_first_takes_nothing_of_the_time(folder: Path, monkeypatch: Any) -> None:
    seconds = [0.0]
    honest = ledger._verify

    def slow(*given: Any) -> None:
        seconds[0] += 1000
        honest(*given)

    monkeypatch.setattr(ledger, "_verify", slow)
    run(scenario_of(**DRAWN), out="r", backend="serial", max_time=Deadline(1, clock=lambda: seconds[0]))
    assert seconds == [1000.0]


def test_any_number_of_keys_is_looked_up_at_once(tmp_path: Path) -> None:
    keys = [str(number).encode() for number in range(1200)]
    with ledger.open_ledger(tmp_path, "code") as database:
        database.store(dict.fromkeys(keys[::7], b""))
        assert database.holding(keys) == set(keys[::7])
        assert database.holding([]) == set()


@pytest.mark.slow
def test_a_strangers_file_is_refused_and_left_as_it_is(folder: Path) -> None:
    run(scenario_of(), out="r")
    place = folder / "r" / "small" / ledger.NAME
    place.unlink()
    with sqlite3.connect(place) as theirs:
        theirs.execute("CREATE TABLE thesis (chapter TEXT)")
    theirs.close()
    for content in (place.read_bytes(), b"years of work", b"SQLite format 3\x00"):
        place.write_bytes(content)
        for fresh in (False, True):
            with pytest.raises(StoreError, match="not a ledger of mcdiv"):
                run(scenario_of(), out="r", fresh=fresh)
            assert place.read_bytes() == content
    assert csv_of(run(scenario_of(), out="other")) == {
        p.name: p.read_bytes() for p in (folder / "r/small").glob("*.csv")
    }


@pytest.mark.slow
def test_a_ledger_of_a_later_mcdiv_is_refused(folder: Path) -> None:
    run(scenario_of(), out="r")
    with sqlite3.connect("r/small/ledger.sqlite") as database:
        database.execute("PRAGMA user_version = 2")
    database.close()
    with pytest.raises(StoreError, match="of schema 2, this mcdiv reads 1"):
        run(scenario_of(), out="r")
