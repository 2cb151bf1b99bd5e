"""What holds for every page."""

from __future__ import annotations

import collections
from pathlib import Path
from typing import Any, Literal

import html5lib  # type: ignore[import-untyped]
import pytest
from conftest import Open
from guide_site import NARROW, WIDE

OPEN_ALL = "for (const box of document.querySelectorAll('details')) box.open = true"
STILL = "*, *::before, *::after { transition: none !important; animation: none !important; }"

# Only code, tables and diagrams may scroll, each in a box of its own. The drawers wait beside the window until called.
# (The theme hides what the page's width cannot hold, so the width of the whole page shows nothing.)
TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.right > innerWidth + 0.5 && box.width > 0 && getComputedStyle(e).visibility === 'visible' &&
    !e.parentElement.closest('pre, .table-wrapper, .sequence, .plot, .drawing') &&
    !e.closest('.sidebar-drawer, .toc-drawer, .visually-hidden');
}).map((e) => `<${e.tagName.toLowerCase()} class="${e.getAttribute('class') ?? ''}"> ends at ` +
  `${Math.round(e.getBoundingClientRect().right)} px: ${e.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60)}`)"""

# What has the same style sheets, and the same names, classes and style all the way up, has the same colours. Marks what
# shows nothing new: an element that looks like one before it, with all that is in it. Returns the looks that are new.
MARK_SAME = """(before) => {
  const FILTERED_BY = /\\b((kind|area|platform)-\\S+|recorded-(yes|no))/g; // and have no colour
  const sheets = [...document.styleSheets].map((sheet) => sheet.href?.split('/').pop()).join(' ');
  const paths = new Map(), looks = new Map(), seen = new Set(before);
  const text = (e) => [...e.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  for (const e of document.querySelectorAll('*')) {
    const classes = e.getAttribute('class')?.replace(FILTERED_BY, '');
    const name = [e.tagName, classes, e.getAttribute('style')].join(' ');
    paths.set(e, `${paths.get(e.parentElement) ?? sheets}/${name}`);
    looks.set(e, `${paths.get(e)} ${text(e)}`);
  }
  const walk = (e) => {
    if ([e, ...e.querySelectorAll('*')].every((inside) => seen.has(looks.get(inside)))) e.dataset.same = '';
    else {
      seen.add(looks.get(e));
      for (const child of e.children) walk(child);
    }
  };
  walk(document.body);
  return [...seen].slice(before.length);
}"""
# Each word of code is an element of its own, for its colour alone; and it is the number of elements that takes time.
MERGE_WORDS = "for (const word of document.querySelectorAll('pre span[data-same]')) word.replaceWith(word.textContent)"
REMOVE_SAME = "for (const e of document.querySelectorAll('[data-same]')) e.remove()"

# Every rule of axe-core, WCAG's and its best practices.
RUN_AXE = """async ([where, options]) => {
  const { violations } = await axe.run(where, { ...options, resultTypes: ['violations'], preload: false });
  return violations.flatMap((rule) => rule.nodes.map((node) =>
    `axe-core, ${rule.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`));
}"""
PAGE: dict[str, Any] = {"include": ["html"]}
COLOURS = ["color-contrast", "link-in-text-block"]
ONLY_COLOURS: dict[str, Any] = {"runOnly": COLOURS}
NO_COLOURS: dict[str, Any] = {"rules": {rule: {"enabled": False} for rule in COLOURS}}
Scheme = Literal["light", "dark"]
SCHEMES: list[tuple[int, Scheme]] = [(NARROW, "light"), (NARROW, "dark"), (WIDE, "dark"), (WIDE, "light")]


def test_html_is_valid(path: str, html: Path) -> None:
    """The parser of the HTML standard finds no error (it names each), and no ID is there twice."""
    text = (html / path).read_text(encoding="utf-8")
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    tree = parser.parse(text)
    lines = text.splitlines()
    errors = [
        f"{path}:{line}: {code} {data}: {lines[min(line, len(lines)) - 1].strip()[:160]}"
        for (line, _), code, data in parser.errors
    ]
    ids = collections.Counter(element.get("id") for element in tree.iter() if element.get("id"))
    errors += [f"{path}: the ID {name} is there {count} times" for name, count in ids.items() if count > 1]
    assert not errors, "\n".join(errors)


@pytest.fixture(scope="session")
def looks() -> dict[str, None]:
    """Those whose colours have been tested, on whatever page."""
    return {}


def test_page(path: str, visit: Open, looks: dict[str, None]) -> None:
    """It opens without an error, asks for nothing from elsewhere, fits, and has no barrier, with everything open."""
    opened = visit(path)
    page, faults = opened.page, []
    page.add_style_tag(content=STILL)
    page.evaluate(OPEN_ALL)
    new = page.evaluate(MARK_SAME, [*looks])
    page.evaluate(MERGE_WORDS)
    for width in (WIDE, NARROW):
        opened.resize(width)
        faults += [f"too wide for {width} px: {found}" for found in page.evaluate(TOO_WIDE)]
        faults += [f"{width} px: {found}" for found in page.evaluate(RUN_AXE, [PAGE, NO_COLOURS])]
    faults += opened.faults
    page.evaluate(REMOVE_SAME)  # what the page's own scripts miss from here on is no fault
    for width, scheme in SCHEMES if new else []:
        opened.resize(width)
        page.emulate_media(color_scheme=scheme)
        faults += [f"{width} px, {scheme}: {found}" for found in page.evaluate(RUN_AXE, [PAGE, ONLY_COLOURS])]
    page.goto("about:blank")  # or what they still miss would be a fault of the next page
    looks |= dict.fromkeys(new)
    assert not faults, f"{path}:\n" + "\n".join(faults)
