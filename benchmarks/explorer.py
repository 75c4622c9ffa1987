"""B15: what one step of a slider costs the explorer at N = 10⁴, in headless Chromium. Left out where there is none."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import mcdiv
from benchmarks.report import Line, side_note
from mcdiv.results.explorer import explorer_page

STEPS = 60
#: moves the slider of q, and gives the seconds until numbers, pictures and layout are there
MOVE = """async (steps) => {
  const slider = document.querySelector("#mcx-q"), seconds = [];
  for (let i = 1; i <= steps; i++) {
    await new Promise((next) => setTimeout(next, 20));
    const before = performance.now();
    slider.value = i / 100;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();
    seconds.push((performance.now() - before) / 1000);
  }
  return seconds;
}"""


def compare() -> list[Line]:
    """One line, or none without a browser. Processor time counts: other work on the machine leaves it alone."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return []
    if program is None:
        return []
    alone = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=program, args=alone)
        spent, seconds, rmse = _measured(browser, Path(folder) / "explorer.html")
        browser.close()
    q = STEPS / 100
    exact = mcdiv.exact_performance(
        "kl_divergence", estimator="grassberger_2003", truth=[0.7, 1 - 0.7], model=[q, 1 - q], sample_size=10_000
    )
    return [
        Line(
            number="B15",
            work="explorer, N = 10000, 100 experiments: one step of a slider, main thread",
            against="seconds of processor time",
            reach=0.05,
            measured=spent,
            at_least=False,
            in_seconds=True,
            answer=f"difference {abs(rmse - exact.rmse):.1e} of the RMSE shown",
            right=abs(rmse - exact.rmse) <= 1e-12,
            times=side_note({"until laid out": seconds}),
        )
    ]


def _measured(browser: Any, file: Path) -> tuple[float, list[float], float]:
    """Processor seconds of a step, wall seconds of each, and the RMSE that the page shows at the end."""
    file.write_text(explorer_page(), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{file.as_uri()}#p=0.7&q=0.5&n=10000&runs=100&seed=5&estimator=grassberger_2003")
    page.wait_for_timeout(500)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(entry["value"] for entry in metrics if entry["name"] == "TaskDuration")

    before = busy()
    seconds = page.evaluate(MOVE, STEPS)
    spent = (busy() - before) / STEPS
    return spent, seconds, float(page.locator('[data-number="kl_divergence.rmse"]').get_attribute("value"))
