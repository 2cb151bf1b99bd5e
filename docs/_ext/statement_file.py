"""Reads docs/statements.toml and docs/published-pages.tsv; needs no Sphinx, so that other programs can use it too."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
FILE, PAGES = FOLDER / "statements.toml", FOLDER / "published-pages.tsv"
PUBLISHED_AT = "https://learn.microsoft.com/office/client-developer/outlook/mapi/"
SOURCES = {"observed": "observed in shipped clients", "decided": "this reference"}
BADGES = {"documented": "documented", "observed": "observed", "decided": "decided here"}
ID = re.compile(r"[A-Z]+-[1-9]\d*(\.[1-9]\d*)?")


class StatementError(Exception):
    """One line: file, line, fault."""


@dataclass(frozen=True)
class Statement:
    id: str
    kind: str
    source: str
    text: str
    line: int  # where it begins in the file

    @property
    def area(self) -> str:
        return self.id.partition("-")[0]

    @property
    def anchor(self) -> str:
        return "statement-" + self.id.lower().replace(".", "-")


def published_pages(file: Path = PAGES) -> dict[str, str]:
    """The lock file of what was read: slug -> title."""
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {row[0]: row[1] for row in rows[1:]}


def load(file: Path = FILE, slugs: dict[str, str] | None = None) -> dict[str, Statement]:
    """All statements by ID, in the file's order. What is wrong in the file is one line: file, line, fault."""
    slugs = published_pages() if slugs is None else slugs
    lines = file.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.strip() == "[[statement]]"]
    try:
        entries = tomllib.loads("\n".join(lines)).get("statement", [])
    except tomllib.TOMLDecodeError as fault:
        at = re.search(r"at line (\d+)", str(fault))
        raise StatementError(f"{file}:{at[1] if at else len(lines)}: {fault}") from None
    if not entries or len(entries) != len(starts):
        raise StatementError(f"{file}:1: each statement begins with a line [[statement]]; there must be at least one")
    statements: dict[str, Statement] = {}
    for line, entry in zip(starts, entries):
        name, kind, source = (entry.get(key) for key in ("id", "kind", "source"))
        known = slugs if kind == "documented" else [SOURCES.get(str(kind))]
        faults = {
            "the keys must be id, kind, source and text, each a text that is not empty": set(entry)
            != {"id", "kind", "source", "text"} or not all(isinstance(v, str) and v.strip() for v in entry.values()),
            f"id {name!r} is not of the form AREA-1 or AREA-1.1": not ID.fullmatch(str(name)),
            f"id {name!r} is there twice": name in statements,
            f"{name} says more about {str(name).partition('.')[0]}, which is not above it": "." in str(name)
            and str(name).partition(".")[0] not in statements,
            f"kind {kind!r} is none of {', '.join(BADGES)}": kind not in BADGES,
            f"source {source!r} does not fit kind {kind!r}": source not in known,
        }
        for fault, found in faults.items():
            if found:
                raise StatementError(f"{file}:{line}: {fault}")
        statements[name] = Statement(**entry, line=line)
    return statements
