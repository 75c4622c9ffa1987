"""What is wrong with two pmfs, or with a number that should be their divergence: every slip by an independent value."""

import io
import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command

import mcdiv
from mcdiv.diagnosis.contract import SLIPS, slips
from mcdiv.diagnosis.window import window_of
from mcdiv.diagnosis.words import sentences

#: worked out from the formulas, without mcdiv
GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "doctor.json").read_text(encoding="utf-8"))
P, Q = [0.5, 0.3, 0.2], [0.7, 0.2, 0.1]
#: the name of each slip of the golden values
NAMES = {
    "KL(p||q), nats": "kl_divergence",
    "KL(p||q), bits": "bits",
    "KL(p||q), bans": "bans",
    "KL(q||p), nats: arguments swapped": "swapped",
    "KL(q||p), bits": "swapped + bits",
    "KL(p||q)/K: mean over categories instead of sum": "mean_over_categories",
    "KL(q||p)/K": "swapped + mean_over_categories",
    "-KL(p||q)": "negated",
    "H(p,q): cross-entropy taken for KL": "cross_entropy",
    "H(p,q), bits": "cross_entropy + bits",
    "H(p)": "entropy",
    "J = PSI": "jeffreys",
    "J/2": "half_jeffreys",
    "JS, nats": "js",
    "JS, bits": "js + bits",
    "JS distance, nats: square root": "js_distance",
    "JS distance, bits": "js_distance + bits",
    "kl_div with probabilities where log-probabilities belong (target p, input q)": "pytorch_probabilities",
    "kl_div, target q, input p as probabilities": "swapped + pytorch_probabilities",
    "softmax taken twice: KL(softmax p||softmax q)": "softmax_of_probabilities(of=both)",
    "k3 averaged over the wrong side: sum q(p/q... )": "k3_of_the_inverse_ratio_over_q",
    "sum of |terms|": "absolute_terms",
    "negative terms dropped (clamped at 0 per category)": "negative_terms_dropped",
    "unweighted mean of ln p/q": "unweighted_mean",
    "chi-square(p||q)": "chi_squared",
    "total variation": "total_variation",
    "squared Hellinger": "squared_hellinger",
}


def names(found: mcdiv.Diagnosis) -> list[str]:
    return [match.name for match in found.matches]


def simplest(p: Any, q: Any, got: float | str, **options: Any) -> list[str]:
    """The first match and those that have the same value."""
    first = mcdiv.doctor(p, q, got, **options).matches[0]
    return [first.name, *first.same_value]


def test_every_golden_value_has_the_name_of_its_slip() -> None:
    assert GOLDEN["doctor_slips"]["values"].keys() == NAMES.keys()


@pytest.mark.parametrize("key", NAMES)
def test_a_golden_slip_is_named_for_its_number(key: str) -> None:
    value = GOLDEN["doctor_slips"]["values"][key]
    found = mcdiv.doctor(P, Q, f"{value:.15f}")
    assert NAMES[key] in [match.name for match in found.matches]
    assert NAMES[key] in simplest(P, Q, value)
    assert all(math.isclose(match.value, value, rel_tol=1e-11) for match in found.matches)
    assert NAMES[key] in simplest(P, Q, f"{value:.6g}")


def test_a_target_that_does_not_sum_to_1_and_a_mean_over_categories_are_told_in_a_known_issue() -> None:
    case = GOLDEN["doctor_pytorch_60928"]
    given = case["input"]["target"], case["input"]["output"]
    found = mcdiv.doctor(*given, case["input"]["reported"])
    assert names(found)[0] == "mean_over_categories"
    assert found.matches[0].value == pytest.approx(case["values"]["mean over 3"], rel=1e-10)
    assert found.kl == pytest.approx(case["values"]["sum"], rel=1e-10)
    assert found.kl_normalised == pytest.approx(case["values"]["KL of the normalised pair"], rel=1e-10)
    sums = {check.of: check for check in found.checks if check.name == "sum"}
    assert "p sums to 0.2999" in sums["p"].said
    assert "rounding does not explain it" in sums["p"].said
    assert "q sums to 0.9999" in sums["q"].said
    assert "rounding to 4 decimals explains it" in sums["q"].said


