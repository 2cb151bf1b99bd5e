"""The guide's extension of Sphinx. conf.py names it; each part adds its directives."""

from __future__ import annotations

from sphinx.application import Sphinx

from tools.guide import (
    benchmarks,
    evidence,
    files,
    glossary,
    languages,
    pages,
    playground,
    recorded,
    search,
    statements,
    worst,
)

PARTS = (benchmarks, evidence, files, glossary, languages, pages, playground, recorded, search, statements, worst)


def setup(app: Sphinx) -> dict[str, object]:
    for part in PARTS:
        part.add_to(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
