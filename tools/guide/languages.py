"""The same code in each language, in tabs that stay chosen from page to page.

``.. in-each-language:: step1`` with the C++ code as its content; the other languages' is in bindings/ between the marks
of that name, and of that name with ``-code``: ``step`` in the declarations, ``run`` in the program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools import ROOT

BINDINGS = ROOT / "bindings"
LANGUAGES = {  # Pygments' name, the declarations, the program
    "C": ("c", "c/offline_state_client.h", "c/steps.c"),
    "C#": ("csharp", "csharp/MapiOffline.cs", "csharp/Steps.cs"),
    "Delphi, Free Pascal": ("delphi", "pascal/MapiOffline.pas", "pascal/Steps.pas"),
    "Python": ("python", "python/mapioffline.py", "python/steps.py"),
    "Rust": ("rust", "rust/src/lib.rs", "rust/examples/steps.rs"),
}


def tab(language: str) -> list[str]:
    return ["", f"   .. tab-item:: {language}", f"      :sync: {language}", ""]


class InEachLanguage(SphinxDirective):
    """With the name of the marks."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        tabs = StringList()
        for line in (".. tab-set::", "   :sync-group: language", *tab("C++")):
            tabs.append(line, *self.get_source_info())
        for number, line in enumerate(self.content):
            tabs.append(f"      {line}", *self.content.info(number))
        for line in self.other_tabs():
            tabs.append(line, *self.get_source_info())
        container = nodes.Element()
        self.state.nested_parse(tabs, self.content_offset, container)
        return container.children

    def other_tabs(self) -> Iterator[str]:
        """What one would write into the page by hand."""
        for language, (lexer, declarations, program) in LANGUAGES.items():
            name = program if self.arguments[0].startswith("run") else declarations
            yield from [*tab(language), f"      From ``bindings/{name}``:", ""]
            text = (BINDINGS / name).read_text(encoding="utf-8")
            marks = [mark for mark in (self.arguments[0], f"{self.arguments[0]}-code") if f"[{mark}]" in text]
            for mark in marks or [self.arguments[0]]:
                yield from [f"      .. literalinclude:: /../bindings/{name}", f"         :language: {lexer}"]
                yield from [f"         :start-after: [{mark}]", f"         :end-before: [/{mark}]"]
                yield from ["         :dedent:", ""]


def keep_the_tabs(app: Sphinx, _: Exception | None) -> None:
    """Of sphinx-design's styles the guide needs one part in twenty; each page loads them."""
    file = Path(app.outdir, "_static", "sphinx-design.min.css")
    if file.exists():
        rules = re.findall(r"[^{}]+\{(?:[^{}]|\{[^{}]*\})*\}", file.read_text(encoding="utf-8"))
        file.write_text("".join(rule for rule in rules if rule.startswith(":root") or ".sd-tab" in rule), "utf-8")


def add_to(app: Sphinx) -> None:
    app.connect("build-finished", keep_the_tabs)
    app.add_directive("in-each-language", InEachLanguage)
