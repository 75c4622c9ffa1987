"""A real browser for the explorer's tests: whichever Chromium the machine has, or a skip that says what is missing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome", "google-chrome-stable")


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium, driven by playwright; it downloads none of its own."""
    driver = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install 'mcdiv[browser]'")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    # Chromium refuses to build its sandbox for root, who runs the tests in containers.
    needed = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with driver.sync_playwright() as session:
        try:
            browser = session.chromium.launch(executable_path=program, args=[*needed, "--disable-dev-shm-usage"])
        except driver.Error as error:
            pytest.skip(f"{program} does not start: {str(error).splitlines()[0]}")
        yield browser
        browser.close()
