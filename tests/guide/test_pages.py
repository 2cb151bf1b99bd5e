"""What holds for every page."""

from __future__ import annotations

import collections
from pathlib import Path
from typing import Any, Literal

import html5lib  # type: ignore[import-untyped]
from conftest import Open
from guide_site import HEIGHT, NARROW, WIDE

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

# What has the same names, classes and style all the way up has the same colours. Marks what shows nothing new: an
# element that looks like one before it, with all that is in it.
MARK_SAME = """() => {
  const look = new Map(), seen = new Set();
  const name = (e) => [e.tagName, e.getAttribute('class'), e.getAttribute('style')].join(' ');
  for (const e of document.querySelectorAll('*')) look.set(e, `${look.get(e.parentElement) ?? ''}/${name(e)}`);
  const walk = (e) => {
    if ([e, ...e.querySelectorAll('*')].every((inside) => seen.has(look.get(inside)))) e.dataset.same = '';
    else {
      seen.add(look.get(e));
      for (const child of e.children) walk(child);
    }
  };
  walk(document.body);
}"""

# Every rule of axe-core, WCAG's and its best practices. Dark differs from light in nothing but colours, and a phone
# from a desktop in all but them: there only the header, which a desktop does not have, is looked at for colours again.
RUN_AXE = """async ([where, options]) => {
  const { violations } = await axe.run(where, { ...options, resultTypes: ['violations'], preload: false });
  return violations.flatMap((rule) => rule.nodes.map((node) =>
    `axe-core, ${rule.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`));
}"""
PAGE: dict[str, Any] = {"include": ["html"]}
LOOKS: dict[str, Any] = {"include": ["html"], "exclude": ["[data-same]"]}
HEADER: dict[str, Any] = {"include": [".mobile-header"]}
COLOURS = ["color-contrast", "link-in-text-block"]
ONLY_COLOURS: dict[str, Any] = {"runOnly": COLOURS}
NO_COLOURS: dict[str, Any] = {"rules": {rule: {"enabled": False} for rule in COLOURS}}
Run = tuple[int, Literal["light", "dark"], dict[str, Any], dict[str, Any]]
RUNS: list[Run] = [
    (WIDE, "light", PAGE, NO_COLOURS),
    (WIDE, "light", LOOKS, ONLY_COLOURS),
    (WIDE, "dark", LOOKS, ONLY_COLOURS),
    (NARROW, "dark", HEADER, ONLY_COLOURS),
    (NARROW, "light", HEADER, ONLY_COLOURS),
    (NARROW, "light", PAGE, NO_COLOURS),
]


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


def test_page(path: str, visit: Open) -> None:
    """It opens without an error, asks for nothing from elsewhere, fits, and has no barrier, with everything open."""
    opened = visit(path)
    page, faults = opened.page, []
    page.add_style_tag(content=STILL)
    page.evaluate(OPEN_ALL)
    page.evaluate(MARK_SAME)
    for width, scheme, where, options in RUNS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        faults += [f"too wide for {width} px: {found}" for found in page.evaluate(TOO_WIDE)]
        faults += [f"{width} px, {scheme}: {found}" for found in page.evaluate(RUN_AXE, [where, options])]
    faults += opened.faults
    assert not faults, f"{path}:\n" + "\n".join(faults)
