"""What a reader does: searches, copies, looks at the evidence, changes the colours."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import guide_site
import pytest
from conftest import CAP, Open
from guide_site import HEIGHT, ROOT, WIDE, GuideError, Visit
from playwright.sync_api import Browser, Locator, Page, expect

from tools.guide import languages

DOCS = ROOT / "docs"
COPIED = ("cpp", "c", "csharp", "delphi", "python", "rust", "cmake", "sh")  # the languages that have a copy button
NOTHING = "nothing has been copied"
QUOTE = re.compile(r"^( *)\.\. literalinclude:: (\S+)\n((?:\1 +:.*\n)*)", re.MULTILINE)
OPTIONS = {"language", "start-after", "start-at", "end-before", "end-at", "dedent", "class", "caption"}
OPTION = re.compile(r":([\w-]+): *(.*)")


# Search.


@pytest.mark.parametrize("word", ["E_PENDING", "Advise", "CREATE-2"])
def test_search_finds(word: str, visit: Open) -> None:
    opened = visit("index.html")
    page = opened.page
    page.locator(".sidebar-search").fill(word)
    page.keyboard.press("Enter")
    hits = page.locator("ul.search > li > a")
    expect(page.locator("#search-results .search-summary")).to_contain_text(re.compile("match"))
    expect(page.locator("ul.search > li > .context").first).to_have_text(re.compile(r"\w{2}"))  # a sentence of the page
    links = [str(hit.evaluate("link => link.href")) for hit in hits.all()[:3]]
    assert links, "it finds nothing"
    without = []
    for link in links:
        page.goto(link)
        if word not in page.locator("article").inner_text():
            without.append(link)
    # Sphinx looks for the parts of an ID: pages that have both, and not the ID, may be found as well.
    assert len(without) < len(links) if "-" in word else not without, f"{without} do not contain it"
    assert not opened.faults, "\n".join(opened.faults)


# The copy button.


def first(lines: list[str], start: int | None, options: dict[str, str], at: str, after: str) -> int | None:
    """The first line that holds the mark of the option `at`, or the line after the one that holds that of `after`."""
    for number, line in enumerate(lines[start:], start or 0):
        if at in options and options[at] in line:
            return number
        if after in options and options[after] in line:
            return number + 1
    return None


def quotes(source: Path) -> list[str]:
    """The text that each copy button of a page should copy, from the quoted files themselves."""
    texts = []
    for _, file, block in QUOTE.findall(source.read_text(encoding="utf-8")):
        options = dict(OPTION.findall(block))
        if options.get("language") not in COPIED:
            continue
        if unknown := set(options) - OPTIONS:
            raise GuideError(f"{source}: {file} is quoted with an option that this test does not know: {unknown}")
        lines = (source.parent / file).read_text(encoding="utf-8").splitlines()
        start = first(lines, 0, options, "start-at", "start-after")
        end = first(lines, start, options, "end-before", "end-at")
        text = "\n".join(lines[start or 0 : end])
        texts.append(textwrap.dedent(text) if "dedent" in options else text)
    return texts


QUOTING = {file.relative_to(DOCS): texts for file in sorted(DOCS.rglob("*.rst")) if (texts := quotes(file))}


def test_every_step_has_a_sample() -> None:
    steps = {file.relative_to(DOCS) for file in DOCS.glob("tutorial/*.rst")} - {Path("tutorial/index.rst")}
    assert steps <= set(QUOTING)


@pytest.mark.parametrize("source", QUOTING, ids=str)
def test_copy_button_copies_the_sample(source: Path, visit: Open) -> None:
    opened = visit(source.with_suffix(".html").as_posix())
    page = opened.page
    blocks = [page.locator(f".highlight-{language}").filter(visible=True) for language in COPIED]
    buttons = page.locator(".copybtn").filter(visible=True)  # the other languages are behind their tabs
    expect(buttons.first).to_be_attached()
    assert buttons.count() == len(QUOTING[source]) == sum(block.count() for block in blocks)
    for button, sample in zip(buttons.all(), QUOTING[source], strict=True):
        page.evaluate(f"navigator.clipboard.writeText('{NOTHING}')")
        button.click()
        # The button shows that it has copied, but not for long: a slow machine may not look at it in time.
        page.wait_for_function(f"async () => await navigator.clipboard.readText() !== '{NOTHING}'")
        assert page.evaluate("navigator.clipboard.readText()") == sample
    assert not opened.faults, "\n".join(opened.faults)


# Languages.


@pytest.fixture
def own(browser: Browser, html: Path) -> Iterator[Visit]:
    """A page in a profile of its own: its settings are nobody else's."""
    context = browser.new_context(viewport={"width": WIDE, "height": HEIGHT}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(CAP)
    yield Visit(context.new_page(), html)
    context.close()


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_language_stays_chosen(language: str, own: Visit) -> None:
    """In every tab of a page, and on the next page; its code is what its files have, and can be copied."""
    page = own.go("tutorial/step-1-implement-imapiofflinenotify.html")
    files = [(languages.BINDINGS / name).read_text(encoding="utf-8") for name in languages.LANGUAGES[language][1:]]
    page.get_by_text(language, exact=True).first.click()
    for step in ("step-1-implement-imapiofflinenotify", "step-4-advise"):
        own.go(f"tutorial/{step}.html")
        for tabs in page.locator(".sd-tab-set").all():
            expect(tabs.locator("input:checked + label")).to_have_text(language)
        buttons = page.locator(".copybtn").filter(visible=True).all()
        assert len(buttons) >= 2
        for button in buttons:
            page.evaluate(f"navigator.clipboard.writeText('{NOTHING}')")
            button.click()
            page.wait_for_function(f"async () => await navigator.clipboard.readText() !== '{NOTHING}'")
            copied = page.evaluate("navigator.clipboard.readText()")
            assert copied.strip() and any(without_indent(copied) in without_indent(text) for text in files)
    assert not own.faults, "\n".join(own.faults)


def without_indent(text: str) -> str:
    """A quote has another indent than its file."""
    return "\n".join(line.strip() for line in text.splitlines())


# The evidence of a statement.


WITHOUT_EVIDENCE = """() => [...document.querySelectorAll('div.statement')].filter((e) => {
  const summaries = [...e.querySelectorAll(':scope > details > summary')];
  return summaries.length !== 1 || !summaries[0].textContent.startsWith('verified by');
}).map((e) => e.id)"""


def test_there_are_statements(html: Path) -> None:
    assert any(guide_site.STATEMENT.search(page.read_text(encoding="utf-8")) for page in guide_site.pages(html))


def test_every_statement_has_evidence(path_with_statements: str, visit: Open) -> None:
    without = visit(path_with_statements).page.evaluate(WITHOUT_EVIDENCE)
    assert not without, f"nothing “verified by” to open: {', '.join(without)}"


def test_evidence_opens(visit: Open) -> None:
    """By mouse and by keyboard: the first and the last of a page."""
    opened = visit("reference/imapiofflinemgr-advise.html")
    statements = opened.page.locator("div.statement")
    for number in (0, statements.count() - 1):
        opens_by_mouse(statements.nth(number))
        opens_by_keyboard(statements.nth(number))
    assert not opened.faults, "\n".join(opened.faults)


def parts(statement: Locator) -> tuple[Locator, Locator]:
    details = statement.locator("> details.verified")
    return details.locator("> summary"), details.locator("> :not(summary)")


def opens_by_mouse(statement: Locator) -> None:
    summary, inside = parts(statement)
    expect(inside).to_be_hidden()
    summary.click()
    expect(inside).to_be_visible()
    summary.click()
    expect(inside).to_be_hidden()


def opens_by_keyboard(statement: Locator) -> None:
    """Tab leads from the statement's own link, by way of its source, to the summary; Enter opens, Space closes."""
    summary, inside = parts(statement)
    keyboard = statement.page.keyboard
    statement.locator("a.statement-id").focus()
    for _ in range(3):
        if not summary.evaluate("e => e === document.activeElement"):
            keyboard.press("Tab")
    expect(summary).to_be_focused()
    keyboard.press("Enter")
    expect(inside).to_be_visible()
    keyboard.press("Space")
    expect(inside).to_be_hidden()


# Light and dark.

Scheme = Literal["light", "dark"]
SYSTEM_AND_CHOICE: list[tuple[Scheme, Scheme]] = [("light", "dark"), ("dark", "light")]
# Of every element, when none fades any more.
COLOURS = """async () => {
  await Promise.all(document.getAnimations().map((animation) => animation.finished));
  return [...document.querySelectorAll('body, body *')].map((e) => {
    const style = getComputedStyle(e);
    return [e.tagName, e.className.toString(), style.color, style.backgroundColor, style.borderLeftColor].join(' ');
  });
}"""
BRIGHTNESS = """() => {
  const of = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map(Number); return (r + g + b) / 765; };
  return [of(getComputedStyle(document.body).color), of(getComputedStyle(document.body).backgroundColor)];
}"""


def is_dark(page: Page) -> bool:
    text, background = page.evaluate(BRIGHTNESS)
    assert abs(text - background) > 0.5
    return bool(text > background)


@pytest.mark.parametrize("start", ["index.html", "reference/imapioffline-setcurrentstate.html"])
def test_light_and_dark(start: str, own: Visit) -> None:
    """The system's setting decides until the reader does; both give the same colours, and the choice stays."""
    page = own.go(start)
    colours = {}
    for scheme, _ in SYSTEM_AND_CHOICE:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert is_dark(page) == (scheme == "dark"), f"it does not follow the system to {scheme}"
        colours[scheme] = page.evaluate(COLOURS)
    for system, chosen in SYSTEM_AND_CHOICE:
        page.emulate_media(color_scheme=system, reduced_motion="reduce")
        for _ in range(3):  # light, dark, as the system
            if page.locator("body").get_attribute("data-theme") != chosen:
                page.locator(".theme-toggle:visible").click()
        expect(page.locator("body")).to_have_attribute("data-theme", chosen)
        assert is_dark(page) == (chosen == "dark"), f"the button does not change the colours to {chosen}"
        page.reload()
        assert page.evaluate(COLOURS) == colours[chosen], f"chosen {chosen} differs from the system's {chosen}"
    assert not own.faults, "\n".join(own.faults)
