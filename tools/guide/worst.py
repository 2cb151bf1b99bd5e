"""What the worst permitted Outlook does instead of what is decided here.

Directives: ``behaviours``, all of them, and ``kept-decisions``, those that none of them breaks.
"""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx

from tools import behaviours
from tools.guide.elements import Cell, FigureDirective, items, line, table


class Behaviours(FigureDirective):
    files: ClassVar = [behaviours.FILE]

    def show(self) -> list[nodes.Node]:
        rows: list[list[Cell]] = [
            [line(nodes.literal("", b.name)), b.text, ", ".join(b.breaks) or "no statement", b.copes]
            for b in behaviours.load()
        ]
        return [table(["Behaviour", "What it does", "Breaks", "What the samples do"], rows, "behaviours")]


class KeptDecisions(FigureDirective):
    files: ClassVar = [behaviours.KEPT]

    def show(self) -> list[nodes.Node]:
        return [items(*(f"{id}: {reason}" for id, reason in behaviours.kept().items()))]


def instead(statement: str) -> list[nodes.Node]:
    """`You may not rely on it: ...`, for each behaviour that breaks the statement."""
    return [
        line(nodes.strong("", "You may not rely on it."), f" {b.text} (", nodes.literal("", b.name), f") {b.copes}")
        for b in behaviours.that_break(statement)
    ]


def add_to(app: Sphinx) -> None:
    app.add_directive("behaviours", Behaviours)
    app.add_directive("kept-decisions", KeptDecisions)
