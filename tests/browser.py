"""A real browser for the tests of pages: whichever Chromium the machine has, or a skip that says what is missing."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

SIZES = {"phone": (390, 844), "laptop": (1280, 800)}
#: opens the page, at an address such as "#p=0.7", with options of the browser's context
Open = Callable[..., Any]
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


@contextmanager
def visits(browser: Any, file: Path) -> Iterator[Open]:
    """Open a page from its file; any request, console message or error of the page fails the test."""
    heard: list[str] = []
    contexts = []

    def open_(address: str = "", **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        mine = (file.as_uri(), "blob:")  # a download is a blob of the page's own
        page.on(
            "request", lambda asked: heard.append(f"request: {asked.url}") if not asked.url.startswith(mine) else None
        )
        page.goto(file.as_uri() + address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert heard == []
