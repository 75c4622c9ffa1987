"""What is said of estimates from data is true: what tests nothing, what cannot be, what is listed or removed."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.special
import scipy.stats
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

import mcdiv
from mcdiv.core.arrays import Sample
from mcdiv.core.number_format import rounded
from mcdiv.core.performance import Measured
from mcdiv.observed.diagnostics import BEYOND, EXCLUDES, NO_TEST, range_of, spread_at_equality
from mcdiv.observed.estimates import estimate_all
from mcdiv.observed.observe import observe
from mcdiv.observed.question import Question
from mcdiv.observed.recommend import advice_scenario, advise, estimates_here
from mcdiv.observed.recommendation import recommendations
from mcdiv.observed.trust import alphabet_sentences, data_sentences, estimate_sentences

Write = Callable[[str, list[int]], str]


@pytest.fixture
def table(folder: Path) -> Write:
    """Write counts as a table into an empty folder, and name it."""

    def put(name: str, counts: list[int]) -> str:
        rows = "".join(f"c{i},{count}\n" for i, count in enumerate(counts))
        (folder / name).write_text("k,n\n" + rows, encoding="utf-8")
        return name

    return put


@pytest.mark.slow
@pytest.mark.parametrize("estimand", ["kl_divergence", "js_divergence", "jeffreys_divergence"])
@pytest.mark.parametrize("interval", ["jackknife", "delta", "bootstrap_percentile", "bayes: {alpha: 1}"])
def test_an_interval_of_a_divergence_that_excludes_0_says_that_it_is_no_test(
    table: Write, estimand: str, interval: str
) -> None:
    first, second = [93, 107] * 10, [107, 93] * 10
    assert chi2_contingency([first, second], lambda_="log-likelihood").pvalue > 0.4
    question = Question(
        source=table("p.csv", first),
        against=table("q.csv", second),
        estimands=(estimand,),
        estimators=("plugin",),
        interval=interval,
    )
    (observed,) = observe(question)
    found = [line for line in estimate_all([observed])[0] if line.low > 0]
    assert found
    assert all(NO_TEST in line.notes and BEYOND not in line.notes for line in found)


@pytest.mark.slow
def test_the_mark_is_in_the_table_in_the_file_and_in_a_sentence(mcdiv_command: Command, table: Write) -> None:
    table("p.csv", [93, 107] * 10)
    table("q.csv", [107, 93] * 10)
    arguments = ("estimate", "p.csv", "--against", "q.csv", "-e", "plugin", "-e", "zhang_grabchak")
    arguments += ("--interval", "jackknife")
    told = mcdiv_command(*arguments, "-o", "out.csv").stdout
    assert "[0.0011, 0.0185] †" in told
    assert "[−0.0084, 0.0090] *" in told
    assert "† Not a test of P = Q: even where P = Q, such an interval can exclude 0 in far more than 5 % of" in told
    assert "* KL(P‖Q) cannot be below 0 nats." in told
    assert Path("out.csv").read_text(encoding="utf-8").splitlines()[0].endswith(",coverage,notes")
    (found,) = json.loads(mcdiv_command(*arguments, "--json").stdout)
    by_name = {(line["estimand"], line["estimator"]): line["notes"] for line in found["estimates"]}
    assert by_name["kl_divergence", "plugin"] == NO_TEST
    assert by_name["kl_divergence", "zhang_grabchak"] == BEYOND
    assert by_name["cross_entropy", "plugin"] == ""


def test_the_exact_interval_of_a_coin_is_a_test(table: Write) -> None:
    for counts, excludes in (([60, 40], False), ([90, 10], True)):
        question = Question(
            source=table("p.csv", counts), model="0.5", interval="clopper_pearson", estimators=("plugin",)
        )
        line = estimate_all(observe(question))[0][-1]
        assert (line.estimand, line.low > 0, line.notes) == ("kl_divergence", excludes, ())


def test_an_interval_below_0_is_marked_and_the_sentence_gives_the_range(mcdiv_command: Command) -> None:
    told = mcdiv_command("estimate", "-", "-e", "plugin", stdin="7 1").stdout
    assert "[−0.33, 1.08] *" in told
    assert "* H(P) cannot be below 0 nats. Where an estimate or an end of its interval is beyond that" in told
    told = mcdiv_command("estimate", "-", "-e", "plugin", "--alphabet-size", "2", "-u", "bits", stdin="7 1").stdout
    assert "* H(P) lies between 0 and 1 bits." in told
    told = mcdiv_command("estimate", "-", "-e", "plugin", stdin="500 500 400").stdout
    assert "*" not in told


pmfs = st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any).map(lambda n: np.array(n) / sum(n))


@pytest.mark.slow
@given(pmfs, pmfs)
def test_no_true_value_is_beyond_its_range(p: np.ndarray, q: np.ndarray) -> None:
    known = Sample(counts=np.array([1, 1, 1]), q=q)
    values = {
        "entropy": mcdiv.entropy(p),
        "cross_entropy": mcdiv.cross_entropy(p, q),
        "kl_divergence": mcdiv.kl_divergence(p, q),
        "js_divergence": mcdiv.js_divergence(p, q),
        "jeffreys_divergence": mcdiv.jeffreys_divergence(p, q),
    }
    for estimand, value in values.items():
        for sample, alphabet_known in ((known, True), (Sample(counts=known.counts), False)):
            least, most = range_of(estimand, sample, alphabet_known=alphabet_known)
            assert least - 1e-12 <= float(value) <= most + 1e-12


def test_listed_categories_are_the_alphabet(mcdiv_command: Command, table: Write) -> None:
    name = table("z.csv", [1] * 8 + [2] * 4 + [9] * 8 + [0] * 10)
    (observed,) = observe(Question(source=name))
    assert observed.alphabet == "listed"
    assert len(advice_scenario(observed).truth[0].pmf()) == 30
    told = mcdiv_command("estimate", name).stdout
    assert "88 draws, 20 of 30 categories seen." in told
    assert "so the 30 listed are taken to be the whole alphabet" in told
    assert "number of categories seen" not in told
    listed, given = (estimate_all(observe(Question(source=name, alphabet_size=k)))[0] for k in (None, 30))
    assert [(line.estimator, line.value) for line in listed] == [(line.estimator, line.value) for line in given]


def test_the_columns_of_a_wide_table_are_the_alphabet_of_all_its_rows(folder: Path) -> None:
    (folder / "w.csv").write_text("site,oak,elm\nA,1,2\nB,0,4\n", encoding="utf-8")
    assert [observed.alphabet for observed in observe(Question(source="w.csv"))] == ["listed", "listed"]
    (folder / "w.csv").write_text("site,oak,elm\nA,1,2\nB,1,4\n", encoding="utf-8")
    assert [observed.alphabet for observed in observe(Question(source="w.csv"))] == ["seen", "seen"]


def test_a_category_of_the_other_sample_only_is_not_a_listed_one(table: Write) -> None:
    (observed,) = observe(Question(source=table("p.csv", [3, 1]), against=table("q.csv", [2, 1, 1])))
    assert observed.alphabet == "seen"
    told = list(data_sentences(observed.sample.counts[0], "seen", of=" from P", either=True))
    assert told[0] == "4 draws from P, 2 of the 3 categories seen in either sample."


def test_counts_from_which_the_rare_categories_were_removed_are_no_sign_that_none_is_missing() -> None:
    whole = np.random.default_rng(1).multinomial(20_000, 1 / np.arange(1, 5001) / (1 / np.arange(1, 5001)).sum())
    for least in (2, 3, 5):
        kept = whole[whole >= least]
        told = " ".join(data_sentences(kept, "seen"))
        rare = "rarer categories" if least > 2 else "the categories seen once"
        assert f"It looks as if {rare} had been removed" in told
        assert "no sign" not in told


@pytest.mark.parametrize("counts", [[5, 3], [2, 2, 2], [93, 107] * 10, [5] * 30, [1000, 7]])
def test_counts_that_are_complete_do_not_look_cut(counts: list[int]) -> None:
    told = " ".join(data_sentences(np.array(counts), "seen"))
    assert "no sign of unseen categories" in told
    assert "removed" not in told


@pytest.mark.slow
def test_draws_from_any_law_do_not_look_cut() -> None:
    generator = np.random.default_rng(7)
    for _ in range(2000):
        p = generator.dirichlet(np.full(generator.integers(2, 400), generator.choice([0.1, 1, 100])))
        counts = generator.multinomial(generator.integers(10, 20_000), p)
        assert "looks as if" not in " ".join(data_sentences(counts[counts > 0], "seen"))


def test_the_size_of_the_alphabet_is_asked_for_only_where_it_is_not_known() -> None:
    counts = [np.array([1, 1, 1, 5])]
    assert "give it with --alphabet-size" in " ".join(alphabet_sentences(counts, "seen"))
    assert not list(alphabet_sentences(counts, "given"))
    assert not list(alphabet_sentences(counts, "listed"))


def test_advice_calls_none_most_accurate_that_is_infinite_where_others_are_not(table: Write) -> None:
    question = Question(
        source=table("p.csv", [30, 20, 10, 5, 5]),
        against=table("q.csv", [50, 1, 1, 0, 1]),
        estimands=("kl_divergence",),
        estimators=("augmented_plugin", "plugin"),
    )
    (observed,) = observe(question)
    results = advise(observed)
    (told,) = recommendations(results.rows, results.pairs, "nats", estimates_here(observed, results))
    plugin = next(row for row in results.rows if row.task.name == "plugin")
    assert plugin.value("infinite_share") > 0.5
    assert told.sentences[0] == "On data like yours, augmented_plugin is most accurate for KL(P‖Q)."
    assert told.sentences[1].startswith("plugin is infinite in ")
    assert told.sentences[1].endswith(
        "Its RMSE covers only the rest, so it ranks below the estimators that are always finite."
    )


def test_advice_shows_the_estimate_of_every_estimator_that_it_ranks(mcdiv_command: Command) -> None:
    told = mcdiv_command(
        "estimate", "-", "--advise", "-e", "plugin", "-e", "chao_shen", "--json", stdin="7 3 1 1"
    ).stdout
    advice = json.loads(told)[0]["advice"]
    for record in advice:
        wanted = float(mcdiv.estimate("entropy", [7, 3, 1, 1], estimator=record["estimator"]))
        assert record["estimate"] == pytest.approx(wanted, rel=1e-12)
    (observed,) = observe(Question(source="butterflies"))
    scenario = advice_scenario(observed)
    assert len(scenario.estimators) > len(observed.scenario.estimators)


def test_who_asked_for_advice_is_not_told_to_ask_for_it() -> None:
    estimates, errors = {"plugin": 2.0, "zhang": 2.1}, {"plugin": 0.01, "zhang": 0.01}
    assert "--advise" in " ".join(estimate_sentences(estimates, errors, "nats"))
    assert "--advise" not in " ".join(estimate_sentences(estimates, errors, "nats", advised=True))


def test_a_zero_has_no_sign() -> None:
    assert rounded(Measured(value=-1e-17, mcse=0.064)) == "0.000 ± 0.064"
    assert rounded(Measured(value=-0.0, mcse=math.nan)) == "0"
    assert rounded(Measured(value=-0.05, mcse=0.01)) == "−0.050 ± 0.010"
    assert rounded(Measured(value=-2e-12, mcse=1e-14)) == "−2e−12 ± 1e−14"


def test_the_entropy_of_an_alphabet_of_one_is_known(mcdiv_command: Command) -> None:
    told = mcdiv_command("estimate", "-", "--alphabet-size", "1", "-e", "plugin", stdin="5").stdout
    assert "H(P): There is only one category, so this is 0." in told
    assert "do not rely on it" not in told
    told = mcdiv_command("estimate", "-", "-e", "plugin", stdin="5").stdout
    assert "do not rely on it" in told


def test_an_interval_that_excludes_its_own_estimate_says_so(mcdiv_command: Command, table: Write) -> None:
    """Resamples lack rare categories, so that chao_shen on them is nowhere near what it is on the sample."""
    weights = 1 / np.arange(1, 101)
    counts = np.random.default_rng(1).multinomial(100, weights / weights.sum()).tolist()
    found = mcdiv.interval("entropy", counts, method="bootstrap_bca", estimator="chao_shen")
    assert not found.low <= found.estimate <= found.high
    source = table("p.csv", counts)
    told = mcdiv_command("estimate", source, "--interval", "bootstrap_bca", "-e", "chao_shen").stdout
    assert "] ‡" in told
    assert "‡ The interval does not contain its own estimate: do not report the two together." in told
    shown = mcdiv_command("estimate", source, "--interval", "bootstrap_bca", "-e", "chao_shen", "--json").stdout
    assert json.loads(shown)[0]["estimates"][0]["notes"] == EXCLUDES
    centred = mcdiv_command("estimate", source, "--interval", "jackknife", "-e", "plugin", "-e", "chao_shen").stdout
    assert "‡" not in centred


def test_a_sample_that_lacks_a_category_of_the_other_shows_signs_of_unseen_ones() -> None:
    told = " ".join(data_sentences(np.array([20, 30, 0]), "seen", of=" from P", either=True))
    assert "no sign of unseen categories" not in told
    # (1 − p)^50 = 0.05 at p = 0.0582
    assert "a category that was not seen has a probability below 5.82 %" in told


def test_the_spread_of_a_divergence_where_q_is_p_is_that_of_chi_squared() -> None:
    # All samples of a fair coin: 2 KL/(1/N + 1/M) is χ² with one degree of freedom, as N and M grow.
    n = np.arange(401)
    p, values = scipy.stats.binom.pmf(n, 400, 0.5), n / 400
    known = p @ (kl_of_coins(values, 0.5)) ** 2 - (p @ kl_of_coins(values, 0.5)) ** 2
    sample = Sample(counts=np.array([[190, 210]]), q=np.array([0.5, 0.5]))
    assert spread_at_equality("kl_divergence", sample) == pytest.approx(math.sqrt(known), rel=0.02)
    assert spread_at_equality("entropy", sample) == 0
    two = Sample(counts=np.array([[190, 210]]), counts_q=np.array([[45, 55]]))
    inner = slice(100, 301), slice(20, 81)
    weights = np.outer(p[inner[0]], scipy.stats.binom.pmf(np.arange(101), 100, 0.5)[inner[1]])
    x, y = np.meshgrid(values[inner[0]], (np.arange(101) / 100)[inner[1]], indexing="ij")
    middle = kl_of_coins(x, (x + y) / 2) / 2 + kl_of_coins(y, (x + y) / 2) / 2
    both = {
        "kl_divergence": kl_of_coins(x, y),
        "jeffreys_divergence": kl_of_coins(x, y) + kl_of_coins(y, x),
        "js_divergence": middle,
    }
    for estimand, found in both.items():
        sd = math.sqrt((weights * found**2).sum() - (weights * found).sum() ** 2)
        assert spread_at_equality(estimand, two) == pytest.approx(sd, rel=0.06)


def test_a_choice_of_estimators_of_a_divergence_near_0_is_not_said_to_matter_more_than_chance() -> None:
    values, errors = {"plugin": 0.0, "zhang_grabchak": -0.0167}, {"plugin": 0.001, "zhang_grabchak": 0.001}
    (told,) = estimate_sentences(values, errors, "nats", chance=0.0105)
    assert "matters more" not in told
    assert "from zhang_grabchak (−0.0167)" in told
    (told,) = estimate_sentences(values, errors, "nats")
    assert "matters more" in told


def kl_of_coins(p: Any, q: Any) -> Any:
    return scipy.special.rel_entr(p, q) + scipy.special.rel_entr(1 - p, 1 - q)