def test_a_temperature_on_log_probabilities_is_named_and_is_found_where_it_is_no_usual_one() -> None:
    values = GOLDEN["doctor_temperature_on_logprobs"]["values"]
    z = np.array([2.0, 1.0, 0.0])
    found = mcdiv.doctor(values["softmax(z/T)"], mcdiv.from_logits(z), values["apparent KL"])
    assert names(found)[0] == "temperature_on_logprobs(temperature=0.6, of=q)"
    assert found.matches[0].value == pytest.approx(values["apparent KL"], rel=1e-10)
    assert found.kl == pytest.approx(values["KL(softmax(z/T)||softmax(z))"], rel=1e-10)
    assert any("p is q at temperature 0.6" in check.said for check in found.checks)
    odd = mcdiv.from_logits(z, temperature=0.37)
    # ln p − l/T is the same for all categories: ln(Σ exp z)/T − ln Σ exp(z/T).
    apparent = math.log(sum(math.exp(x) for x in z)) / 0.37 - math.log(sum(math.exp(x / 0.37) for x in z))
    found = mcdiv.doctor(odd, mcdiv.from_logits(z), apparent)
    assert names(found)[0] == "temperature_on_logprobs(temperature=0.37, of=q)"


def test_bfloat16_is_named_where_it_rounds_logits_and_where_it_rounds_log_probabilities() -> None:
    case = GOLDEN["doctor_bf16"]
    z, values = case["input"]["logits"], case["values"]
    logits = {"p_as": "logits", "q_as": "logits"}
    for key, name in (
        ("KL(exact||softmax of bf16 logits)", "rounded_logits_of_q(format=bfloat16)"),
        ("apparent KL sum p(ln p - lp)", "rounded_logprobs(format=bfloat16, of=q)"),
        ("KL after renormalising", "rounded_logprobs_normalised(format=bfloat16, of=q)"),
    ):
        found = mcdiv.doctor(z, z, f"{values[key]:.9g}", **logits)
        assert name in names(found), key
        value = next(match.value for match in found.matches if match.name == name)
        assert value == pytest.approx(values[key], rel=1e-7), key


def test_a_sum_of_log_probabilities_that_only_bfloat16_explains_is_told() -> None:
    values = GOLDEN["doctor_bf16"]["values"]
    p = mcdiv.from_logits(GOLDEN["doctor_bf16"]["input"]["logits"])
    found = mcdiv.doctor(p, values["bf16 log-probabilities"], values["apparent KL sum p(ln p - lp)"])
    assert found.q_as == "logprobs"
    assert names(found)[0] == "kl_divergence"
    assert found.kl == pytest.approx(values["apparent KL sum p(ln p - lp)"], rel=1e-10)
    assert found.kl_normalised == pytest.approx(values["KL after renormalising"], rel=1e-8)
    (told,) = [check.said for check in found.checks if check.name == "sum" and check.of == "q"]
    assert "exp(q) sums to 1.0012071458" in told
    assert "each entry is a bfloat16, whose rounding explains it" in told


@pytest.mark.parametrize(
    ("key", "k", "name"),
    [
        ("eps/K", 10, "smoothed(eps=0.1, of=p) + entropy"),
        ("eps/(K-1)", 10, "smoothed_over_the_others(eps=0.1, of=p) + entropy"),
        ("K=2 eps/K", 2, "smoothed(eps=0.1, of=p) + entropy"),
        ("K=2 eps/(K-1)", 2, "smoothed_over_the_others(eps=0.1, of=p) + entropy"),
    ],
)
def test_the_floor_of_a_smoothed_loss_is_named_with_its_form(key: str, k: int, name: str) -> None:
    target = [1.0] + [0.0] * (k - 1)
    model = np.arange(k, 0, -1) / (k * (k + 1) / 2)
    assert name in simplest(target, model, f"{GOLDEN['label_smoothing_floor']['values'][key]:.10g}")


