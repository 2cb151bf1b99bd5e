"""The built guide as a reader's browser shows it, from the file system, without a server.

  build/venv/bin/python -m pytest tests/guide                 everything
  build/venv/bin/python -m pytest tests/guide/test_pages.py   one file; -k CREATE-2 chooses by name

--html FOLDER  the built guide (build/linux-gcc/docs/html)
--page PAGE    of the tests of every page only this one's, relative to FOLDER (may be repeated)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python  # type: ignore[import-untyped]
import guide_site
import pytest
from guide_site import HEIGHT, WIDE, GuideError, Visit
from playwright.sync_api import Browser, expect, sync_playwright

Open = Callable[[str], Visit]
# From PyPI with the other tools: no second package manager, no second lock file.
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
CAP = 120_000  # milliseconds; for a machine that has much to do
expect.set_options(timeout=CAP)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--html", type=Path, default=guide_site.BUILT, help="the folder of the built guide")
    parser.addoption("--page", action="append", help="of the tests of every page only this one's")


def pytest_configure(config: pytest.Config) -> None:
    config.option.html = config.option.html.resolve()
    try:
        guide_site.pages(config.option.html)
    except GuideError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "note":
                terminalreporter.write_line(str(text))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of `path` is run for each page, one of `path_with_statements` for each page that has a statement."""
    folder = metafunc.config.option.html.resolve()
    for name, only in (("path", None), ("path_with_statements", guide_site.STATEMENT)):
        if name in metafunc.fixturenames:
            chosen = [page for page in guide_site.pages(folder) if not only or only.search(page.read_text("utf-8"))]
            paths = [page.relative_to(folder).as_posix() for page in chosen]
            wanted = metafunc.config.option.page or paths
            metafunc.parametrize(name, [path for path in paths if path in wanted])


@pytest.fixture(scope="session")
def html(pytestconfig: pytest.Config) -> Path:
    folder: Path = pytestconfig.option.html
    return folder.resolve()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=guide_site.chromium(), args=guide_site.launch_options(), timeout=CAP
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def window(browser: Browser, html: Path) -> Visit:
    """One for all tests, since a new one takes longer than a page. Without motion: nothing is looked at on its way."""
    context = browser.new_context(reduced_motion="reduce")
    context.add_init_script(path=AXE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(CAP)
    return Visit(context.new_page(), html)


@pytest.fixture
def visit(window: Visit) -> Open:
    """Opens a page in a desktop's window, in light."""

    def open_page(path: str) -> Visit:
        window.page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        window.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        window.go(path)
        return window

    return open_page
