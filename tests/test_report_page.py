"""The report in a real browser: opened from its file, sorted, read, taken away, on a phone, at night and on paper."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import SIZES, Open, chromium, visits
from small import scenario_of

from mcdiv.results.run import run
from mcdiv.results.study_results import Results

HOSTILE = "</title></script><script>alert(1)</script><img src='http://127.0.0.1/x' onerror='alert(2)'>"


pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A study with everything a page can show, and a stranger's title."""
    changes: dict[str, Any] = {
        "title": HOSTILE,
        "question": HOSTILE,
        "model": {"coin": [0.6, 1]},
        "estimators": ["plugin", "miller_madow", "jackknife", "horvitz_thompson", "bayes(alpha=1)"],
        "estimands": ["entropy", "cross_entropy", "kl_divergence"],
        "paths": 3,
        "plots": ["convergence", "bias", "agreement"],
        "units": "bits",
    }
    return run(scenario_of(**changes), backend="serial", out=tmp_path_factory.mktemp("results"))


@pytest.fixture
def report(browser: Any, results: Results) -> Iterator[Open]:
    assert results.folder is not None
    with visits(browser, results.folder / "report.html") as visit:
        yield visit


def column(page: Any, head: str, table: str = "table-summary") -> list[str]:
    """The sort keys of a column, from the top."""
    found: list[str] = page.evaluate(
        """([id, head]) => {
          const table = document.getElementById(id);
          const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
          const place = heads.findIndex((text) => text.startsWith(head));
          return [...table.tBodies[0].rows].map((row) => row.cells[place].dataset.key);
        }""",
        [table, head],
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_from_a_file_and_fits_in_light_and_dark(report: Open, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    page = report(viewport={"width": width, "height": height}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 28)"
    assert dark == (scheme == "dark")


def test_on_a_phone_three_columns_of_a_sheet_and_its_heads_stay_in_view(report: Open) -> None:
    width, height = SIZES["phone"]
    page = report(viewport={"width": width, "height": height})
    table = page.locator("table.sheet").first
    table.evaluate("table => { const box = table.closest('.scroll'); box.scrollLeft = box.scrollTop = 10000; }")
    frame = table.evaluate("table => table.closest('.scroll').getBoundingClientRect().toJSON()")
    heads = [cell.bounding_box() for cell in table.locator("thead tr").first.locator("th").all()]
    ends = [(head["x"], head["x"] + head["width"]) for head in heads]
    assert ends[0][0] == pytest.approx(frame["left"], abs=1)
    assert ends[0][1] <= ends[1][0] + 1 and ends[1][1] <= ends[2][0] + 1
    assert ends[2][1] <= frame["left"] + 0.75 * frame["width"]
    assert heads[0]["y"] == pytest.approx(frame["top"], abs=2)
    assert ends[3][1] < ends[2][1]  # it has gone under them


def test_on_a_phone_a_name_goes_on_where_a_word_of_it_ends_and_is_copied_as_it_is(report: Open) -> None:
    page = report(viewport={"width": 390, "height": 844})
    cells = page.locator("table.sheet td:nth-child(-n+4):not(.number), .short td:not(.number)")
    broken = cells.evaluate_all(
        """cells => cells.flatMap(cell => [...cell.childNodes].filter(node => node.nodeType == 3).flatMap(node =>
          [...node.data.matchAll(/\\w\\(\\w, \\w\\)|[^\\s_(,]+/g)].filter(word => {
            const range = document.createRange();
            range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
            return range.getClientRects().length > 1;
          }).map(word => word[0])))"""
    )
    assert broken == []
    symbols = page.locator(".whole").filter(visible=True)
    assert symbols.count() and all(
        len(lines) == 1
        for lines in symbols.evaluate_all("spans => spans.map(span => [...span.getClientRects()].map(box => box.top))")
    )
    name = page.locator("#table-summary td", has_text="horvitz_thompson").first
    assert name.evaluate("cell => { getSelection().selectAllChildren(cell); return getSelection().toString(); }") == (
        "horvitz_thompson"
    )


def test_on_a_laptop_a_name_is_one_line(report: Open) -> None:
    page = report(viewport={"width": 1366, "height": 768})
    name = page.locator("#table-summary td", has_text="horvitz_thompson").first
    number = page.locator("#table-summary td.number").first
    heights = [cell.evaluate("cell => cell.getBoundingClientRect().height") for cell in (name, number)]
    assert heights[0] == pytest.approx(heights[1], abs=1)
    assert (
        name.evaluate("""cell => {
      const range = document.createRange(); range.selectNodeContents(cell);
      return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size;
    }""")
        == 1
    )


def test_a_formula_leaves_room_for_what_is_said_of_it(browser: Any, tmp_path: Path) -> None:
    pairs = {"truth": {"joint": [[0.3, 0.2], [0.1, 0.4]]}, "model": None, "estimands": ["conditional_entropy"]}
    run(scenario_of(**pairs, plots=[], mode="exact", estimators=["plugin"]), backend="serial", out=tmp_path)
    with visits(browser, tmp_path / "small" / "report.html") as visit:
        page = visit(viewport={"width": 1366, "height": 768})
        said = page.get_by_text("The uncertainty of Y").bounding_box()
    assert said["width"] > 1366 / 3


@pytest.mark.parametrize(("heads", "columns", "pinned"), [(85, 9, 3), (85, 3, 2), (105, 9, 2), (130, 9, 1)])
def test_on_a_phone_columns_stay_in_view_that_leave_room_for_any_other(
    report: Open, heads: int, columns: int, pinned: int
) -> None:
    page = report(viewport={"width": 390, "height": 844})
    found = page.evaluate(
        """([heads, columns]) => {
          const table = document.querySelector("table.sheet");
          const cells = [...table.tHead.rows[0].cells];
          cells.forEach((cell, i) => (cell.getBoundingClientRect = () => ({ width: i < 3 ? heads : 100 })));
          Object.defineProperty(table.tHead.rows[0], "cells", { value: cells.slice(0, columns) });
          dispatchEvent(new Event("resize"));
          return table.className.match(/pin-(\\d)/)[1];
        }""",
        [heads, columns],
    )
    assert int(found) == pinned


def test_words_of_a_stranger_are_shown_and_not_run(report: Open) -> None:
    page = report()
    assert page.title() == HOSTILE
    assert page.locator("h1").inner_text() == HOSTILE
    assert page.locator("img").count() == 0


def test_a_script_that_is_not_the_pages_own_does_not_run(browser: Any, results: Results, tmp_path: Path) -> None:
    assert results.folder is not None
    text = (results.folder / "report.html").read_text(encoding="utf-8")
    file = tmp_path / "forged.html"
    file.write_text(text.replace("<main>", "<main><script>document.title = 'forged'</script>"), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert page.title() == HOSTILE
    page.close()


def test_a_table_sorts_by_its_heads_and_says_so(report: Open, results: Results) -> None:
    page = report()
    head = page.locator("#table-summary th").filter(has_text="exact bias")
    button = head.get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    known = sorted(results.summary["exact_bias"].dropna())
    keys = column(page, "exact bias")
    assert [float(key) for key in keys if key] == pytest.approx(known)
    assert keys[len(known) :] == [""] * (len(keys) - len(known))  # what has no value goes last
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    assert [float(key) for key in column(page, "exact bias") if key] == pytest.approx(known[::-1])
    page.locator("#table-summary th").filter(has_text="estimator").get_by_role("button").click()
    assert column(page, "estimator") == sorted(results.summary["estimator"])
    assert head.get_attribute("aria-sort") == "none"


def test_an_mcse_is_shown_where_one_rests_and_everywhere_when_asked_for(report: Open) -> None:
    page = report()
    cells = page.locator("#table-summary td[data-error]")
    size: Callable[[Any], float] = lambda cell: cell.locator(".error").bounding_box()["width"]  # noqa: E731
    assert size(cells.nth(0)) <= 1
    cells.nth(0).hover()
    assert size(cells.nth(0)) > 20
    page.mouse.move(0, 0)
    cells.nth(0).focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent").startswith(cells.nth(1).text_content().split()[0])
    assert size(cells.nth(1)) > 20
    assert page.locator("#table-summary td[tabindex='0']").count() == 1
    page.get_by_role("button", name="Show every MCSE").click()
    assert size(cells.nth(5)) > 20


def test_what_can_be_taken_away_is_what_was_written(report: Open, results: Results, tmp_path: Path) -> None:
    page = report()
    assert results.folder is not None
    for name in ("summary.csv", "problems.csv", "scenario.yaml"):
        with page.expect_download() as waiting:
            page.locator(f"[data-take='{name}']").click()
        assert waiting.value.suggested_filename == name
        waiting.value.save_as(tmp_path / name)
        assert (tmp_path / name).read_bytes() == (results.folder / name).read_bytes()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the numbers of Bias as CSV").click()
    waiting.value.save_as(tmp_path / "bias.csv")
    assert "estimator" in (tmp_path / "bias.csv").read_text(encoding="utf-8").splitlines()[0]


def test_a_screen_reader_is_told_what_there_is(report: Open) -> None:
    outline = report().locator("main").aria_snapshot()
    for words in (
        'navigation "Contents"',
        'heading "What was simulated" [level=2]',
        'img "Bias"',
        'region "Every estimator in every condition"',
        "± 0.0",
        'slider "p truth: P(heads)"',
    ):
        assert words in outline, words


def test_the_explorer_opens_at_the_studys_coin(report: Open) -> None:
    page = report("#pictures")
    found = [float(page.locator(f'[data-number="{name}"]').first.get_attribute("value")) for name in ("p", "q")]
    assert found == [0.5, 0.6]
    page.get_by_role("slider", name="p truth").press("ArrowRight")
    assert float(page.locator('[data-number="p"]').first.get_attribute("value")) == 0.51


def test_paper_has_everything_and_no_buttons(report: Open) -> None:
    page = report(color_scheme="dark")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("button.take, nav, .tools").filter(visible=True).count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("details[open]").count() >= 2
