"""What ./bench has measured, on a page: ``.. benchmark-table:: NAME``, ``.. benchmark-plot:: NAME`` with its title, and
``.. benchmark-machine::``, where and when. The figures are those of docs/figures/bench.json, see benchmark_figures.py."""

from __future__ import annotations

from html import escape
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools import benchmark_figures
from tools.figures import earlier


def unseen(text: str) -> nodes.inline:
    """A heading for those who hear the table; those who see it need none."""
    return nodes.inline("", text, classes=["visually-hidden"])


class BenchmarkDirective(SphinxDirective):
    def data(self) -> dict[str, object]:
        for made_of in (str(benchmark_figures.FILE), benchmark_figures.__file__, __file__):
            self.env.note_dependency(made_of)
        try:
            return benchmark_figures.load()
        except benchmark_figures.FigureError as fault:
            raise self.error(str(fault)) from None


class BenchmarkTable(BenchmarkDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        tables = benchmark_figures.tables(self.data())
        if self.arguments[0] not in tables:
            raise self.error(f"there is no table {self.arguments[0]}: {', '.join(tables)}")
        table = tables[self.arguments[0]]
        width = len(table.head)
        group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in range(width)), cols=width)
        rows = nodes.tbody()
        for row in table.rows:
            line = nodes.row()
            line += [nodes.entry("", nodes.paragraph("", cell)) for cell in row]
            rows += line
        if any(table.head):
            head = nodes.row()
            for place, cell in enumerate(table.head):
                name = nodes.Text(cell) if cell else unseen("remark" if place else "what")
                head += nodes.entry("", nodes.paragraph("", "", name))
            group += nodes.thead("", head)
        group += rows
        return [nodes.table("", nodes.title("", table.title), group, classes=["benchmark"])]


class BenchmarkPlot(BenchmarkDirective):
    required_arguments = 1
    option_spec: ClassVar = {"title": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        title = self.options.get("title", self.arguments[0])
        svg = benchmark_figures.plot(self.data(), self.arguments[0], title)
        return [
            nodes.raw("", f'<div class="plot" role="region" tabindex="0" aria-label="{escape(title)}">{svg}</div>',
                      format="html")
        ]  # fmt: skip


class BenchmarkMachine(BenchmarkDirective):
    def run(self) -> list[nodes.Node]:
        data = self.data()
        return [nodes.paragraph("", f"Measured on {data['date']}{earlier(data)}: {data['machine']}.")]


def setup(app: Sphinx) -> dict[str, object]:
    app.add_directive("benchmark-table", BenchmarkTable)
    app.add_directive("benchmark-plot", BenchmarkPlot)
    app.add_directive("benchmark-machine", BenchmarkMachine)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
