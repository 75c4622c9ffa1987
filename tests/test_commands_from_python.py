"""Every command has a function that gives the same, from an empty folder."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import Command
from pages import ROOT
from small import scenario_of

import mcdiv
from mcdiv.cli.catalogue import LISTS
from mcdiv.cli.main import cli
from mcdiv.results.tables import to_records

#: the function of each command, where it is not called as the command is
FUNCTIONS = {"list": "catalogue", "difference": "entropy_difference"}
FAIR = ROOT / "scenarios" / "fair.yaml"
#: enough for every table and a picture
QUICK = ["replicates=200", "sample_sizes=[5, 10]", "checks=[]", "paths=3", "plots=[decomposition]"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run."""
    out = tmp_path_factory.mktemp("results")
    found = mcdiv.run(FAIR, settings=QUICK, out=out, backend="serial")
    assert found.folder is not None
    return found.folder


def own(frame: pd.DataFrame) -> Any:
    """What a command prints of such a table as JSON."""
    return json.loads(json.dumps(to_records(frame)))


def test_every_command_has_its_function() -> None:
    for name in cli.commands:
        assert callable(getattr(mcdiv, FUNCTIONS.get(name, name))), name


def test_run_is_the_command(mcdiv_command: Command) -> None:
    settings = [word for text in QUICK for word in ("--set", text)]
    printed = json.loads(mcdiv_command("run", str(FAIR), "--json", *settings).stdout)
    found = mcdiv.run(FAIR, settings=QUICK, own_name=True)
    assert printed["summary"] == own(found.summary)
    assert (printed["seed"], printed["name"]) == (found.scenario.seed, found.scenario.name)


