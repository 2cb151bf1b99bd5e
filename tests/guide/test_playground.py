"""What runs in the pages: the playground, and the samples on the pages of the tutorial."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from conftest import CAP, Open
from guide_site import NARROW, ROOT, WIDE, Visit
from playwright.sync_api import Browser, Page, expect
from test_pages import COLOURS, RUN_AXE, TOO_WIDE

pytestmark = pytest.mark.skipif(shutil.which("em++") is None, reason="em++ is missing (package emscripten)")
PLAYGROUND = "playground.html"
PROGRAMS = ("/reference.js", "/worst.js")
STEPS = sorted((ROOT / "docs" / "tutorial").glob("step-*.rst"))
OUTPUT = re.compile(r"literalinclude:: ../../(samples/\w+\.expected\.txt)")
LARGEST = 60_000  # bytes of a page of the tutorial, compressed, with all that it loads
BUTTONS = {  # in an order in which each can be pressed
    "outlook": ["Start", "Other notification", "Work Offline", "Deliver one phase", "Deliver all", "Work online"],
    "provider": ["Create", "Advise", "Set offline", "Set online"],
    "store": ["Create", "Advise", "Unadvise", "Release"],
    "client a": ["1 Callback", "2 Open", "3 Capabilities", "4 Advise", "5 Unadvise", "Release"],
    "client b": ["1 … keeps online", "2 Open", "4 Advise", "5 Unadvise", "Release"],
    "client c": ["1 … keeps offline", "2 Open", "4 Advise", "5 Unadvise", "Release"],
}
WORD = {  # in its lines of C++
    "Start": "Host outlook", "Create": "create", "1 Callback": "OfflineNotify::create", "2 Open": "open_offline_object",
    "1 … keeps online": "MAPIOFFLINE_STATE_ONLINE)", "1 … keeps offline": "work_offline(true", "4 Advise": "advise(",
    "3 Capabilities": "current_state(", "5 Unadvise": "Unadvise(", "Release": ".Reset()", "Work Offline": "ask_for(",
    "Other notification": "unknown_type", "Deliver one phase": "deliver_phase()",
}  # fmt: skip


def played(page: Page, text: str = "") -> None:
    """Waits until the trace has this text."""
    expect(page.get_by_role("region", name="Trace")).to_contain_text(text or re.compile("."))


def trace(page: Page) -> list[str]:
    return page.get_by_role("region", name="Trace").inner_text().splitlines()


def status(page: Page) -> Any:
    return page.locator("#playground-root [role=status]")


@pytest.fixture
def play(visit: Open) -> Callable[[str], Page]:
    """Opens the playground with these calls in its address."""

    def open_it(calls: str) -> Page:
        visit("index.html")  # another fragment alone would not load the page again
        page = visit(f"{PLAYGROUND}#{calls}").page
        if calls:
            expect(status(page)).not_to_have_text("Choose a scenario, or start Outlook.")
        return page

    return open_it


# The programs say the same here as on the machine that has built the guide.


def test_scenarios_are_those_of_the_program(play: Callable[[str], Page], html: Path, window: Visit) -> None:
    page = play("")
    choices = page.get_by_label("Scenario").locator("option").all()[1:]
    files = {json.loads(f.read_text("utf-8"))["diagram"]: f for f in (html.parents[1] / "playground").glob("*.json")}
    assert len(choices) == len(files) == 6
    for choice in choices:
        title, calls = choice.inner_text(), str(choice.get_attribute("value"))
        page.get_by_label("Scenario").select_option(title)
        expect(page.locator("#playground-root svg")).to_have_attribute("aria-label", title)
        native = next(json.loads(file.read_text("utf-8")) for svg, file in files.items() if f'"{title}"' in svg)
        assert trace(page) == native["trace"]
        assert page.locator("#playground-root .parts strong").all_inner_texts() == [p["name"] for p in native["parts"]]
        assert page.evaluate("decodeURIComponent(location.hash)") == f"#{calls}"
    assert not window.faults, "\n".join(window.faults)


@pytest.fixture(scope="module")
def served(html: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(html)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("from_server", [False, True], ids=["file", "http"])
def test_steps_run(from_server: bool, html: Path, browser: Browser, request: pytest.FixtureRequest) -> None:
    """Nothing is loaded before; then the program prints the expected output, and asks for nothing from elsewhere."""
    base = request.getfixturevalue("served") if from_server else html.as_uri()
    context = browser.new_context()
    context.set_default_timeout(CAP)
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda it: asked.append(it.url))
    for step in STEPS:
        asked.clear()
        page.goto(f"{base}/tutorial/{step.stem}.html", wait_until="load")
        assert not [url for url in asked if url.endswith(PROGRAMS)]
        files = [html / unquote(urlsplit(url).path).removeprefix(html.as_posix()).lstrip("/") for url in set(asked)]
        size = sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)
        assert size < LARGEST, f"{step.stem} is {size} bytes"
        found = OUTPUT.search(step.read_text("utf-8"))
        assert found
        box = page.locator(f".run[data-sample={Path(found[1]).name.removesuffix('.expected.txt')}]")
        box.get_by_role("button").click()
        expect(box.get_by_role("status")).to_contain_text("It ended with 0.")
        output = box.locator("xpath=preceding-sibling::*[1]").locator("pre")
        assert output.evaluate("e => e.textContent") == (ROOT / found[1]).read_text("utf-8")
        assert all(url.startswith(f"{base}/") for url in asked), asked
    page.goto(f"{base}/{PLAYGROUND}#outlook.start")
    played(page, "HrCreateOfflineObj")
    context.close()


# What a reader does.


def test_every_button_plays_and_shows_its_lines(play: Callable[[str], Page]) -> None:
    page, calls = play(""), 0
    for who, buttons in BUTTONS.items():
        for what in buttons:
            page.get_by_role("group", name=who).get_by_role("button", name=what, exact=True).click()
            calls += 1
            expect(page.locator("#playground-root [aria-label='List of calls']")).to_have_text(
                re.compile(rf"^(\S+\s+){{{calls - 1}}}\S+$"), use_inner_text=False
            )
            lines = page.locator(".lines-now pre").inner_text()
            assert WORD.get(what, "") in lines and lines.strip(), f"not the lines of C++ for {what} of {who}: {lines}"
    expect(page.locator("#playground-root .fault")).to_have_count(0)
    page.get_by_role("button", name="Quit").click()
    expect(status(page)).to_have_text("Outlook has released its object.")


def press(page: Page, name: str, group: str = "") -> None:
    """Tab until the button has the focus, then Enter."""
    where = page.get_by_role("group", name=group) if group else page
    button = where.get_by_role("button", name=name, exact=True)
    for _ in range(300):
        if button.evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")


def test_keyboard_undo_reset_and_address(play: Callable[[str], Page]) -> None:
    page = play("")
    page.get_by_label("Scenario").focus()
    press(page, "Start", "Outlook")
    played(page, "HrCreateOfflineObj")
    press(page, "2 Open", "Client A")
    played(page, "HrOpenOfflineObj")
    both, address = trace(page), page.url
    press(page, "Undo")
    expect(status(page)).to_contain_text("HrCreateOfflineObj")
    assert trace(page) == both[:1]
    press(page, "Reset")
    expect(status(page)).to_have_text("Nothing has happened yet.")
    assert urlsplit(page.url).fragment == "" and urlsplit(address).fragment == "outlook.start,a.open"
    page = play("outlook.start,a.open")
    assert trace(page) == both
    expect(page.get_by_role("link", name="Link to these calls")).to_have_attribute("href", "#outlook.start,a.open")


def test_call_that_is_not_possible_changes_nothing(play: Callable[[str], Page]) -> None:
    page = play("outlook.start")
    before, address = trace(page), page.url
    page.get_by_role("group", name="Client A").get_by_role("button", name="4 Advise").click()
    expect(status(page)).to_have_text("Client A has no object yet: step 2 opens it.")
    assert trace(page) == before and page.url == address
    expect(status(play("outlook.start,a.sing,a.open"))).to_have_text("There is no call sing of Client A.")
    expect(status(play("worst:sing,a.open"))).to_have_text("This library cannot play worst:sing.")


def test_worst_outlook_does_something_else(play: Callable[[str], Page]) -> None:
    page = play("outlook.start,a.callback,a.open,a.advise,a.unadvise,outlook.all")
    late = page.locator("#playground-root .parts").get_by_text("without a registration")
    expect(late).to_have_count(0)
    page.get_by_label("Outlook is").select_option("worst:late-notify")
    expect(late).to_have_count(1)
    expect(page.locator(".meaning")).to_contain_text("Unadvise returns at once.")
    page.get_by_label("Outlook is").select_option("")
    expect(late).to_have_count(0)


# Everybody can use it, or see it.


def test_no_barrier_after_playing(play: Callable[[str], Page], window: Visit) -> None:
    page = play("outlook.start,provider.create,store.create,a.callback,a.open,a.advise,provider.advise,outlook.offline")
    page.locator("#playground-root details").evaluate_all("all => all.forEach((e) => (e.open = true))")
    page.get_by_role("group", name="Client B").get_by_role("button", name="5 Unadvise").click()
    expect(page.locator("#playground-root .fault")).to_have_count(1)  # its colour is looked at too
    faults: list[str] = []
    for width, scheme, options in [
        (WIDE, "light", {}),
        (WIDE, "dark", {"runOnly": COLOURS}),
        (NARROW, "light", {}),
    ]:
        window.resize(width)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        faults += page.evaluate(TOO_WIDE)
        faults += page.evaluate(RUN_AXE, [{"include": ["#playground-root"]}, options])
    assert not faults, "\n".join(faults)
    assert not window.faults, "\n".join(window.faults)


@pytest.mark.parametrize("without", ["script", "WebAssembly"])
def test_without_it_a_picture_and_a_sentence(without: str, html: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=without != "script")
    context.add_init_script("delete window.WebAssembly")
    page = context.new_page()
    page.goto(f"{html.as_uri()}/{PLAYGROUND}#outlook.start")
    expect(page.locator("#playground-still")).to_contain_text("JavaScript and WebAssembly")
    expect(page.locator("#playground-still svg")).to_be_visible()
    expect(page.locator("#playground-root")).to_be_hidden()
    page.goto(f"{html.as_uri()}/tutorial/{STEPS[0].stem}.html")
    expect(page.locator(".output")).to_contain_text("STATECHANGE")
    expect(page.locator(".run button")).to_be_hidden()
    context.close()
