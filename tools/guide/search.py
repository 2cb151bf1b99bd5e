"""What the search finds: search-texts.js, which _static/search.js reads, has the text of each section of each page.

A statement is a section of its own, and so is a symbol. The entries of ``.. index::`` are further words by which their
section is found. Pages below explanation/about-this-project are about this project's inside: they come last.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

from sphinx.application import Sphinx

INSIDE = "explanation/about-this-project"
NOTHING = {"script", "style", "svg", "details", "headerlink", "visually-hidden"}  # elements
NOTHING |= {"statement-table", "statement-id", "statement-source", "badge"}  # and classes
HEADINGS = {"h1", "h2", "h3", "h4", "descname", "descclassname"}
INLINE = {"a", "b", "code", "em", "span", "strong"}
VOID = {"br", "col", "hr", "img", "input", "link", "meta"}


class Sections(HTMLParser):
    """Those of one page."""

    def __init__(self, other_words: dict[str, str]) -> None:
        super().__init__()
        self.other_words = other_words
        self.found: list[dict[str, str]] = []
        self.open: list[tuple[str, int, str]] = [("", -1, "")]  # elements: name, section, what of it their text is

    def begin(self, anchor: str, title: str = "") -> int:
        self.found.append({"anchor": anchor, "title": title, "text": "", "code": "", "others": ""})
        return len(self.found) - 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        anchor, classes = names.get("id") or "", {tag, *(names.get("class") or "").split()}
        _, section, part = self.open[-1]
        if tag == "article":
            part = "text"
        if part and tag == "section":
            section = self.begin(anchor)
        elif part and "statement" in classes:
            section = self.begin(anchor, re.sub(r"STATEMENT-(\w+-\d+)-?", r"\1.", anchor.upper()).rstrip("."))
        elif part and "sig-object" in classes:
            section = self.begin(anchor)
            self.open[-1] = (self.open[-1][0], section, part)  # of the description that follows, too
        if part and anchor in self.other_words:
            self.found[section]["others"] = self.other_words[anchor]
        if part and classes & HEADINGS:
            part = "title"
        elif part and (tag == "pre" or "sig-object" in classes):
            part = "code"
        if tag not in VOID:
            self.open.append((tag, section, "" if classes & NOTHING else part))

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """There is no text in it."""

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.handle_data("\n")
        self.open.pop()

    def handle_data(self, data: str) -> None:
        _, section, part = self.open[-1]
        if part and section >= 0:
            self.found[section][part] += data if part == "code" or data == "\n" else data.replace("\n", " ")


def sections_of(page: Path, other_words: dict[str, str]) -> list[dict[str, str]]:
    parsed = Sections(other_words)
    parsed.feed(page.read_text(encoding="utf-8"))
    for section in parsed.found:
        for part, text in section.items():
            lines = (" ".join(line.split()) for line in text.splitlines())
            section[part] = "\n".join(filter(None, lines))
    return parsed.found


def write(app: Sphinx, problem: Exception | None) -> None:
    if problem or app.builder.format != "html":
        return
    pages, env = {}, app.env
    for page in sorted(env.found_docs):
        other_words: dict[str, str] = {}
        for kind, words, anchor, *_ in env.domains.index_domain.entries.get(page, []):
            if kind == "single" and anchor.startswith("index-"):
                other_words[anchor] = f"{other_words.get(anchor, '')}{words}\n"
        pages[page] = sections_of(Path(app.outdir, f"{page}.html"), other_words)
    data = {"inside": [INSIDE, *env.toctree_includes.get(INSIDE, [])], "pages": pages}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    Path(app.outdir, "search-texts.js").write_text(f"const SEARCH_TEXTS = {text};\n", encoding="utf-8")


def add_to(app: Sphinx) -> None:
    app.connect("build-finished", write)