@pytest.mark.slow
def test_check_says_what_the_command_prints(mcdiv_command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcdiv.engine.cost._seconds", lambda work: 1e-4)  # times differ from call to call
    printed = mcdiv_command("check", str(FAIR)).stdout
    assert printed == f"{FAIR}: fine; {mcdiv.check(FAIR)}\n"
    assert mcdiv.check(FAIR, settings=["sample_sizes=[10]"]).description.startswith("1 condition ")
    (line,) = mcdiv_command("check", "fair", "--set", "mode=x", code=2).stderr.splitlines()
    with pytest.raises(mcdiv.ScenarioError) as said:
        mcdiv.check("fair", settings=["mode=x"])
    assert said.value.problems == [line]
    assert json.loads(mcdiv_command("check", "--schema").stdout) == mcdiv.scenario_schema()


@pytest.mark.slow
@pytest.mark.parametrize("kind", LISTS)
def test_a_catalogue_is_what_list_prints(kind: str, mcdiv_command: Command) -> None:
    assert json.loads(mcdiv_command("list", kind, "--json").stdout) == own(mcdiv.catalogue(kind))


@pytest.mark.parametrize("name", ["miller_madow", "zipf", "jackknife", "entropy", "fair"])
def test_show_gives_the_card_that_the_command_prints(name: str, mcdiv_command: Command) -> None:
    assert json.loads(mcdiv_command("show", name, "--json").stdout) == mcdiv.show(name)


@pytest.mark.slow
def test_new_writes_the_file_that_the_command_writes(
    mcdiv_command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcdiv.engine.cost._seconds", lambda work: 0.1)  # so long that it is measured once
    mcdiv_command("new", "a/mine.yaml", code=2)
    (folder / "a").mkdir()
    mcdiv_command("new", "a/mine.yaml", "--from", "die")
    assert mcdiv.new("mine", source="die") == Path("mine.yaml")
    assert (folder / "mine.yaml").read_bytes() == (folder / "a" / "mine.yaml").read_bytes()
    assert mcdiv.check("mine.yaml").scenario.name == "mine"


@pytest.mark.slow
def test_compare_ranks_as_the_command_does(mcdiv_command: Command, written: Path) -> None:
    printed = json.loads(mcdiv_command("compare", str(written), "--json").stdout)
    assert printed == own(mcdiv.compare(written)) == own(mcdiv.compare(str(written), written))


@pytest.mark.slow
def test_results_rank_their_estimators_whether_they_are_written_or_not(written: Path) -> None:
    wanted = mcdiv.compare(written).drop(columns="run")
    found = mcdiv.run(FAIR, settings=QUICK, backend="serial")
    pd.testing.assert_frame_equal(found.compare().drop(columns="run"), wanted)
    assert set(found.compare().run) == {"fair"}
    other = mcdiv.run(FAIR, settings=[*QUICK, "seed=2"], backend="serial")
    assert set(mcdiv.compare(found, other, found).run) == {"fair", "fair (2)"}


@pytest.mark.slow
def test_plot_draws_the_files_that_the_command_draws(mcdiv_command: Command, written: Path, folder: Path) -> None:
    mcdiv_command("plot", str(written), "--only", "decomposition,agreement", "-o", str(folder / "a"))
    drawn = mcdiv.plot(str(written), only=["decomposition", "agreement"], out="b")
    assert (drawn.folder, drawn.files, drawn.empty) == (Path("b"), ["decomposition.svg", "agreement.svg"], [])
    for name in drawn.files:
        assert (folder / "a" / name).read_bytes() == (folder / "b" / name).read_bytes()
    assert mcdiv.plot(written, only="coverage", out="c").empty == ["coverage"]


def test_replay_draws_the_replicate_that_the_command_shows(mcdiv_command: Command, written: Path) -> None:
    asked = ["replay", str(written), "--condition", "2", "--replicate", "17"]
    printed = json.loads(mcdiv_command(*asked, "--json").stdout)
    found = mcdiv.replay(written, condition=2, replicate=17)
    assert found.counts.tolist() == printed["counts"]
    assert found.counts_q is None
    shown = [(row["estimand"], row["estimator"], row["estimate"]) for row in printed["estimates"]]
    assert list(found.estimates[["estimand", "estimator", "estimate"]].itertuples(index=False, name=None)) == shown
    assert set(found.estimates.unit) == {printed["unit"]}
    assert found.estimates.error.isna().all()
    assert set(mcdiv.replay(written, condition=2, replicate=17, estimator="jackknife").estimates.estimator) == {
        "jackknife"
    }
    with pytest.raises(mcdiv.ScenarioError, match="condition: expected one from 1 to 2, got 3"):
        mcdiv.replay(written, condition=3, replicate=0)


@pytest.mark.slow
def test_a_replayed_estimator_that_raises_has_its_error(folder: Path) -> None:
    (folder / "fails.py").write_text(
        "from mcdiv.estimators.contract import estimator\n"
        '@estimator("entropy", reference_values=[], properties=set())\n'
        "def fails(counts):\n"
        '    """Fails.\\n\\n    Formula: none\\n    Valid:   never\\n    Source:  a test\\n    """\n'
        '    raise ArithmeticError("too few")\n',
        encoding="utf-8",
    )
    settings = [*QUICK, "estimators=[plugin, fails]"]
    run = mcdiv.run(FAIR, settings=settings, plugins=["fails.py"], out="out", backend="serial")
    found = mcdiv.replay(run.folder or "", condition=1, replicate=0, plugins=["fails.py"])
    rows = found.estimates[found.estimates.estimator == "fails"]
    assert set(rows.error) == {"ArithmeticError: too few"}
    assert rows.estimate.isna().all()


@pytest.mark.slow
def test_results_draw_the_pictures_that_the_command_draws(written: Path, folder: Path) -> None:
    found = mcdiv.run(FAIR, settings=QUICK, backend="serial")
    for kind in ("svg", "png"):
        mcdiv.plot(written, only="agreement", out="command", kind=kind, style="slides")
        drawn = found.plot("agreement", style="slides")
        name = f"agreement.{kind}"
        assert drawn.save(f"own/{name}") == Path(f"own/{name}")
        assert (folder / "own" / name).read_bytes() == (folder / "command" / name).read_bytes()
    assert drawn._repr_svg_().encode() == (folder / "own" / "agreement.svg").read_bytes()
    assert drawn.figure.axes
    with pytest.raises(ValueError, match="unknown format 'bmp'; expected one of: pdf, png, svg"):
        drawn.save("bias.bmp")


def test_a_picture_without_values_and_one_that_is_not_there_are_refused() -> None:
    found = mcdiv.run(FAIR, settings=QUICK, backend="serial")
    with pytest.raises(ValueError, match="coverage: these results have nothing to draw"):
        found.plot("coverage")
    with pytest.raises(ValueError, match="unknown plot 'bais'; did you mean 'bias'"):
        found.plot("bais")


@pytest.mark.slow
def test_report_writes_the_page_that_the_command_and_the_run_write(
    mcdiv_command: Command, written: Path, folder: Path
) -> None:
    mcdiv_command("report", str(written), "-o", "a.html")
    assert mcdiv.report(str(written), out="b.html") == Path("b.html")
    found = mcdiv.run(FAIR, settings=QUICK, backend="serial")
    assert found.report("c.html") == Path("c.html")
    page = (written / "report.html").read_bytes()
    for name in ("a.html", "b.html", "c.html"):
        assert (folder / name).read_bytes() == page, name
    with pytest.raises(mcdiv.StoreError, match="exists already"):
        found.report("c.html")
    assert mcdiv.report(written) == written / "report.html"
    assert (written / "report.html").read_bytes() == page


@pytest.mark.parametrize(("truth", "given"), [("0.7", 0.7), ("zipf: {k: 2}", {"zipf": {"k": 2}})])
def test_explain_derives_as_the_command_does(truth: str, given: Any, mcdiv_command: Command) -> None:
    found = mcdiv.explain(given, 0.5)
    for form in ("text", "markdown", "html"):
        printed = mcdiv_command("explain", "--truth", truth, "--model", "0.5", "--format", form).stdout
        assert printed.rstrip() == getattr(found, form).rstrip()
    assert str(found) == found.text == str(mcdiv.explain(truth, "0.5"))
    assert len(repr(found)) < 80


def test_explain_pairs_two_series_by_their_labels() -> None:
    found = mcdiv.explain(pd.Series({"a": 0.25, "b": 0.75}), pd.Series({"b": 0.75, "a": 0.25}))
    assert found.explanation.case.kl_divergence == 0


def test_explore_writes_the_page_that_the_command_writes(mcdiv_command: Command, folder: Path) -> None:
    mcdiv_command("explore", "--truth", "0.6", "--model", "0.4", "-n", "20", "-u", "bits", "-o", "a.html")
    assert mcdiv.explore(0.6, 0.4, 20, units="bits", out="b.html") == Path("b.html")
    assert (folder / "a.html").read_bytes() == (folder / "b.html").read_bytes()


@pytest.mark.slow
def test_fit_learns_as_the_command_does(mcdiv_command: Command, folder: Path) -> None:
    settings = ["learning.steps=20", "plots=[]"]
    given = [word for text in settings for word in ("--set", text)]
    printed = json.loads(mcdiv_command("fit", "learning", "--json", "-o", "a", *given).stdout)
    found = mcdiv.fit("learning", settings=settings, out="b")
    assert printed["fits"] == own(found.summary)
    for name in ("learning.csv", "learning_summary.csv", "learning.yaml"):
        assert (folder / "a" / "learning" / name).read_bytes() == (folder / "b" / "learning" / name).read_bytes()
    assert repr(found) == f"<mcdiv.Fitted of 'learning': {len(found.fits)} fits, written to {Path('b/learning')}>"
    assert "<table" in found._repr_html_()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "given"),
    [
        (["fair", "--set", "sample_sizes=[5]"], {"scenario": "fair", "settings": ["sample_sizes=[5]"]}),
        (["--truth", "0.5", "-n", "10"], {"truth": 0.5, "sample_sizes": 10}),
        (
            ["--truth", "zipf: {k: [2, 3]}", "-n", "4", "-n", "5", "-e", "additive(alpha=0.5)", "-u", "bits"],
            {
                "truth": {"zipf": {"k": [2, 3]}},
                "sample_sizes": [4, 5],
                "estimators": "additive(alpha=0.5)",
                "units": "bits",
            },
        ),
        (
            ["--truth", "0.5", "--model", "0.25", "-n", "4", "-m", "3", "-e", "laplace", "--estimand", "js_divergence"],
            {
                **{"truth": "0.5", "model": 0.25, "sample_sizes": [4], "model_sample_sizes": 3},
                **{"estimators": [{"laplace": {}}], "estimands": ["js_divergence"]},
            },
        ),
    ],
)
def test_exact_values_are_those_of_the_command(
    options: list[str], given: dict[str, Any], mcdiv_command: Command
) -> None:
    found = mcdiv.exact(**given)
    assert json.loads(mcdiv_command("exact", *options, "--json").stdout) == own(found.summary)
    assert found.folder is None


