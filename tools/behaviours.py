"""Reads the table of the worst permitted Outlook, reference-impl/worst/behaviours.h.

The program worst_behaviours prints the same; tests/worst/worst_test.py compares the two.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from tools import ROOT

FILE = ROOT / "reference-impl" / "worst" / "behaviours.h"
KEPT = ROOT / "tests" / "worst" / "kept.toml"
STRING = r'"([^"]*)"'
STRINGS = rf"((?:\s*{STRING})+)"
ROW = re.compile(rf"\bX\((\w+), {STRING},{STRINGS},{STRINGS}\)")


@dataclass(frozen=True)
class Behaviour:
    name: str
    breaks: tuple[str, ...]  # statements
    text: str  # what it does
    copes: str  # what in the samples copes with it


@cache
def load() -> tuple[Behaviour, ...]:
    source = FILE.read_text(encoding="utf-8").replace("\\\n", "\n")
    found = [row.group(1, 2, 3, 5) for row in ROW.finditer(source)]
    join = re.compile(STRING)
    return tuple(
        Behaviour(
            name.replace("_", "-"), tuple(breaks.split()), "".join(join.findall(text)), "".join(join.findall(copes))
        )
        for name, breaks, text, copes in found
    )


def that_break(statement: str) -> list[Behaviour]:
    return [behaviour for behaviour in load() if statement in behaviour.breaks]


@cache
def kept() -> dict[str, str]:
    """Why no behaviour breaks a statement that is decided here."""
    return {each["statement"]: each["reason"] for each in tomllib.loads(KEPT.read_text(encoding="utf-8"))["kept"]}
