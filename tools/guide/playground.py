"""What runs in a page, and what it shows where it cannot.

Directives: ``playground``; ``sequence-diagram`` of a scenario, drawn by the same code when the guide is built. And a
button that runs a sample, below its output, if it has been compiled for pages.
"""

from __future__ import annotations

import json
import os
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools import ROOT
from tools import behaviours as worst
from tools.playground import SCENARIOS, behaviours, scenarios

BUILT = Path(os.environ.get("OFFLINE_STATE_PLAYGROUND", ROOT / "build" / "playground"))
MODULE = BUILT / "static" / "reference.js"
SAMPLES = BUILT / "wasm" / "samples.inc"
NEEDS = "You can play here in a browser with JavaScript and WebAssembly. This is the first scenario:"
NOT_BUILT = "This guide was built without emscripten (package emscripten), so it only shows the first scenario:"


def diagram(played: dict[str, Any], title: str) -> str:
    """The picture, and the same in words for everyone who cannot see it."""
    words = "".join(f"<li>{escape(line)}</li>" for line in played["words"])
    return (
        f'<div class="sequence" role="region" tabindex="0" aria-label="{escape(title)}">{played["diagram"]}</div>'
        f'<details class="sequence-words"><summary>The same in words</summary><ol>{words}</ol></details>'
    )


class Played(SphinxDirective):
    def scenario(self, name: str) -> str:
        for each in scenarios():
            if each.name == name:
                file = BUILT / f"{name}.json"
                self.env.note_dependency(str(file))
                return diagram(json.loads(file.read_text(encoding="utf-8")), each.title)
        raise self.error(f"docs/playground/scenarios.toml has no scenario {name}")


class SequenceDiagram(Played):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", self.scenario(self.arguments[0]), format="html")]


class Playground(Played):
    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(SCENARIOS))
        known = {each.name: each.text for each in worst.load()}
        if unknown := set(behaviours()) - known.keys():
            raise self.error(f"the worst permitted Outlook has no behaviour {', '.join(sorted(unknown))}")
        still = self.scenario(scenarios()[0].name)
        if not MODULE.exists():
            return [nodes.raw("", f"<p>{NOT_BUILT}</p>{still}", format="html")]
        data = {
            "scenarios": [{"title": each.title, "calls": each.calls} for each in scenarios()],
            "behaviours": [{"name": name, "text": known[name]} for name in behaviours()],
        }
        text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
        html = f'<div id="playground-root" hidden></div><div id="playground-still"><p>{NEEDS}</p>{still}</div>'
        html += f'<script type="application/json" id="playground-data">{text}</script>'
        html += '<script defer src="_static/playground.js"></script>'
        return [nodes.raw("", html, format="html")]


def add_run_buttons(app: Sphinx, doctree: nodes.document) -> None:
    compiled = SAMPLES.read_text(encoding="utf-8").split() if MODULE.exists() else []
    for block in list(doctree.findall(nodes.literal_block)):
        source = Path(block.get("source") or "")
        sample = source.name.removesuffix(".expected.txt")
        if source.parent.name == "samples" and "output" in block["classes"] and f"SAMPLE({sample})" in compiled:
            button = f'<button type="button">Run {sample} in this page</button> <span role="status"></span>'
            html = f'<div class="run" data-sample="{sample}" hidden>{button}</div>'
            block.parent.insert(block.parent.index(block) + 1, nodes.raw("", html, format="html"))


def add_to(app: Sphinx) -> None:
    app.add_directive("playground", Playground)
    app.add_directive("sequence-diagram", SequenceDiagram)
    app.connect("doctree-read", add_run_buttons)