def test_exact_values_at_a_pmf_are_those_of_exact_performance() -> None:
    p, q = pd.Series({"a": 0.2, "b": 0.3, "c": 0.5}), pd.Series({"c": 0.25, "b": 0.25, "a": 0.5})
    found = mcdiv.exact(truth=p, model=q, sample_sizes=6, estimands="kl_divergence").summary.iloc[0]
    wanted = mcdiv.exact_performance("kl_divergence", estimator="plugin", truth=p, model=q, sample_size=6)
    assert found.exact_bias == pytest.approx(wanted.bias, rel=1e-12)
    assert found.true_value == pytest.approx(float(mcdiv.kl_divergence(p, q)), rel=1e-12)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give either scenario or truth"),
        ({"scenario": "fair", "truth": 0.5}, "give either scenario or truth"),
        (
            {"scenario": "fair", "sample_sizes": 3},
            "model, sample_sizes, model_sample_sizes, estimators and estimands need truth; use settings",
        ),
        ({"truth": 1.5, "sample_sizes": 3}, "truth: coin: expected a probability in [0, 1], got 1.5"),
        ({"truth": 0.5, "sample_sizes": 0}, "sample_sizes 0: expected a whole number from 1 to 10^9, got 0"),
        ({"truth": 0.5}, "sample_sizes: expected at least one sample size, got an empty list"),
        ({"truth": 0.5, "sample_sizes": 3, "units": 7}, "units: expected a name, got 7"),
        (
            {"truth": 0.5, "sample_sizes": 3, "estimators": ["plugi"]},
            "estimators plugi: unknown estimator 'plugi'; did you mean 'plugin'?",
        ),
    ],
)
def test_mistakes_in_exact_are_named_as_arguments(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        mcdiv.exact(**given)
    assert str(error.value) == said


COUNTS = "site,species,n\na,oak,7\na,elm,2\na,ash,1\nb,oak,3\nb,elm,3\nb,ash,0\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "given"),
    [
        ([], {}),
        (["--by", "site"], {"by": "site"}),
        (["-e", "plugin", "-e", "additive: {alpha: 0.5}"], {"estimators": ["plugin", "additive(alpha=0.5)"]}),
        (["--model", "uniform: {k: 3}", "-u", "bits"], {"model": {"uniform": {"k": 3}}, "units": "bits"}),
        (["--model", "categorical: {pmf: [0.5, 0.25, 0.25]}"], {"model": pd.Series([0.5, 0.25, 0.25])}),
        (["--against", "counts.csv", "--level", "0.9"], {"against": Path("counts.csv"), "level": 0.9}),
        (["--alphabet-size", "5", "--interval", "delta"], {"alphabet_size": 5, "interval": "delta"}),
    ],
)
def test_estimates_are_those_of_the_command(
    options: list[str], given: dict[str, Any], mcdiv_command: Command, folder: Path
) -> None:
    (folder / "counts.csv").write_text(COUNTS, encoding="utf-8")
    rest: dict[str, Any] = {"column": "species", "weights": "n"}
    asked = ["estimate", "counts.csv", "--column", "species", "--weights", "n", *options]
    printed = json.loads(mcdiv_command(*asked, "--json", "-o", "table.csv").stdout)
    found = mcdiv.estimates("counts.csv", **rest, **given)
    assert found.records() == [row for group in printed for row in group["estimates"]]
    assert found.read_as == {group["group"]: group["read_as"] for group in printed}
    assert [len(lines) for lines in found.sentences.values()] == [len(group["sentences"]) for group in printed]
    assert "--" not in str(found.sentences)
    table = pd.read_csv(folder / "table.csv", keep_default_na=False, na_values={"value": [""], "low": [""]})
    assert list(found.table) == list(table)
    assert found.table.value.to_numpy() == pytest.approx(table.value.to_numpy(), rel=1e-15)