def test_draws_from_the_other_side_are_named() -> None:
    case = GOLDEN["kl_named_but_drawn_from_the_other_side"]
    p, g = [0.5, 0.3, 0.2], [0.7, 0.2, 0.1]
    far = [float(Fraction(text)) for text in case["values_far"]["g"]]
    for values, q in ((case["values"], g), (case["values_far"], far)):
        k3 = values["mean of k3 for KL(p||g), unweighted"]
        assert "k3_over_q" in simplest(p, q, k3)
        js = values.get("mean of the logged JS, unweighted")
        assert "js_by_k3_over_q" in simplest(p, q, js)
    assert names(mcdiv.doctor(p, g, case["values"]["the same, weighted by p/g"]))[0] == "kl_divergence"


def test_the_probability_that_k1_is_negative_is_exact() -> None:
    case = GOLDEN["k1_negative"]
    found = mcdiv.doctor(case["input"]["p"], case["input"]["q"], draws=case["input"]["n"])
    k1, k2, k3 = found.samples
    assert k1.negative.probability == pytest.approx(case["values"]["P(k1 < 0)"], rel=1e-10)
    assert (k1.negative.method, k2.negative.probability, k3.negative.probability) == ("exact", 0, 0)


@pytest.mark.parametrize("seed", range(10))
def test_a_random_number_is_given_by_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4))
    found = mcdiv.doctor(p, q, f"{rng.random():.8f}")
    assert found.matches == ()
    assert all(accident.expected < 0.001 for accident in found.accidents)


def test_pairs_of_slips_are_named() -> None:
    zero = [0.5, 0.5, 0.0]
    # Σ p ln(p/max(q, 1e-7)), in bits
    clipped = 0.5 * math.log2(0.5 / 0.5) + 0.3 * math.log2(0.3 / 0.5) + 0.2 * math.log2(0.2 / 1e-7)
    assert "clipped(eps=1e-07, of=q) + bits" in names(mcdiv.doctor(P, zero, f"{clipped:.9f}"))
    own = 0.3 * math.log(0.3 / 0.5) + 0.2 * math.log(0.2 / 3e-6)
    assert "clipped(eps=3e-06, of=q)" in names(mcdiv.doctor(P, zero, f"{own:.9f}", eps=3e-6))
    assert mcdiv.doctor(P, zero, f"{own:.9f}").matches == ()


def test_digits_say_which_numbers_a_number_may_be() -> None:
    for text, low, high in (("0.1328", 0.13275, 0.13285), ("0.130", 0.1295, 0.1305), ("-6.48e-2", -0.06485, -0.06475)):
        window = window_of(text)
        assert (window.low, window.high) == pytest.approx((low, high), rel=1e-12)
    assert window_of(0.1328).low == window_of("0.1328").low
    assert window_of(np.float32(0.13277534)).holds(0.13277533663122598)
    assert not window_of("0.1328").holds(0.1329)


def test_a_number_of_a_narrower_format_has_the_digits_of_the_format() -> None:
    single = float(np.float32(0.13277533663122598))
    assert len(repr(single)) > 12
    assert names(mcdiv.doctor(P, Q, single)) == ["bits"]
    assert names(mcdiv.doctor(P, Q, np.float32(0.13277533663122598))) == ["bits"]


