"""Pieces of pages that several directives use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tools import ToolError
from tools.statements import BADGES

Cell = nodes.Node | str


class FigureDirective(SphinxDirective):
    """Shows what is in some files; its page is read again when one of them has changed."""

    files: ClassVar[list[Path]] = []

    def run(self) -> list[nodes.Node]:
        for file in self.files:
            self.env.note_dependency(str(file))
        try:
            return self.show()
        except ToolError as fault:
            raise self.error(str(fault)) from None

    def show(self) -> list[nodes.Node]:
        raise NotImplementedError


def code(text: str) -> nodes.literal:
    return nodes.literal("", text, classes=["code"])


def prose(text: str) -> list[nodes.Node]:
    """A text with `code` in it."""
    return [code(piece) if n % 2 else nodes.Text(piece) for n, piece in enumerate(text.split("`"))]


def badge(kind: str) -> nodes.inline:
    return nodes.inline("", BADGES[kind], classes=["badge", kind])


def line(*parts: Cell, classes: tuple[str, ...] = ()) -> nodes.paragraph:
    children = [nodes.Text(part) if isinstance(part, str) else part for part in parts]
    return nodes.paragraph("", "", *children, classes=list(classes))


def items(*lines: Cell | list[Cell], classes: tuple[str, ...] = ()) -> nodes.bullet_list:
    parts = [each if isinstance(each, list) else [each] for each in lines]
    entries = [[line(part) if isinstance(part, str) else part for part in each] for each in parts]
    return nodes.bullet_list("", *(nodes.list_item("", *each) for each in entries), classes=list(classes))


def entry(cell: Cell | list[nodes.Node]) -> nodes.entry:
    parts = cell if isinstance(cell, list) else [cell if isinstance(cell, nodes.paragraph) else line(cell)]
    return nodes.entry("", *parts)


def table(
    head: Sequence[Cell],
    rows: Iterable[Sequence[Cell | list[nodes.Node]]],
    name: str,
    *,
    title: str = "",
    stub: bool = True,
) -> nodes.table:
    """stub: the first column is a heading too."""

    def row(cells: Sequence[Cell | list[nodes.Node]]) -> nodes.row:
        return nodes.row("", *map(entry, cells))

    columns = [nodes.colspec(colwidth=1, stub=int(stub and not n)) for n in range(len(head))]
    group = nodes.tgroup("", *columns, cols=len(head))
    if any(head):
        group += nodes.thead("", row(head))
    group += nodes.tbody("", *(row(cells) for cells in rows))
    return nodes.table("", *([nodes.title("", title)] if title else []), group, classes=[name])