@pytest.mark.slow
def test_advice_is_that_of_the_command(mcdiv_command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcdiv.observed.recommend._MAX_REPLICATES", 500)
    monkeypatch.setattr("mcdiv.observed.recommend._MIN_REPLICATES", 100)
    (folder / "counts.csv").write_text("species,n\noak,7\nelm,2\nash,1\n", encoding="utf-8")
    (printed,) = json.loads(mcdiv_command("estimate", "counts.csv", "--advise", "--json").stdout)
    found = mcdiv.advise("counts.csv")
    assert next(iter(found)) == "group"
    assert own(found.drop(columns="group")) == printed["advice"]
    pd.testing.assert_frame_equal(mcdiv.estimates("counts.csv").advise(), found)


@pytest.mark.slow
def test_where_no_group_has_advice_it_is_an_error(folder: Path) -> None:
    (folder / "counts.csv").write_text("species,n\na,7\nb,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no advice: its study would have 1,000,000 categories"):
        mcdiv.advise("counts.csv", alphabet_size=10**6)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"file": "butterflie"}, "butterflie: there is no such file; did you mean the shipped table 'butterflies'?"),
        ({"file": 3}, "file: expected the path of a file (counts go to mcdiv.estimate or mcdiv.interval), got 3"),
        ({"alphabet_size": "x"}, "alphabet_size: expected a whole number from 1 to 10^6, got 'x'"),
        ({"estimators": "plugi"}, "estimators: unknown estimator 'plugi'; did you mean 'plugin'?"),
        ({"estimands": ["kl_divergence"]}, "estimands: kl_divergence needs a model; give 'model' or 'against'"),
        ({"text": "pages"}, "text: expected letters, words, characters or bytes, got pages"),
        ({"interval": 1}, "interval: expected a name, got 1"),
        ({"model": [0.5, 0.5]}, "model: categorical(pmf=[0.5, 0.5]) has 2 categories, the counts have 501"),
        ({"model": [0.5, 0.4]}, "model: sums to 0.9; probabilities must sum to 1 (within 1e-9)"),
    ],
)
def test_mistakes_are_named_as_arguments(given: dict[str, Any], said: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        mcdiv.estimates(**{"file": "butterflies"} | given)
    assert str(error.value) == said


@pytest.mark.slow
def test_nothing_is_printed_from_python(folder: Path, capsys: pytest.CaptureFixture[str], written: Path) -> None:
    mcdiv.explore(out="page.html")
    mcdiv.compare(written)
    mcdiv.plot(written, only="agreement")
    assert capsys.readouterr() == ("", "")


def test_representations_are_short_and_say_what_it_is(written: Path) -> None:
    found = mcdiv.run(scenario_of(estimators=["plugin"]), backend="serial")
    shown = [found, mcdiv.explain(0.7, 0.5), mcdiv.fit("learning", settings=["learning.steps=5"])]
    for each in shown:
        assert re.fullmatch(r"<mcdiv\.\w+ .{1,100}>", repr(each))