def test_what_is_infinite_is_told_and_so_is_what_is_nan() -> None:
    found = mcdiv.doctor([0.5, 0.5], [1.0, 0.0], math.inf)
    assert names(found)[0] == "kl_divergence"
    (told,) = [check for check in found.checks if check.name == "support" and not check.fine]
    assert "q = 0 and p > 0 in 1 entry, the first being q[1]; 50 % of" in told.said
    assert "logarithm_of_zero" in names(mcdiv.doctor([1.0, 0.0], [0.5, 0.5], "nan"))
    assert mcdiv.doctor([0.5, 0.5], [0.4, 0.6], "nan", p_as="probabilities").matches[0].slips == (
        "pytorch_log_probabilities_as_target",
    )


def test_what_no_rule_gives_is_not_taken_for_nan() -> None:
    """exp(x) is no perplexity of an x without a unit, and no NaN either."""
    found = mcdiv.doctor(P, Q, "nan")
    assert names(found) == ["pytorch_log_probabilities_as_target"]
    assert any(line.startswith("pytorch_log_probabilities_as_target gives NaN:") for line in sentences(found))


@pytest.mark.parametrize(
    ("p", "kind", "said"),
    [
        ([1e308, 1e308], "counts", "p: the sum of row 0 is above the largest float64."),
        ([1e308, 1e308], None, "p: the sum of row 0 is above the largest float64."),
        ([1000.0, 0.0], "logprobs", "p[0] is 1000, which is no log-probability: its exponential is too large."),
    ],
)
def test_what_float64_cannot_sum_is_no_pmf(p: list[float], kind: Any, said: str) -> None:
    found = mcdiv.doctor(p, [0.5, 0.5], 0.1, p_as=kind)
    assert said in [check.said for check in found.checks]
    assert found.matches == ()


def test_logits_may_be_as_far_apart_as_float64_goes() -> None:
    assert mcdiv.doctor([1e308, -1e308], [0.5, 0.5], p_as="logits").kl == pytest.approx(math.log(2), rel=1e-15)


def test_the_unit_of_a_root_is_changed_by_a_root() -> None:
    """√JS of two without a category in common is √ln 2 in nats, 1 in bits, and ln 2 multiplied by √ln 2 once more."""
    by_name = {match.name: match for match in mcdiv.doctor([1.0, 0.0], [0.0, 1.0], "0.6931").matches}
    wrong_way = by_name["js_distance + bits_the_wrong_way"]
    assert wrong_way.value == pytest.approx(math.sqrt(math.log(2)) ** 2, rel=1e-12)
    assert wrong_way.formula.startswith("x √ln 2, x = √(")
    found = mcdiv.doctor(P, Q, f"{math.sqrt(_js(P, Q) / math.log(10)):.9f}")
    (in_bans,) = [match for match in found.matches if match.name == "js_distance + bans"]
    assert in_bans.formula.startswith("x/√ln 10, x = √(")
    assert f"multiply by √ln 10 = {math.sqrt(math.log(10)):.6f} for nats" in in_bans.mend


def _js(p: list[float], q: list[float]) -> float:
    return sum(a * math.log(2 * a / (a + b)) / 2 + b * math.log(2 * b / (a + b)) / 2 for a, b in zip(p, q, strict=True))


def test_a_batch_is_looked_up_by_its_means() -> None:
    p, q = [[0.5, 0.5], [0.25, 0.75]], [[0.25, 0.75], [0.5, 0.5]]
    first = 0.5 * math.log(2) + 0.5 * math.log(2 / 3)
    second = 0.25 * math.log(0.5) + 0.75 * math.log(1.5)
    assert mcdiv.doctor(p, q).kl == pytest.approx((first + second) / 2, rel=1e-12)
    assert simplest(p, q, f"{first + second:.9f}")[0] == "sum_over_rows"
    assert simplest(p, q, f"{(first + second) / 4:.9f}")[0] == "mean_over_categories"


def test_no_match_is_simpler_than_one_before_it() -> None:
    found = mcdiv.doctor(P, Q, 0.2)
    assert [len(match.slips) for match in found.matches] == sorted(len(match.slips) for match in found.matches)
    assert found.accidents[1].expected > 1


