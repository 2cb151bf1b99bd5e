"""What ./bench has measured, on a page: ``.. benchmark-table:: NAME``, ``.. benchmark-plot:: NAME`` with its title, and
``.. benchmark-machine::``, where and when. A second machine's figures, if they are kept, stand beside the first's."""

from __future__ import annotations

from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from tools import ROOT, bench
from tools.figures import KEPT, earlier, read
from tools.guide.elements import Cell, FigureDirective, line, table


def heading(text: str, instead: str) -> Cell:
    """Those who hear the table need a heading where those who see it need none."""
    return text or nodes.inline("", instead, classes=["visually-hidden"])


def runs() -> list[Any]:
    return [read(name) for name in ("bench", "bench-second") if (KEPT / f"{name}.json").exists()]


class BenchmarkTable(FigureDirective):
    required_arguments = 1
    files: ClassVar = [KEPT / "bench.json", KEPT / "bench-second.json", ROOT / "tools" / "bench.py"]
    files += [ROOT / "benchmarks" / "contracts.expected.txt"]

    def show(self) -> list[nodes.Node]:
        tables = bench.beside(*runs())
        if self.arguments[0] not in tables:
            raise self.error(f"there is no table {self.arguments[0]}: {', '.join(tables)}")
        title, head, *rows = tables[self.arguments[0]]
        named = [heading(cell, "remark" if place else "what") for place, cell in enumerate(head)]
        return [table(named if any(head) else [*head], rows, "benchmark", title=title, stub=False)]


class BenchmarkPlot(FigureDirective):
    required_arguments = 1
    option_spec: ClassVar = {"title": directives.unchanged_required}
    files: ClassVar = BenchmarkTable.files

    def show(self) -> list[nodes.Node]:
        title = self.options["title"]
        svg = bench.plot(read("bench"), self.arguments[0], title)
        html = f'<div class="plot" role="region" tabindex="0" aria-label="{escape(title)}">{svg}</div>'
        return [nodes.raw("", html, format="html")]


class BenchmarkMachine(FigureDirective):
    files: ClassVar = BenchmarkTable.files

    def show(self) -> list[nodes.Node]:
        every = [f"on {data['date']}{earlier(data)}: {data['machine']}" for data in runs()]
        if len(every) == 1:
            return [line(f"Measured {every[0]}. There are no figures of a second machine.")]
        return [line(f"Measured first {every[0]}; then, behind the slash, {every[1]}. The drawings show the first.")]


def add_to(app: Sphinx) -> None:
    app.add_directive("benchmark-table", BenchmarkTable)
    app.add_directive("benchmark-plot", BenchmarkPlot)
    app.add_directive("benchmark-machine", BenchmarkMachine)
