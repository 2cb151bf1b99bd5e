"""The built guide as a reader's browser shows it, from the file system, without a server.

  build/venv/bin/python -m pytest tests/guide                 everything
  build/venv/bin/python -m pytest tests/guide/test_pages.py   one file; -k CREATE-2 chooses by name

--html FOLDER  the built guide (build/linux-gcc/docs/html)
--again        tests although nothing has changed since all tests passed
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python  # type: ignore[import-untyped]
import guide_site
import pytest
from guide_site import HEIGHT, STAMPS, WIDE, GuideError, Visit
from playwright.sync_api import Browser, expect, sync_playwright

Open = Callable[[str], Visit]
# From PyPI with the other tools: no second package manager, no second lock file.
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
key = pytest.StashKey[str]()
CAP = 120_000  # milliseconds; for a machine that has much to do
expect.set_options(timeout=CAP)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--html", type=Path, default=guide_site.BUILT, help="the folder of the built guide")
    parser.addoption("--again", action="store_true", help="test although nothing has changed since all passed")


def stamp(config: pytest.Config) -> Path:
    return STAMPS / hashlib.sha256("\n".join(arguments(config)).encode()).hexdigest()[:12]


def arguments(config: pytest.Config) -> list[str]:
    return [argument for argument in config.invocation_params.args if argument != "--again"]


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Ends at once when the same files have passed the same tests before."""
    if config.option.collectonly or config.option.help:
        return None
    config.option.html = config.option.html.resolve()
    try:
        guide_site.pages(config.option.html)
        config.stash[key] = guide_site.digest(config.option.html, arguments(config))
    except GuideError as error:
        raise pytest.UsageError(str(error)) from None
    file = stamp(config)
    if not config.option.again and file.exists() and file.read_text() == config.stash[key]:
        print("The guide and its tests are the same as when all of them passed: nothing to do (--again tests anyway).")
        return 0
    file.unlink(missing_ok=True)
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "note":
                terminalreporter.write_line(str(text))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    if exitstatus != 0 or key not in config.stash:
        return
    if config.stash[key] == guide_site.digest(config.option.html, arguments(config)):  # still the same guide
        STAMPS.mkdir(parents=True, exist_ok=True)
        stamp(config).write_text(config.stash[key])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of `path` is run for each page, one of `path_with_statements` for each page that has a statement."""
    folder = metafunc.config.option.html.resolve()
    for name, only in (("path", None), ("path_with_statements", guide_site.STATEMENT)):
        if name in metafunc.fixturenames:
            chosen = [page for page in guide_site.pages(folder) if not only or only.search(page.read_text("utf-8"))]
            metafunc.parametrize(name, [page.relative_to(folder).as_posix() for page in chosen])


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