def test_every_slip_changes_a_number_somewhere_and_says_how_to_mend_it() -> None:
    for slip in slips():
        assert slip.card.more["Mend"]
        assert slip.formula
    assert len({slip.label for slip in slips()}) == len(slips())
    assert len(SLIPS) > 40


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (([0.5, 0.5], [0.2, 0.3, 0.5]), "p has 2 categories, q has 3; they must be the same"),
        ((P, Q, "a third"), "got: expected a number such as 0.1328, got a third"),
        ((P, Q, True), "got: expected a number or its text, got True"),
        (([[[0.5, 0.5]]], [0.5, 0.5]), "p: expected a pmf, shape (K,), or a batch, shape (B, K), got 3 dimensions"),
        (("0.5, x", Q), "p: expected a number, got 'x'"),
    ],
)
def test_what_cannot_be_read_is_one_line(arguments: Any, told: str) -> None:
    with pytest.raises((ValueError, mcdiv.ScenarioError), match=r"\w") as caught:
        mcdiv.doctor(*arguments)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_the_command_prints_what_the_function_returns(mcdiv_command: Command) -> None:
    arguments = ["doctor", "--p", "1/2, 3/10, 1/5", "--q", "[0.7, 0.2, 0.1]", "--got", "0.1328"]
    printed = json.loads(mcdiv_command(*arguments, "--draws", "64", "--json").stdout)
    found = mcdiv.doctor(P, Q, "0.1328", draws=64)
    assert [match["name"] for match in printed["matches"]] == names(found)
    assert printed["matches"][0]["value"] == found.matches[0].value
    assert [check["said"] for check in printed["checks"]] == [check.said for check in found.checks]
    assert printed["samples"][0]["negative"]["probability"] == found.samples[0].negative.probability
    lines = mcdiv_command(*arguments).stdout.splitlines()
    assert lines == sentences(mcdiv.doctor(P, Q, "0.1328"))
    assert "bits gives 0.132775: x/ln 2, x = Σ p ln(p/q)" in lines


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of pmfs, as several programs write them."""
    (tmp_path / "p.csv").write_text("token,p\nthe,0.5\na,0.3\nan,0.2\n")
    (tmp_path / "q.csv").write_text("token,logit\nan,0.1\nthe,2.0\na,1.0\n")
    (tmp_path / "column.txt").write_text("# three\n0.5\n0.3\n0.2\n")
    (tmp_path / "draws.txt").write_text("the\nthe\na\nan\na\n")
    (tmp_path / "both.csv").write_text("token,p,q\na,0.5,0.7\nb,0.3,0.2\nc,0.2,0.1\n")
    (tmp_path / "half.json").write_text('{"the": 0.5, "a": 0.5}')
    (tmp_path / "rows.json").write_text("[[0.5, 0.5], [0.1, 0.9]]")
    np.save(tmp_path / "odd.npy", np.array([0.2, 0.2, 0.2]))
    return tmp_path


def test_files_are_taken_with_any_sum_and_paired_by_the_names_of_their_categories(files: Path) -> None:
    z = mcdiv.from_logits([2.0, 1.0, 0.1])
    found = mcdiv.doctor(files / "p.csv", files / "q.csv", q_as="logits")
    assert found.kl == pytest.approx(float(mcdiv.kl_divergence(P, z)), rel=1e-12)
    assert mcdiv.doctor(files / "column.txt", Q).kl == pytest.approx(float(mcdiv.kl_divergence(P, Q)), rel=1e-12)
    counted = mcdiv.doctor(str(files / "draws.txt"), str(files / "p.csv"))
    assert counted.p_as == "counts"
    assert counted.kl == pytest.approx(float(mcdiv.kl_divergence([0.4, 0.4, 0.2], P)), rel=1e-12)
    assert mcdiv.doctor(P, files / "odd.npy").kl == pytest.approx(sum(p * math.log(p / 0.2) for p in P), rel=1e-12)
    assert mcdiv.doctor(files / "rows.json", [0.5, 0.5]).rows == 2


def test_two_columns_of_one_file_are_p_and_q(files: Path, mcdiv_command: Command) -> None:
    both = str(files / "both.csv")
    columns = ["--column", "token", "--weights", "p", "--weights", "q"]
    printed = json.loads(mcdiv_command("doctor", "--p", both, "--q", both, *columns, "--json").stdout)
    assert printed["kl"] == pytest.approx(float(mcdiv.kl_divergence(P, Q)), rel=1e-12)
    mcdiv_command("doctor", "--p", both, "--q", both, *columns, "--weights", "p", code=2)


def test_names_on_one_side_only_are_refused_in_the_words_of_the_command(files: Path, mcdiv_command: Command) -> None:
    (line,) = mcdiv_command("doctor", "--p", str(files / "p.csv"), "--q", "0.5, 0.3, 0.2", code=2).stderr.splitlines()
    assert line == "p has names for its entries, and q has none: give both as files, or write both out"
    (files / "others.csv").write_text("token,p\nx,0.5\ny,0.5\n")
    others = ["doctor", "--p", str(files / "p.csv"), "--q", str(files / "others.csv")]
    (line,) = mcdiv_command(*others, code=2).stderr.splitlines()
    assert line == "p and q have no label in common; expected the same categories"


def test_a_category_that_one_file_lacks_is_told_and_is_0(files: Path) -> None:
    found = mcdiv.doctor(files / "p.csv", files / "half.json")
    assert math.isinf(found.kl)
    told = [check.said for check in found.checks if not check.fine]
    assert told[0] == "q has no entry for 1 category that p has, the first being 'an': taken as 0."
    assert "the first being 'an'; 20 %" in told[1]
    with pytest.raises(ValueError, match="add it with -inf"):
        mcdiv.doctor({"a": 0.0, "b": 0.0}, {"a": -0.1}, p_as="logits", q_as="logits")


@pytest.mark.slow
def test_what_the_numbers_look_like_is_told() -> None:
    for p, kind, told in (
        ([0.5, 0.5], "logprobs", "p is given as log-probabilities, but its entries are ≥ 0 and sum to 1"),
        ([2.0, -1.0], "logprobs", "p is given as log-probabilities, but has an entry above 0: it may hold logits."),
        ([3.0, 1.0], None, "p holds whole numbers: it may hold counts or logits"),
        ([1.5, 0.2], None, "p has an entry above 1"),
        ([0.5, -0.5], None, "p[1] is −0.5, which is no probability; if p holds logits"),
        ([0.5, math.nan], None, "p[1] is NaN, and so is every sum with it."),
        ([[0.5, 0.5], [0.5, math.inf]], None, "p[1, 1] is ∞."),
        ([0.0, 0.0], None, "p: every entry of row 0 is 0."),
        ([1.0, -1.0], "counts", "p[1] is −1, which is no count."),
        ([-800.0, -0.0], "logprobs", "p has 1 probability of 0; 1 of them is too small for a float."),
    ):
        checks = mcdiv.doctor(p, [0.5, 0.5], p_as=kind, got=0.1).checks
        assert any(check.said.startswith(told) and not check.fine for check in checks), told
    assert mcdiv.doctor([0.5, math.nan], [0.5, 0.5], got=0.1).matches == ()


def test_what_is_normalised_has_no_sum_to_be_told() -> None:
    found = mcdiv.doctor([5.0, 3.0, 2.0], [7.0, 2.0, 1.0], 0.1328, normalise=True)
    assert names(found) == ["bits"]
    assert all(check.fine for check in found.checks if check.name == "sum")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("--p 0.5,0.5 --q 0.5,0.5 --got x", "--got: expected a number such as 0.1328, got x"),
        ("--p 0.5,y --q 0.5,0.5", "--p: expected a number, got 'y'"),
        ("--p [[1],[1,0]] --q 1,0", "--p: expected rows of equal length, got 1, 2"),
        ("--p [1/0] --q 1,0", "--p: expected a number, got '1/0'"),
        ("--p 1,0,0 --q 1,0", "p has 3 categories, q has 2; they must be the same"),
        ("--p= --q 1,0", "--p: expected numbers, a distribution or a FILE, got ''"),
        ("--p nothing.csv --q 1,0", "nothing.csv: there is no such file"),
        ("--p 50%,50% --q 1,0", "50%,50%: there is no such file; write a probability of 50 % as 0.5"),
        ("--p coin --q 1,0", "coin: there is no such file; as a distribution it needs its parameters: p"),
        ("--p 0.5,,0.5 --q 1,0", "--p: expected a number between two commas, got '0.5,,0.5'"),
        ("--p - --q -", "standard input is given twice; expected a file for one of the two"),
        ("--p 1,0 --q -", "standard input: has no numbers"),
        ("--p 1,0 --q 1,0 --eps 0", "--eps: expected a number above 0, got 0"),
        ("--p [[1,0],[1,0]] --q 1,0 --draws 3", "--draws: a sample is drawn from one p, and there are 2 rows"),
        ("--p [[1,0],[1,0]] --q [[1,0],[1,0],[1,0]]", "rows do not go together"),
    ],
)
def test_a_mistake_in_the_command_is_one_line(arguments: str, told: str, mcdiv_command: Command) -> None:
    (line,) = mcdiv_command("doctor", *arguments.split(), code=2).stderr.splitlines()
    assert line.startswith(told)


@pytest.mark.parametrize("text", ["", "category,probability\n"])
def test_a_file_without_numbers_is_one_line(text: str, folder: Path, mcdiv_command: Command) -> None:
    Path("empty.csv").write_text(text, encoding="utf-8")
    Path("full.csv").write_text("category,probability\na,0.5\nb,0.5\n", encoding="utf-8")
    for arguments in ("--p empty.csv --q full.csv", "--p 0.5,0.5 --q empty.csv"):
        (line,) = mcdiv_command("doctor", *arguments.split(), code=2).stderr.splitlines()
        assert line.startswith("empty.csv:")


def test_matches_that_any_number_of_so_few_digits_has_are_no_findings() -> None:
    lines = sentences(mcdiv.doctor([1000, 400, 3], [900, 500, 3], "0.0063", p_as="counts", q_as="counts"))
    assert "Pairs of slips give it to these digits, but that may be an accident:" in lines
    assert not any("Fix:" in line for line in lines)
    assert lines[-1] == "So some of these matches are likely to be accidents: give more digits."
    assert any("Fix:" in line for line in sentences(mcdiv.doctor(P, Q, "0.1328")))
    assert sentences(mcdiv.doctor(P, Q, "0.1"))[-1] == "So this match may well be an accident: give more digits."


@pytest.mark.parametrize("q", [P, Q, [0.5, 0.5, 0.0]])
def test_k2_is_called_the_divergence_only_where_it_is(q: list[float]) -> None:
    told = {line[:2]: line for line in sentences(mcdiv.doctor(P, q, draws=9)) if line.startswith("k")}
    assert ("k2, the mean over 9 draws from P, is not KL" in told["k2"]) == (q == Q)
    assert "is KL(P‖Q) on average" in told["k1"]
    assert "is KL(P‖Q) on average" in told["k3"]


SLIP = '''
import numpy as np
from mcdiv.diagnosis.contract import other_quantity

@other_quantity(unit_power=0)
def {name}(p, q):
    """The largest difference of two probabilities.

    Formula: max |p − q|
    Valid:   P ≠ Q
    {mend}    sum p ln(p/q) over the categories
    Source:  by definition
    """
    return np.abs(p - q).max(axis=-1)
'''


def test_a_slip_of_ones_own_is_a_function_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SLIPS, "_entries", SLIPS.snapshot())
    own, bare = tmp_path / "own_slip.py", tmp_path / "bare_slip.py"
    own.write_text(SLIP.format(name="largest_difference", mend="Mend:"), encoding="utf-8")
    bare.write_text(SLIP.format(name="bare_difference", mend="Thus:"), encoding="utf-8")
    found = mcdiv.doctor([0.4, 0.3, 0.2, 0.1], [0.47, 0.34, 0.1, 0.09], "0.1000000", plugins=[own])
    assert (found.matches[0].name, found.matches[0].formula) == ("largest_difference", "max |p − q|")
    with pytest.raises(mcdiv.StoreError, match="bare_difference: the docstring has no 'Mend:'"):
        mcdiv.doctor(P, Q, plugins=[bare])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.5 0.3 0.2\n", [0.5, 0.3, 0.2]),
        ("token,p\na,0.5\nb,0.3\nc,0.2\n", {"a": 0.5, "b": 0.3, "c": 0.2}),
        ('{"a": 0.5, "b": 0.3, "c": 0.2}', {"a": 0.5, "b": 0.3, "c": 0.2}),
        ("token,n\na,5\nb,3\nc,2\n", {"a": 5, "b": 3, "c": 2}),
        ("a\na\nb\n", {"a": 2, "b": 1}),
    ],
)
def test_standard_input_is_read_as_a_file_of_the_same_text_is(
    text: str, values: object, folder: Path, mcdiv_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers, a table of them, JSON, counts and draws: each takes another number of looks at the text."""
    same = "same.json" if text.startswith("{") else "same"
    Path(same).write_text(text, encoding="utf-8")
    of_file, of_input = (
        mcdiv_command("doctor", "--p", p, "--q", same, "--got", "0", stdin=text).stdout for p in (same, "-")
    )
    assert of_input == of_file.replace(f"{same}: read as", "standard input: read as", 1)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    kind = "counts" if isinstance(values, dict) and max(values.values()) > 1 else None
    assert mcdiv.doctor("-", same) == mcdiv.doctor(values, same, p_as=kind)


