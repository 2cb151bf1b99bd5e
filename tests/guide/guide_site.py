"""The built guide, the sources it is made of, and the browser that shows it."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Request

from tools import BROWSERS

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "linux-gcc" / "docs" / "html"
STATEMENT = re.compile(r'<div class="(?:[^"]* )?statement[ "]')
WIDE, NARROW, HEIGHT = 1280, 360, 800


class GuideError(Exception):
    """What is missing, and how to get it, in one line."""


def pages(html: Path) -> list[Path]:
    found = sorted(html.rglob("*.html"))
    if html / "index.html" not in found:
        raise GuideError(f"there is no guide in {html}: cmake --build build/linux-gcc --target guide")
    return found


def chromium() -> str:
    """Playwright drives the system's own browser: nothing is downloaded."""
    for name in BROWSERS:
        if program := shutil.which(name):
            return program
    raise GuideError("there is no Chromium: install the package chromium-headless-shell (on Ubuntu chromium-browser)")


def launch_options() -> list[str]:
    """Nobody looks: without a GPU, which software would play. And Chromium refuses to sandbox what root starts."""
    return ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]


@dataclass
class Visit:
    """A window, and what should not have happened since it was sent to a page."""

    page: Page
    html: Path
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self.on_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        self.page.on("request", self.on_request)
        self.page.on("requestfailed", self.on_request_failed)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"on the console: {message.text}")

    def on_request(self, request: Request) -> None:
        if not request.url.startswith(self.html.as_uri() + "/"):
            self.faults.append(f"asks for what is not in the guide: {request.url}")

    def on_request_failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the reader went on before all of the page before was there
            self.faults.append(f"{request.failure}: {request.url}")

    def resize(self, width: int) -> None:
        """Until the page's scripts have heard of it, which is before the next frame."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def go(self, path: str) -> Page:
        self.faults.clear()
        self.page.goto(f"{self.html.as_uri()}/{path}")
        return self.page
