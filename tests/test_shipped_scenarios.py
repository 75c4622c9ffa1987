"""Every shipped scenario: its checks, and with few draws its ranking, and every picture in every style.

Each is run once for all with few draws, and goes on from what the run of its checks has left in the ledger.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from checked import meets_its_checks
from conftest import Command
from legibility import faults
from matplotlib.figure import Figure
from test_ranking import WORDS, places

from mcdiv.files.shipped import shipped_scenarios
from mcdiv.results.plots import STYLES, catalogue, style
from mcdiv.results.plots.picture import Tables
from mcdiv.results.ranking import MAX_RATIO
from mcdiv.results.run import run
from mcdiv.results.study_results import Results

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]
KINDS = {"indistinguishable", "best", "only one", "worse", "not comparable", "less where both are finite"}


@pytest.fixture(scope="module", params=sorted(shipped_scenarios()))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def out(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp(name)


@pytest.fixture(scope="module")
def shipped(name: str, out: Path) -> Results:
    return run(name, settings=["replicates=100", "plots=[]", "checks=[]"], out=out, backend="serial")


def test_it_meets_its_checks(mcdiv_command: Command, name: str, out: Path) -> None:
    fewer = ("--set", "estimators=[plugin, james_stein, laplace]") if name == "bytes" else ()  # two minutes otherwise
    paths = 0 if name == "policy_gradient" else 2  # its draws are not from P
    settings = ("--set", "plots=[]", "--set", f"paths={paths}", *fewer)
    meets_its_checks(mcdiv_command("run", name, "-o", str(out), *settings).stdout)


def _verdicts(results: Results) -> dict[tuple[object, ...], str]:
    """What comparison.csv says of two estimators, by measure, place, estimand and the two."""
    found = {}
    plain = results.tables["comparison"].astype(object).where(results.tables["comparison"].notna(), None)
    for row in plain.to_dict("records"):
        # a ranking, which may be across runs, tells apart what draws are from
        truth = f"{row['truth']} (drawn from {row['drawn_from']})" if "drawn_from" in row else row["truth"]
        for measure, words in WORDS.items():
            place = (truth, row["model"], row["sample_size"], row["model_sample_size"], row["estimand"])
            names = frozenset((row["estimator_a"], row["estimator_b"]))
            found[measure, *place, names] = row["verdict"].split(words)[1].split("; ")[0]
    return found


def test_every_verdict_is_that_of_comparison_csv(shipped: Results) -> None:
    verdicts, seen = _verdicts(shipped), 0
    for place, group in places(shipped.compare()):
        for measure in WORDS:
            ranks = group[f"rank_{measure}"].dropna()
            if ranks.empty:
                assert set(group[f"verdict_{measure}"]) == {"not comparable"}
                continue
            best = group[group[f"rank_{measure}"] == ranks.min()]["estimator"].iloc[0]
            for row in group[group["estimator"] != best].to_dict("records"):
                said, seen = verdicts[measure, *place, frozenset((best, row["estimator"]))], seen + 1
                verdict = row[f"verdict_{measure}"]
                if said in ("indistinguishable", "not comparable"):
                    assert verdict == said
                elif said == row["estimator"]:
                    assert verdict == "less where both are finite"
                else:
                    assert said == best
                    assert verdict == "worse" or "×" in verdict
                assert verdict in KINDS or 1 < float(verdict.split("×")[1]) <= MAX_RATIO
    assert seen or len(shipped.scenario.estimators) == 1


def figures(tables: Tables) -> Iterator[tuple[str, Figure]]:
    for name, picture in catalogue().snapshot().items():
        rows = picture.data(tables)
        if len(rows):
            yield name, picture.draw(rows)


@pytest.mark.parametrize("kind", [kind for kind in STYLES if kind != "slides-dark"])
def test_nothing_is_cut_or_overprinted_in_a_picture_of_a_shipped_scenario(shipped: Results, kind: str) -> None:
    with style(kind):
        assert {picture: found for picture, figure in figures(shipped.tables) if (found := faults(figure))} == {}