def test_standard_input_without_end_is_one_line(mcdiv_command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcdiv.files.counts.standard_input._LARGEST_HELD", 2**20)
    (line,) = mcdiv_command("doctor", "--p", "-", "--q", "1,0", stdin="1 " * 2**20, code=2).stderr.splitlines()
    assert line == "standard input: has more than 1 MB; write it to a file first"


def test_every_slip_is_listed_with_its_formula_and_its_fix(mcdiv_command: Command) -> None:
    listed = json.loads(mcdiv_command("list", "slips", "--json").stdout)
    assert [each["name"] for each in listed] == list(SLIPS)
    assert next(each for each in listed if each["name"] == "bits") == {
        "name": "bits",
        "formula": "x/ln 2",
        "about": "In bits: with logarithms to the base 2.",
        "fix": "multiply by ln 2 = 0.693147 for nats, or compare with a value in bits",
    }
    shown = mcdiv.show("clipped")
    assert (shown["formula"], shown["tried"][:11]) == ("max(q, ε) in place of q", "eps: 1e-07,")
    both = mcdiv.show("entropy")
    assert (both["estimand"], both["as slip, formula"]) == ("entropy", "−Σ p ln p")


@pytest.mark.parametrize(
    ("p", "q", "got", "said"),
    [
        (P, Q, 0.1328, "Σ p ln(p/q) = 0.0920329; 0.1328 matches bits"),
        (P, Q, None, "Σ p ln(p/q) = 0.0920329"),
        ([0.5, 0.5], [1, 0], None, "Σ p ln(p/q) = ∞; check failed: support of p, q"),
    ],
)
def test_a_diagnosis_is_shown_on_one_line(p: list[float], q: list[float], got: float | None, said: str) -> None:
    assert repr(mcdiv.doctor(p, q, got)) == f"<mcdiv.Diagnosis: {said}>"
