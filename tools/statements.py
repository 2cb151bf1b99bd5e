"""Reads docs/statements.toml and docs/published-pages.tsv.

tools.statements FILE   writes the statements as the C++ that tests/conformance/statement.cpp includes
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import sys
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import ROOT, ToolError, read_toml, run

FILE, PAGES = ROOT / "docs" / "statements.toml", ROOT / "docs" / "published-pages.tsv"
PUBLISHED_AT = "https://learn.microsoft.com/office/client-developer/outlook/mapi/"
DECIDED_BY = "this reference"
BADGES = {"documented": "documented", "observed": "observed", "decided": "decided here"}
KEYS = {"id", "kind", "source", "text"}
ID = re.compile(r"[A-Z]+-[1-9]\d*(\.[1-9]\d*)?")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Statement:
    id: str
    kind: str
    source: str
    text: str
    date: str  # of the page that was read, or of the observation; empty for a decision
    line: int  # where it begins in the file

    @property
    def area(self) -> str:
        return self.id.partition("-")[0]

    @property
    def hash(self) -> str:
        """A test names it beside the ID. It changes with every word of the statement, and with its kind."""
        return hashlib.sha256(f"{self.kind} {' '.join(self.text.split())}".encode()).hexdigest()[:4]

    @property
    def anchor(self) -> str:
        return "statement-" + self.id.lower().replace(".", "-")


@dataclass(frozen=True)
class Page:
    """A published page, as it was read."""

    title: str
    sha256: str
    date: str  # of that reading


def published_pages() -> dict[str, Page]:
    """What was read, by slug."""
    rows = [line.split("\t") for line in PAGES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {slug: Page(title, sha256, date) for slug, title, _, sha256, date in rows[1:]}


@functools.cache
def load() -> dict[str, Statement]:
    """All statements by ID, in the file's order."""
    published = published_pages()
    statements: dict[str, Statement] = {}
    for line, entry in read_toml(FILE, "statement"):
        if fault := fault_of(entry, statements, published):
            raise ToolError(f"{FILE}:{line}: {fault}")
        date = entry.pop("date", "") or (published[entry["source"]].date if entry["kind"] == "documented" else "")
        statements[entry["id"]] = Statement(**entry, date=date, line=line)
    if not statements:
        raise ToolError(f"{FILE}:1: there is no statement")
    return statements


def specification_hash(statements: Iterable[Statement]) -> str:
    """Of all statements: a record of Outlook says with it what has been tested."""
    lines = [f"{s.id} {s.kind} {' '.join(s.text.split())}\n" for s in statements]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def fault_of(entry: dict[str, Any], above: dict[str, Statement], slugs: Container[str]) -> str | None:  # noqa: PLR0911
    """What is wrong with one entry, given the ones above it."""
    if set(entry) - {"date"} != KEYS or not all(isinstance(value, str) and value.strip() for value in entry.values()):
        return f"its keys must be {', '.join(sorted(KEYS))}, each with a text that is not empty"
    name, kind, source = entry["id"], entry["kind"], entry["source"]
    base, dot, _ = name.partition(".")
    if not ID.fullmatch(name):
        return f"id {name!r} is not of the form AREA-1 or AREA-1.1"
    if name in above:
        return f"id {name!r} is there twice, first in line {above[name].line}"
    if dot and base not in above:
        return f"{name} says more about {base}, which is not above it"
    if kind not in BADGES:
        return f"kind {kind!r} is none of {', '.join(BADGES)}"
    if not {"documented": source in slugs, "observed": source not in slugs, "decided": source == DECIDED_BY}[kind]:
        return f"source {source!r} does not fit kind {kind!r}"
    dated = DATE.fullmatch(entry.get("date", "")) if kind == "observed" else "date" not in entry
    return None if dated else "an observed statement has a date, as 2026-11-24; the others have none"


def main() -> int:
    text = [
        f"{{{json.dumps(s.id)}, {json.dumps(BADGES[s.kind])}, {json.dumps(' '.join(s.text.split()))}}},\n"
        for s in load().values()
    ]
    Path(sys.argv[1]).write_text("".join(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    run(main)
