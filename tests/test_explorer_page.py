"""The explorer in a real browser: opened from its file, moved, read, taken away."""

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from browser import SIZES, Open, chromium, visits

import mcdiv
from mcdiv.files import yaml_text
from mcdiv.results.explorer import explorer_page, explorer_section
from mcdiv.results.loading import parse
from mcdiv.results.run import run

ESTIMANDS = ("entropy", "cross_entropy", "kl_divergence")


pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def explorer(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Open the explorer, or another page that holds it, from a file."""
    file = tmp_path / "explorer.html"
    with visits(browser, file) as visit:

        def open_(address: str = "", html: str | None = None, **options: Any) -> Any:
            file.write_text(html or explorer_page(), encoding="utf-8")
            return visit(address, **options)

        yield open_


def number(page: Any, name: str) -> float:
    """A number as the page keeps it, every digit."""
    return float(page.locator(f'[data-number="{name}"]').first.get_attribute("value"))


def agrees_with_python(page: Any, p: float, q: float, n: int, estimator: str, units: Any) -> None:
    truth, model = [p, 1 - p], [q, 1 - q]
    for estimand in ESTIMANDS:
        found = mcdiv.exact_performance(
            estimand,
            estimator="plugin" if estimand == "cross_entropy" else estimator,
            truth=truth,
            model=None if estimand == "entropy" else model,
            sample_size=n,
            units=units,
        )
        for measure in ("mean", "bias", "sd", "rmse"):
            assert number(page, f"{estimand}.{measure}") == pytest.approx(getattr(found, measure), abs=1e-12)
    sums = (mcdiv.entropy(truth, units=units), mcdiv.cross_entropy(truth, model, units=units))
    for name, value in zip(("entropy", "cross_entropy"), map(float, sums), strict=True):
        assert number(page, name) == pytest.approx(value, abs=1e-12)
        assert page.locator(f'[data-number="{name}"]').first.inner_text() == f"{value:.4f}"
    slope = mcdiv.cross_entropy_gradient(truth, model, units=units)
    assert number(page, "slope") == pytest.approx(slope[0] - slope[1], abs=1e-12)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_from_a_file_and_fits_in_light_and_dark(
    explorer: Open, tmp_path: Path, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    page = explorer("#runs=101&seed=7", viewport={"width": width, "height": height}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground))) > 380) == (scheme == "light")
    assert page.locator(".mcx-picture svg path").count() > 10
    folder = Path(os.environ.get("MCDIV_SCREENSHOTS", tmp_path))
    page.screenshot(path=folder / f"explorer-{size}-{scheme}.png", full_page=True)


def test_sliders_move_by_keyboard_and_every_number_is_python_s(explorer: Open) -> None:
    page = explorer("#p=0.7&q=0.5&n=100")
    agrees_with_python(page, 0.7, 0.5, 100, "plugin", "nats")
    page.get_by_role("slider", name="model").press("ArrowRight")
    page.get_by_role("slider", name="truth").press("ArrowLeft")
    page.get_by_role("slider", name="sample size").press("ArrowRight")
    agrees_with_python(page, 0.69, 0.51, 120, "plugin", "nats")
    page.get_by_label("Estimator of H(P)").select_option("zhang")
    page.get_by_role("radio", name="bits").check()
    page.get_by_role("slider", name="sample size").press("End")
    agrees_with_python(page, 0.69, 0.51, 10_000, "zhang", "bits")
    page.get_by_label("q, typed").fill("0.333")
    agrees_with_python(page, 0.69, 0.333, 10_000, "zhang", "bits")
    assert page.get_by_role("slider", name="sample size").get_attribute("aria-valuetext") == "10,000 flips"


def test_what_is_typed_wrongly_is_marked_and_changes_nothing(explorer: Open) -> None:
    page = explorer("#p=0.7")
    page.get_by_label("p, typed").fill("7")
    assert page.get_by_label("p, typed").get_attribute("aria-invalid") == "true"
    assert number(page, "p") == 0.7
    assert "p=7 (p is a number from 0 to 1)" in page.locator("[data-amiss]").text_content()
    page.get_by_label("p, typed").blur()
    assert page.get_by_label("p, typed").input_value() == "0.7"
    assert page.locator("[data-amiss]").is_hidden()


@pytest.mark.parametrize("address", ["#p=2&q=abc", "#n=0&units=bans", "#estimator=best&runs=-1"])
def test_an_address_that_means_nothing_is_told(explorer: Open, address: str) -> None:
    page = explorer(address)
    told = page.locator("[data-amiss]")
    assert told.is_visible()
    for entry in address[1:].split("&"):
        assert f"{entry} (" in told.text_content()
    assert told.text_content().endswith("The page shows p = 0.7, q = 0.5, N = 100.")
    page.locator("#mcx-p").press("ArrowRight")
    assert told.is_hidden()


def test_an_excluded_outcome_is_told_as_infinite(explorer: Open) -> None:
    page = explorer("#p=0.7&q=0&n=5&runs=3&seed=1")
    assert page.locator('[data-number="cross_entropy"]').first.inner_text() == "+∞"
    assert page.get_by_text("The model rules out heads, which the coin can show").is_visible()
    assert page.get_by_text("+∞ with probability 0.9976").count() == 2
    assert page.get_by_text("unbiased").count() == 0


def test_flips_are_flipped_and_a_link_flips_the_same_ones(explorer: Open) -> None:
    page = explorer("#p=0.7&q=0.5&n=50")
    page.get_by_role("button", name="Flip 50 times").click()
    page.get_by_role("button", name="100 more experiments").click()
    told = page.locator("[data-words=flipped]").inner_text()
    heads = int(re.search(r"gave (\d+) heads", told)[1])  # type: ignore[index]
    estimate = mcdiv.estimate("kl_divergence", [heads, 50 - heads], estimator="plugin", q=[0.5, 0.5])
    assert number(page, "kl_divergence.last") == pytest.approx(float(estimate), abs=1e-12)
    page.wait_for_url(re.compile("runs=101"))
    again = explorer(page.evaluate("location.hash"))
    assert again.locator("[data-words=flipped]").inner_text() == told
    assert number(again, "entropy.average") == number(page, "entropy.average")
    page.get_by_label("p, typed").fill("0.6")
    assert page.locator("[data-words=flipped]").inner_text() == "No flips yet."


def test_a_prediction_comes_before_the_answer(explorer: Open) -> None:
    page = explorer("#p=0.7&q=0.5&n=100&predict=1")
    answers = (
        "stays at H(P) = 0.6109 nats",
        "At q = p = 0.7",
        "both have slope −0.8000 nats",
        "bias of K̂L is 0.005032",
        "Exactly 25.6 %",
    )
    for hidden in ("sum", "curves", "slopes", "approach"):
        assert page.locator(f"[data-figure={hidden}]").is_hidden()
    text = page.locator(".mcdiv-explorer").inner_text()
    assert not any(answer in text for answer in answers)
    assert "unbiased" not in text
    page.locator("[data-question=gap] button").click()  # nothing predicted yet: nothing is shown
    assert page.locator("[data-figure=sum]").is_hidden()
    page.get_by_label("stay where it is").check()
    page.get_by_label("your q").fill("0.5")
    page.get_by_label("neither").check()
    page.get_by_label("too low").check()
    page.get_by_label("your per cent").fill("95")
    for answer in answers:
        page.get_by_role("button", name="Reveal", exact=True).first.click()
        assert answer in page.evaluate("document.activeElement.textContent")
    assert "As you said." in page.locator("[data-question=gap]").inner_text()
    assert "You said “too low”." in page.locator("[data-question=bias]").inner_text()
    assert page.locator("[data-figure=curves]").is_visible()


def test_dragging_on_the_curves_moves_q(explorer: Open) -> None:
    page = explorer("#q=0.5")
    page.locator("#mcx-curves").scroll_into_view_if_needed()
    box = page.locator("#mcx-curves").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 150)
    page.mouse.up()
    assert 0.7 < number(page, "q") < 0.85


def test_the_scenario_of_the_page_gives_the_numbers_of_the_page(explorer: Open) -> None:
    page = explorer("#p=0.7&q=0.6&n=20&estimator=miller_madow&units=bits")
    text = page.locator("[data-scenario]").text_content()
    scenario = parse(yaml_text.read_text(text, "page"), ["mode=exact", "paths=0", "plots=[]"])
    rows = run(scenario, backend="serial").summary.query("sample_size == 20 and estimator == 'miller_madow'")
    for row in rows.itertuples():
        assert number(page, f"{row.estimand}.rmse") == pytest.approx(row.exact_rmse, abs=1e-12)


def test_pictures_and_numbers_can_be_taken_away(explorer: Open, tmp_path: Path) -> None:
    page = explorer("#p=0.7&q=0.6&n=20&runs=5&seed=2", color_scheme="dark")
    for figure in page.locator("[data-figure]").evaluate_all("figures => figures.map((one) => one.dataset.figure)"):
        for kind in ("svg", "csv"):
            with page.expect_download() as waiting:
                page.locator(f"[data-figure={figure}] [data-action={kind}]").click()
            assert waiting.value.suggested_filename == f"mcdiv-{figure}.{kind}"
            waiting.value.save_as(tmp_path / f"{figure}.{kind}")
        # Chromium drops what a page downloads beyond ten in a burst.
        page.wait_for_timeout(1100 if figure == "path" else 0)
        drawn = ElementTree.parse(tmp_path / f"{figure}.svg").getroot()
        assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(" not in (tmp_path / f"{figure}.svg").read_text(encoding="utf-8")
        assert any(mark.get("fill") == "rgb(92, 91, 87)" for mark in drawn.iter()) or figure == "sum"  # the light ink
    with (tmp_path / "curves.csv").open(encoding="utf-8") as file:
        for row in list(csv.DictReader(file))[1:-1:50]:
            q = float(row["q"])
            expected = mcdiv.cross_entropy([0.7, 0.3], [q, 1 - q])
            assert float(row["cross_entropy"]) == pytest.approx(float(expected), abs=1e-12)
    with (tmp_path / "test.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name in ("probability_if_p_is_q", "probability"):
        assert sum(float(row[name]) for row in rows) == pytest.approx(1, abs=1e-12)
    assert float(rows[13]["g"]) == pytest.approx(40 * float(mcdiv.kl_divergence([0.65, 0.35], [0.6, 0.4])), abs=1e-12)
    with (tmp_path / "entropy.csv").open(encoding="utf-8") as file:
        assert sum(float(row["probability"]) for row in csv.DictReader(file)) == pytest.approx(1, abs=1e-12)


def test_a_screen_reader_is_told_what_there_is(explorer: Open) -> None:
    page = explorer("#p=0.7&q=0.5&n=100")
    outline = page.locator("body").aria_snapshot()
    for words in (
        'slider "p truth: P(heads)"',
        'slider "q model: Q(heads)"',
        'slider "N sample size: flips"',
        "combobox",
        'img "Cross-entropy and KL over q"',
        'button "Predict, then reveal"',
        "table",
    ):
        assert words in outline
    page.get_by_role("slider", name="model").press("ArrowRight")
    page.get_by_role("status").get_by_text("KL divergence 0.0").wait_for()


def test_paper_has_the_numbers_and_not_the_controls(explorer: Open) -> None:
    page = explorer("#p=0.7&q=0.5&n=100", color_scheme="dark")
    page.emulate_media(media="print")
    assert page.get_by_role("button").count() == 0
    assert page.get_by_text("P: heads with p = 0.7. Q: heads with q = 0.5. N: 100 flips.").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_report_can_hold_it(explorer: Open) -> None:
    title = "<h1 id='bias' style='color: rgb(1, 2, 3)'>Report</h1>"
    around = f"<!doctype html><title>report</title>{title}<a href='#bias'>to bias</a>"
    page = explorer(html=around + explorer_section(0.9, 0.4, 20, "bits"))
    assert (number(page, "p"), number(page, "q"), number(page, "flips")) == (0.9, 0.4, 20)
    page.get_by_text("to bias").click()
    assert page.evaluate("location.hash") == "#bias"
    assert number(page, "p") == 0.9
    assert page.locator("h1").evaluate("(title) => getComputedStyle(title).color") == "rgb(1, 2, 3)"
